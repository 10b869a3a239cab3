"""The SQLite file behind the catalogue and the jobs: schema, connections, transactions.

The catalogue is the source of truth. Both indexes can be rebuilt from it without reading a PDF or running a
model again: it holds the text, the chunks and the vectors.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import CatalogueUnusable, ProvisoError, StoreBusy
from core.storage.disk import is_full, make_folder, storage_full

CATALOGUE_FILE = "catalogue.sqlite3"
SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE contracts (
    contract_id TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    title TEXT NOT NULL,
    parties TEXT NOT NULL,
    date TEXT NOT NULL,
    governing_law TEXT NOT NULL,
    warnings TEXT NOT NULL,
    text TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staging', 'ready', 'deleting')),
    edited INTEGER NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE TABLE pages (
    contract_id TEXT NOT NULL REFERENCES contracts ON DELETE CASCADE,
    number INTEGER NOT NULL,
    label TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    source TEXT NOT NULL,
    confidence REAL,
    runs TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (contract_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunks (
    chunk_id TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    heading_path TEXT NOT NULL,
    kind TEXT NOT NULL,
    page_start INTEGER NOT NULL,
    page_end INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (contract_id, ordinal)
) STRICT;
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled')),
    cancel INTEGER NOT NULL DEFAULT 0,
    step TEXT NOT NULL DEFAULT 'waiting',
    progress REAL NOT NULL DEFAULT 0,
    report TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, job_id);
"""


class Connection(sqlite3.Connection):
    """A connection whose failures are errors that a user can act on."""

    path = Path()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401
        """One statement.

        Raises:
            StorageFull: the disk is full.
            StoreBusy: another process kept the catalogue locked for half a minute.
            CatalogueUnusable: the file is damaged.
        """
        with self._understood():
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        """One statement for many rows; raises what ``execute`` raises."""
        with self._understood():
            return super().executemany(sql, parameters)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            known = _understand(error, self.path)
            if known is None:
                raise
            raise known from error


class Database:
    """Connections to one SQLite file, one for each thread, in write-ahead mode with full synchronisation.

    Raises:
        CatalogueUnusable: the file is damaged, or of a later schema than this Proviso knows.
        StorageFull: there is no room to create it.
    """

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._path = path
        self._local = threading.local()
        with self.transaction() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version > SCHEMA_VERSION:
                raise CatalogueUnusable(
                    str(path),
                    f"was written by a newer Proviso (schema {version}, this one knows {SCHEMA_VERSION}).",
                    "Use the newer Proviso, or another data directory.",
                )

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30, factory=Connection)
        except sqlite3.DatabaseError as error:
            raise _understand(error, self._path) or error from error
        connection.path = self._path
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All statements inside happen together or not at all, also when the process is killed.

        A transaction inside a transaction of the same thread is a part of it.
        """
        connection = self.connection
        nested = connection.in_transaction
        if nested:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back on its own after some failures, a full disk among them.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close this thread's connection; it is opened again when it is needed."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if existing is not None:
            existing.close()

    def check(self) -> None:
        """Look through the whole file for damage; about a second for a gigabyte.

        Raises:
            CatalogueUnusable: it is damaged.
        """
        try:
            finding = str(self.connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise _damaged(self._path, type(error).__name__) from error
        if finding != "ok":
            raise _damaged(self._path, "its pages contradict each other")


def open_database(directory: Path) -> Database:
    """The catalogue's file in a data directory, created when the directory is new.

    Raises:
        CatalogueUnusable: it is damaged, of a later schema, or gone while originals are still there. An empty
            catalogue in its place would say "no contracts" where there are some.
        StorageFull: there is no room to create it.
    """
    path = directory / CATALOGUE_FILE
    if not (path.exists() and path.stat().st_size) and _holds_files(directory / "originals"):
        raise _damaged(path, "it is empty" if path.exists() else "it is missing")
    return Database(path)


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _damaged(path: Path, how: str) -> CatalogueUnusable:
    return CatalogueUnusable(
        f"The catalogue {path}",
        f"is damaged ({how}). The contracts' files in {path.parent / 'originals'} are kept.",
        "Put a backup of the catalogue in its place, or run proviso doctor --repair, which reads every stored"
        " file again; corrections made by hand are lost then.",
    )


def _understand(error: sqlite3.DatabaseError, path: Path) -> ProvisoError | None:
    if is_full(error, path.parent):
        return storage_full(path.parent)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    if code == sqlite3.SQLITE_BUSY:
        return StoreBusy(f"The catalogue {path}", "is locked by another process.", "Try again.")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return CatalogueUnusable(
            f"The catalogue {path}", f"cannot be opened for writing ({error}).", "Check who owns the folder."
        )
    return None
