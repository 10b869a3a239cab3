"""The uploaded PDFs as they came, stored under the sha256 of their bytes."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


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

        Raises:
            OSError: the disk is full or not writable; nothing is stored then.
        """
        contract_id = contract_id_of(content)
        path = self._directory / contract_id
        if path.exists():
            return contract_id
        temporary = self._directory / f"{contract_id}.{os.getpid()}.tmp"
        try:
            with temporary.open("wb") as file:
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
        return contract_id

    def get(self, contract_id: str) -> bytes:
        """The stored bytes.

        Raises:
            FileNotFoundError: nothing is stored under this id.
        """
        return (self._directory / contract_id).read_bytes()

    def remove(self, contract_id: str) -> None:
        """Forget the bytes of a contract."""
        (self._directory / contract_id).unlink(missing_ok=True)

    def ids(self) -> Iterator[str]:
        """Ids of everything stored."""
        return (path.name for path in self._directory.iterdir() if path.suffix != ".tmp")
