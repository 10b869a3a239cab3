"""What a full disk looks like from Python, SQLite and Qdrant, said in one way."""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from core.errors import InvalidSettings, ProvisoError, StorageFull

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# Without room for its side files SQLite says "I/O error" or "unable to open", whatever the reason is.
UNCLEAR = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
ROOM_FOR_SIDE_FILES = 256 * 1024
# Some file systems can only be asked how much is free.
CANNOT_RESERVE = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS})


def is_full(error: BaseException, directory: Path) -> bool:
    """True when ``error`` came about because the disk of ``directory`` is full or a quota is used up."""
    if isinstance(error, OSError):
        return error.errno in FULL
    if not isinstance(error, sqlite3.Error):
        return False
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or (code in UNCLEAR and _no_room(directory))


def storage_full(directory: Path) -> StorageFull:
    """The error that tells the user so."""
    return StorageFull(
        f"The library in {directory}",
        "cannot be written, because the disk is full or a quota is used up. Nothing that was stored is lost.",
        "Free some space; what waits in the queue then goes on.",
    )


def require_room(directory: Path, size: int, *, reserve: bool = False) -> None:
    """Make sure that ``size`` bytes can be written in ``directory``.

    A file that is mapped into memory tells of a full disk by ending the process: ask first.

    Args:
        directory: where they will be written.
        size: in bytes, files that have holes included.
        reserve: allocate them for a moment, which finds a quota too and takes some milliseconds.

    Raises:
        StorageFull: they cannot, because the disk is full or a quota is used up.
    """
    if shutil.disk_usage(directory).free < size:
        raise storage_full(directory.parent)
    if not (reserve and hasattr(os, "posix_fallocate")):
        return
    trial = directory / ".room"
    try:
        with trial.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    except OSError as error:
        if is_full(error, directory):
            raise storage_full(directory.parent) from error
        if error.errno not in CANNOT_RESERVE:
            raise
    finally:
        trial.unlink(missing_ok=True)


def holes(folder: Path) -> int:
    """Bytes of the files in ``folder`` that have no place on the disk yet, and get one when they are written."""
    files = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum(max(0, one.st_size - 512 * getattr(one, "st_blocks", one.st_size)) for one in files)


def make_folder(directory: Path) -> None:
    """Create a folder that only its owner may read, unless it is there.

    Raises:
        StorageFull: there is no room.
        InvalidSettings: it cannot be created.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise not_writable(directory, error) from error


def not_writable(directory: Path, error: OSError) -> ProvisoError:
    """The error that tells the user why a data directory cannot be used."""
    if is_full(error, directory):
        return storage_full(directory)
    return InvalidSettings(
        f"The data directory {directory}",
        f"cannot be written ({error.strerror or type(error).__name__}).",
        "Check who owns it, or choose another with PROVISO_DATA_DIR.",
    )


def _no_room(directory: Path) -> bool:
    try:
        return shutil.disk_usage(directory).free < ROOM_FOR_SIDE_FILES
    except OSError:
        return False
