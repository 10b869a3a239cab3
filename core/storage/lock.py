"""One process at a time holds a data directory, and the others learn which."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StoreBusy


def holder(directory: Path) -> str:
    """Who holds the data directory, such as ``process 4711 (the app)``, or an empty string."""
    try:
        return (directory / "holder").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


@contextmanager
def hold(directory: Path, role: str) -> Iterator[None]:
    """Hold ``directory`` for this process while the context lasts; ``role`` tells others what it is.

    The operating system drops the lock when the process ends, however it ends.

    Raises:
        StoreBusy: another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(directory / "lock", blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusy(
            f"The library in {directory}",
            f"is in use by {holder(directory) or 'another process'}.",
            "Use Proviso there, or stop that process and try again.",
        ) from None
    try:
        (directory / "holder").write_text(f"process {os.getpid()} ({role})", encoding="utf-8")
        yield
    finally:
        (directory / "holder").unlink(missing_ok=True)
        lock.release()
