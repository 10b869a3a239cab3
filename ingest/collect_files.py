"""Which files a command line means: PDFs named outright, and those in folders, recursively."""

from collections.abc import Iterable
from pathlib import Path

from core.errors import RejectedFile


def collect_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Every file named, and every ``*.pdf`` (any case) below a folder named, each once, in a stable order.

    A file named outright is taken whatever its suffix: its content decides. Links out of a folder are followed
    for files only, so a loop of folders ends.

    Raises:
        RejectedFile: a path does not exist.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.suffix.lower() == ".pdf" and inner.is_file():
                    found[inner] = None
        elif path.exists():
            found[path] = None
        else:
            raise RejectedFile(str(path), "there is no such file or folder.", "Check the path.")
    return tuple(found)
