"""The uploaded PDFs as they came, stored under the sha256 of their bytes."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.storage.disk import is_full, storage_full

PARTIAL = ".tmp"
DAMAGED = ".damaged"
NAME = re.compile("[0-9a-f]{64}")


def contract_id_of(content: bytes) -> str:
    """The id of a contract: sha256 of its file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


class Originals:
    """Files named by their hash in one folder; a user's file name never becomes a path."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory

    def put(self, content: bytes) -> str:
        """Store ``content`` so that it survives a power cut; returns its contract id.

        Bytes that stand under this id and are not these are replaced.

        Raises:
            StorageFull: the disk is full; nothing is stored then.
            OSError: the folder is not writable; nothing is stored then.
        """
        contract_id = contract_id_of(content)
        if not self.intact(contract_id):
            self._write(contract_id, content)
        return contract_id

    def keep(self, contract_id: str, content: bytes) -> None:
        """Make sure that what ``put`` stored a moment ago is still there; cheap when it is.

        Raises:
            StorageFull, OSError: as ``put``.
        """
        if not (self._directory / contract_id).exists():
            self._write(contract_id, content)

    def get(self, contract_id: str) -> bytes:
        """The stored bytes.

        Raises:
            FileNotFoundError: nothing is stored under this id.
        """
        return (self._directory / contract_id).read_bytes()

    def intact(self, contract_id: str) -> bool:
        """True when the bytes stored under this id are those that it names."""
        try:
            with (self._directory / contract_id).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == contract_id
        except OSError:
            return False

    def remove(self, contract_id: str) -> None:
        """Forget the bytes of a contract."""
        (self._directory / contract_id).unlink(missing_ok=True)

    def ids(self) -> Iterator[str]:
        """Ids of everything stored."""
        return (path.name for path in self._directory.iterdir() if NAME.fullmatch(path.name))

    def partial(self) -> tuple[Path, ...]:
        """Files whose writing was never finished, or goes on at this moment."""
        return tuple(sorted(self._directory.glob(f"*{PARTIAL}")))

    def set_aside(self, contract_id: str) -> Path:
        """Rename bytes that are not what their name says, so that the file can be added again."""
        aside = self._directory / f"{contract_id}{DAMAGED}"
        (self._directory / contract_id).replace(aside)
        return aside

    def _write(self, contract_id: str, content: bytes) -> None:
        path = self._directory / contract_id
        try:
            # The same file may arrive twice at once: each writes a file of its own, the last rename wins.
            handle, name = tempfile.mkstemp(PARTIAL, f"{contract_id[:16]}.", self._directory)
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
            folder = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            if is_full(error, self._directory):
                raise storage_full(self._directory.parent) from error
            raise
