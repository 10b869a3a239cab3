"""One process at a time holds a data directory, and the others learn which."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StoreBusy
from core.storage.disk import make_folder, not_writable


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
        StorageFull: there is no room for the lock.
        InvalidSettings: the folder cannot be written.
    """
    make_folder(directory)
    lock = FileLock(directory / "lock", blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusy(
            f"The library in {directory}",
            f"is in use by {holder(directory) or 'another process'}.",
            "Use Proviso there, or stop that process and try again.",
        ) from None
    except OSError as error:
        raise not_writable(directory, error) from error
    try:
        # Only a courtesy to others: on a full disk Proviso still starts and answers.
        with suppress(OSError):
            (directory / "holder").write_text(f"process {os.getpid()} ({role})", encoding="utf-8")
        yield
    finally:
        (directory / "holder").unlink(missing_ok=True)
        lock.release()
