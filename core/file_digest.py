"""The sha256 of files that make a model what it is, read once for as long as they stay as they are."""

import hashlib
import threading
from functools import lru_cache
from pathlib import Path

# Many places ask for the same weights at once while the models and the library are opened.
_reading = threading.Lock()


def file_digest(path: Path) -> str:
    """The sha256 of a file in hexadecimal; a file whose size or time has changed is read again."""
    state = path.stat()
    with _reading:
        return _digest(str(path), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: str, size: int, modified: int) -> str:  # noqa: ARG001 - part of what is remembered
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
