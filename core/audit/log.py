"""The audit log in an SQLite file of its own: entries are added, never changed, each chained to the one before.

Its own file, so that a catalogue restored from a backup takes nothing out of the log, and so that every
process can write it, also one that does not hold the library.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from core.audit.events import AuditEvent, canonical, chain_hash
from core.errors import AuditUnavailable

# What the first entry is chained to.
GENESIS = "0" * 64
PATIENCE_SECONDS = 30
BATCH = 500
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
# REPLACE removes rows without asking a DELETE trigger; the number that a new entry must have leaves it nothing
# to replace. The head notes how long the chain is, so that entries missing at its end are missed.
GUARDS = (
    "CREATE TABLE entries (number INTEGER PRIMARY KEY, entry TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
    "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, hash TEXT NOT NULL)"
    " STRICT",
    "CREATE TRIGGER entries_in_order BEFORE INSERT ON entries"  # noqa: S608 - constants only
    " WHEN NEW.number IS NOT (SELECT number + 1 FROM head) " + REFUSE,
    "CREATE TRIGGER entries_advance AFTER INSERT ON entries"
    " BEGIN UPDATE head SET number = NEW.number, hash = NEW.hash; END",
    f"CREATE TRIGGER entries_unchanged BEFORE UPDATE ON entries {REFUSE}",
    f"CREATE TRIGGER entries_kept BEFORE DELETE ON entries {REFUSE}",
    "CREATE TRIGGER head_advances BEFORE UPDATE ON head WHEN NEW.number IS NOT OLD.number + 1"  # noqa: S608
    " OR NEW.hash IS NOT (SELECT hash FROM entries WHERE number = NEW.number) " + REFUSE,
    f"CREATE TRIGGER head_kept BEFORE DELETE ON head {REFUSE}",
    "CREATE TRIGGER head_single BEFORE INSERT ON head WHEN (SELECT count(*) FROM head) > 0 "  # noqa: S608
    + REFUSE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One stored entry; ``entry`` is its canonical JSON, ``number`` counts from 1."""

    number: int
    entry: str
    hash: str


class AuditSink(Protocol):
    """Takes events for the record."""

    def append(self, event: AuditEvent) -> int:
        """Store the event for good and give its number.

        Raises:
            AuditUnavailable: it could not be stored.
        """
        ...


class AuditLog:
    """The log in ``path``; safe to share between threads and processes, which take turns in SQLite."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, event: AuditEvent) -> int:
        """Store the event, chained to the last one, and give its number; it is on the disk on return.

        Raises:
            AuditUnavailable: the file cannot be written, or it is no audit log.
        """
        with self._failing_plainly(), closing(self._open()) as connection, connection:
            # One writer at a time from here on, so the time of an entry is never before its predecessor's.
            connection.execute("BEGIN IMMEDIATE")
            if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                for statement in GUARDS:
                    connection.execute(statement)
                connection.execute("INSERT INTO head VALUES (1, 0, ?)", (GENESIS,))
            number, previous = connection.execute("SELECT number, hash FROM head").fetchone()
            entry = canonical(event, datetime.now(UTC).isoformat(timespec="milliseconds"))
            row = (number + 1, entry, chain_hash(previous, entry))
            connection.execute("INSERT INTO entries VALUES (?, ?, ?)", row)
        return int(number) + 1

    def rows(self) -> Iterator[Row]:
        """Every entry in order; a reader that takes its time holds up nobody.

        Raises:
            AuditUnavailable: the file cannot be read, or it is no audit log.
        """
        # No bound at first: somebody may have put an entry below the first.
        last: int | None = None
        while batch := self._batch(last):
            yield from batch
            last = batch[-1].number

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry as they were noted when it was added; 0 for an empty log.

        Raises:
            AuditUnavailable: the file cannot be read, or it is no audit log.
        """
        if not self.path.exists():
            return 0, GENESIS
        with self._failing_plainly(), closing(self._open()) as connection:
            heads = connection.execute("SELECT number, hash FROM head").fetchall()
            if len(heads) != 1:
                raise sqlite3.DatabaseError
            return int(heads[0][0]), str(heads[0][1])

    def missing_guards(self) -> tuple[str, ...]:
        """Names of the tables and triggers that are not there as they were made.

        Raises:
            AuditUnavailable: the file cannot be read.
        """
        if not self.path.exists():
            return ()
        with self._failing_plainly(), closing(self._open()) as connection:
            present = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema")}
        return tuple(statement.split()[2] for statement in GUARDS if statement not in present)

    def _batch(self, after: int | None) -> list[Row]:
        if not self.path.exists():
            return []
        with self._failing_plainly(), closing(self._open()) as connection:
            found = connection.execute(
                "SELECT number, entry, hash FROM entries WHERE ?1 IS NULL OR number > ?1 ORDER BY number LIMIT ?2",
                (after, BATCH),
            )
            return [Row(*row) for row in found]

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=PATIENCE_SECONDS)
        # With a rollback journal, only EXTRA keeps an acknowledged entry through a loss of power.
        connection.execute("PRAGMA synchronous = EXTRA")
        return connection

    @contextmanager
    def _failing_plainly(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, TypeError) as error:
            raise AuditUnavailable(
                f"The audit log {self.path}",
                f"cannot be used ({error or type(error).__name__}).",
                "Nothing is done that cannot be logged. Free some disk space, make the file writable, or see"
                " proviso audit verify.",
            ) from error
