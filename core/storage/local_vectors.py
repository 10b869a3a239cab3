"""Qdrant's local mode on disk, where its own engine has no build: opened, and made quick to write."""

import sqlite3
from pathlib import Path

from core.storage.qdrant_vectors import QdrantVectors, cannot_open, connect


def open_local_vectors(directory: Path, collection: str) -> QdrantVectors:
    """The vector index of local mode in ``directory``.

    Raises:
        StoreUnavailable: it is damaged.
        StoreBusy: another program has it open.
        StorageFull: there is no room to create it.
    """
    _write_ahead(directory / "collection" / collection / "storage.sqlite")
    return QdrantVectors(connect(directory), collection, directory=directory)


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
        busy = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
        raise cannot_open(storage.parents[2], error, busy=busy) from error
