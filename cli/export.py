"""The file that ``proviso ask --export`` writes."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from core.errors import InvalidSettings
from core.export.records import Format


def checked_kind(path: Path, batch: Path | None) -> Format:
    """The kind of file that ``path`` asks for, checked before a question is put.

    Raises:
        InvalidSettings: an ending that is none of the kinds, a folder that is not there, or a batch.
    """
    if batch is not None:
        raise InvalidSettings("--export", "writes the record of one question.", "Leave --batch out.")
    try:
        kind = Format(path.suffix.removeprefix(".").lower())
    except ValueError:
        endings = ", ".join(f".{kind.value}" for kind in Format)
        raise InvalidSettings(str(path), f"ends in none of {endings}.", "Give one of them.") from None
    if not path.parent.is_dir():
        raise InvalidSettings(str(path), "its folder is not there.", "Make the folder first.")
    if path.is_dir():
        raise InvalidSettings(str(path), "is a folder.", "Give the name of a file.")
    return kind


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``, whole or not at all, readable for its owner alone.

    Raises:
        InvalidSettings: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise InvalidSettings(str(path), f"cannot be written ({reason}).", "Choose another place.") from None
    sys.stderr.write(f"Written: {path}\n")
