"""SQLite files that hold what must not be lost: connections, transactions, and failures that a user understands."""

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import CatalogueUnusable, ProvisoError, StoreBusy
from core.storage.disk import is_full, make_folder, storage_full

_TABLE: Final = re.compile(r"CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?(\w+)")


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file holds. ``name`` is what users call it, ``remedy`` what they can do when it is damaged;
    ``schema`` makes its tables, ``version`` counts the schema's changes, and ``upgrades`` leads an older file there:
    the first text from version 1 to 2, and so on.
    """

    name: str
    schema: str
    version: int
    remedy: str
    upgrades: tuple[str, ...] = ()

    def statements_from(self, version: int) -> list[str]:
        """What brings a file of ``version`` to today's; 0 is an empty file."""
        texts = [self.schema] if version == 0 else list(self.upgrades[version - 1 :])
        return [statement for text in texts for statement in text.split(";\n")]

    @property
    def tables(self) -> frozenset[str]:
        """The tables that ``schema`` makes."""
        return frozenset(_TABLE.findall(self.schema))


class Connection(sqlite3.Connection):
    """A connection whose failures are errors that a user can act on."""

    of: "FileKind"
    path = Path()

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401
        """One statement.

        Raises:
            StorageFull: the disk is full.
            StoreBusy: another process kept the file locked for half a minute.
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
            known = _understand(error, self.path, self.of)
            if known is None:
                raise
            raise known from error


class Database:
    """Connections to one SQLite file, one for each thread, in write-ahead mode with full synchronisation.

    Raises:
        CatalogueUnusable: the file is damaged, lacks a table, or is of a later schema than this Proviso knows.
        StorageFull: there is no room to create it.
    """

    def __init__(self, path: Path, kind: FileKind) -> None:
        make_folder(path.parent)
        self._path = path
        self._kind = kind
        self._local = threading.local()
        with self.transaction() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < kind.version:
                for statement in kind.statements_from(version):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {kind.version}")
            elif version > kind.version:
                raise CatalogueUnusable(
                    str(path),
                    f"was written by a newer Proviso (schema {version}, this one knows {kind.version}).",
                    "Use the newer Proviso, or another data directory.",
                )
            self._require_tables(connection)

    def _require_tables(self, connection: sqlite3.Connection) -> None:
        found = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master")}
        missing = ", ".join(sorted(self._kind.tables - found))
        if missing:
            subject = f"The {self._kind.name} {self._path}"
            raise CatalogueUnusable(subject, f"lacks what belongs in it: {missing}.", self._kind.remedy)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        try:
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30, factory=Connection)
        except sqlite3.DatabaseError as error:
            raise _understand(error, self._path, self._kind) or error from error
        connection.path, connection.of = self._path, self._kind
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
            raise damaged(self._path, type(error).__name__, self._kind) from error
        if finding != "ok":
            raise damaged(self._path, "its pages contradict each other", self._kind)


def damaged(path: Path, how: str, kind: FileKind) -> CatalogueUnusable:
    """The error that says how a file is damaged and what can be done."""
    return CatalogueUnusable(f"The {kind.name} {path}", f"is damaged ({how}).", kind.remedy)


def _understand(error: sqlite3.DatabaseError, path: Path, kind: FileKind) -> ProvisoError | None:
    if is_full(error, path.parent):
        return storage_full(path.parent)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error), kind)
    if code == sqlite3.SQLITE_BUSY:
        return StoreBusy(f"The {kind.name} {path}", "is locked by another process.", "Try again.")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return CatalogueUnusable(
            f"The {kind.name} {path}",
            f"cannot be opened for writing ({error}).",
            "Check who owns the folder.",
        )
    return None
