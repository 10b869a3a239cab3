"""Qdrant's local mode on disk: opened, made quick to write, and moved aside when it is damaged."""

import logging
import shutil
import sqlite3
import time
from pathlib import Path

from core.errors import StoreBusy, StoreUnavailable
from core.settings import Settings
from core.storage.disk import is_full, storage_full
from core.storage.vector_index import VectorIndex, connect, server_of

logger = logging.getLogger(__name__)
DAMAGED = ".damaged-"


def open_vectors(settings: Settings, directory: Path, collection: str) -> VectorIndex:
    """The vector index that ``settings`` name: a server, or local mode in ``directory``.

    Raises:
        StoreUnavailable: a local store is damaged.
        StoreBusy: another program has the local store open.
        StorageFull: there is no room to create it.
    """
    server = server_of(settings)
    if server is not None:
        return VectorIndex(connect(settings, directory), collection, server)
    _write_ahead(directory / "collection" / collection / "storage.sqlite")
    return VectorIndex(connect(settings, directory), collection, directory=directory)


def open_or_replace_vectors(settings: Settings, directory: Path, collection: str) -> VectorIndex:
    """As ``open_vectors``; a damaged local store is moved aside and an empty one takes its place.

    The catalogue holds every vector, so a damaged store costs a rebuild and nothing else.
    """
    try:
        return open_vectors(settings, directory, collection)
    except StoreUnavailable as error:
        aside = move_aside(directory)
        logger.warning("%s It was moved to %s and is rebuilt from the catalogue.", error.reason, aside)
        return open_vectors(settings, directory, collection)


def move_aside(path: Path) -> Path:
    """Rename a damaged file or folder, and drop what was moved aside before; returns its new place."""
    for older in set_aside(path):
        shutil.rmtree(older, ignore_errors=True) if older.is_dir() else older.unlink(missing_ok=True)
    aside = path.with_name(f"{path.name}{DAMAGED}{time.time_ns()}")
    path.rename(aside)
    return aside


def set_aside(path: Path) -> tuple[Path, ...]:
    """What ``move_aside`` has kept of ``path``."""
    return tuple(sorted(path.parent.glob(f"{path.name}{DAMAGED}*")))


def _write_ahead(storage: Path) -> None:
    # Local mode commits every point by itself. In write-ahead mode, which SQLite remembers in the file, that
    # takes a quarter of the time and is as safe.
    try:
        storage.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(storage, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        directory = storage.parents[2]
        if is_full(error, directory):
            raise storage_full(directory.parent) from error
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
            raise StoreBusy(
                str(directory), "is open in another process.", "Stop that process and try again."
            ) from error
        raise StoreUnavailable(
            str(directory),
            f"the vector store cannot be opened ({type(error).__name__}).",
            "Run proviso doctor --repair.",
        ) from error
