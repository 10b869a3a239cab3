"""Facts derived from a contract, such as its outline or its part of the graph, by kind and version.

Everything here can be made again from the catalogue, so an upgrade that changes how a fact is made only raises the
version: contracts without a fact of that version are due.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.storage.sqlite_file import Database

Result = TypeVar("Result")
Facts = Iterator[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Growing(Generic[Result]):
    """A ``build`` whose result is changed by what has changed, where making it anew would take too long.

    Args:
        empty: what is built of no facts.
        change: a new result out of an old one, without the contracts given and with these facts.
    """

    empty: Result
    change: Callable[[Result, Collection[str], Facts], Result]

    def __call__(self, facts: Facts) -> Result:
        """The result of all facts."""
        return self.change(self.empty, (), facts)


@dataclass(frozen=True, slots=True)
class _Built:
    """A result that is remembered: of which state of the facts, and the sequence of each contract's."""

    stamp: tuple[object, ...]
    sequences: Mapping[str, int]
    result: Any


class Derived:
    """Reads and writes derived facts; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        # What is built of one kind must not wait for what is built of another.
        self._locks: dict[str, threading.Lock] = {}
        self._built: dict[str, _Built] = {}

    def put(self, contract_id: str, kind: str, version: str, body: bytes) -> None:
        """Store a fact in place of an older one; of a contract that is gone meanwhile nothing is stored."""
        self._database.connection.execute(
            "INSERT OR REPLACE INTO derived (contract_id, kind, version, body)"
            " SELECT contract_id, ?, ?, ? FROM contracts WHERE contract_id = ?",
            (kind, version, body, contract_id),
        )

    def forget(self, kind: str, contract_ids: Collection[str]) -> None:
        """Drop the facts of these contracts, for what they were made of has changed: they are due again."""
        self._database.connection.execute(
            "DELETE FROM derived WHERE kind = ? AND contract_id IN (SELECT value FROM json_each(?))",
            (kind, json.dumps(list(contract_ids))),
        )

    def due(self, kind: str, version: str) -> tuple[str, ...]:
        """Ids of the visible contracts that have no fact of this kind and version, the oldest first."""
        rows = self._database.connection.execute(
            "SELECT c.contract_id FROM contracts c LEFT JOIN derived d"
            " ON d.contract_id = c.contract_id AND d.kind = ?"
            " WHERE c.state = 'ready' AND d.version IS NOT ? ORDER BY c.added_at, c.contract_id",
            (kind, version),
        )
        return tuple(row["contract_id"] for row in rows)

    def counts(self, kind: str, version: str) -> tuple[int, int]:
        """How many visible contracts have a fact of this kind and version, and of how many making it failed."""
        row = self._database.connection.execute(
            "SELECT count(*), coalesce(sum(length(d.body) = 0), 0) FROM derived d JOIN contracts c USING (contract_id)"
            " WHERE d.kind = ? AND d.version = ? AND c.state = 'ready'",
            (kind, version),
        ).fetchone()
        return int(row[0]), int(row[1])

    def of(self, kind: str, version: str, contract_ids: Collection[str]) -> dict[str, bytes]:
        """The facts of these contracts, by contract id; those that have none yet are left out."""
        rows = self._database.connection.execute(
            "SELECT contract_id, body FROM derived WHERE kind = ? AND version = ?"
            " AND contract_id IN (SELECT value FROM json_each(?))",
            (kind, version, json.dumps(list(contract_ids))),
        )
        return {row["contract_id"]: row["body"] for row in rows}

    def digest(self, contract_ids: Collection[str]) -> str:
        """The sha256 of all facts of these contracts: what is worked out from them changes only when it does."""
        rows = self._database.connection.execute(
            "SELECT contract_id, kind, version, body FROM derived"
            " WHERE contract_id IN (SELECT value FROM json_each(?)) ORDER BY contract_id, kind",
            (json.dumps(list(contract_ids)),),
        )
        whole = hashlib.sha256()
        for row in rows:
            head = f"{row['contract_id']} {row['kind']} {row['version']} {len(row['body'])}\n"
            whole.update(head.encode() + row["body"])
        return whole.hexdigest()

    def all(self, kind: str, version: str, build: Callable[[Facts], Result]) -> Result:
        """What ``build`` makes of the facts of every visible contract, in the order of their ids.

        It is remembered until a fact of this kind is added, replaced or deleted; a kind has one ``build``.
        """
        with self._lock:
            lock = self._locks.setdefault(kind, threading.Lock())
        with lock:
            stamp = (version, *self._stamp(kind))
            known = self._built.get(kind)
            if known is None or known.stamp != stamp:
                known = self._build(kind, version, build, known, stamp)
                self._built[kind] = known
            result: Result = known.result
            return result

    def _build(
        self,
        kind: str,
        version: str,
        build: Callable[[Facts], Result],
        known: _Built | None,
        stamp: tuple[object, ...],
    ) -> _Built:
        if not isinstance(build, Growing):
            return _Built(stamp, {}, build(self._read(kind, version)))
        now = self._sequences(kind, version)
        if known is None or known.stamp[0] != version:
            known = _Built(stamp, {}, build.empty)
        gone = [one for one, sequence in known.sequences.items() if now.get(one) != sequence]
        fresh = [one for one, sequence in now.items() if known.sequences.get(one) != sequence]
        return _Built(stamp, now, build.change(known.result, gone, self._read(kind, version, fresh)))

    def _stamp(self, kind: str) -> tuple[int, int]:
        # A replaced row gets a higher sequence, a deleted one lowers the count.
        row = self._database.connection.execute(
            "SELECT count(*), coalesce(max(sequence), 0) FROM derived d JOIN contracts c USING (contract_id)"
            " WHERE d.kind = ? AND c.state = 'ready'",
            (kind,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def _sequences(self, kind: str, version: str) -> dict[str, int]:
        rows = self._database.connection.execute(
            "SELECT d.contract_id, d.sequence FROM derived d JOIN contracts c USING (contract_id)"
            " WHERE d.kind = ? AND d.version = ? AND c.state = 'ready'",
            (kind, version),
        )
        return {row["contract_id"]: row["sequence"] for row in rows}

    def _read(self, kind: str, version: str, contract_ids: Collection[str] | None = None) -> Facts:
        some = "" if contract_ids is None else " AND d.contract_id IN (SELECT value FROM json_each(?))"
        rows = self._database.connection.execute(
            "SELECT d.contract_id, d.body FROM derived d JOIN contracts c USING (contract_id)"  # noqa: S608
            f" WHERE d.kind = ? AND d.version = ? AND c.state = 'ready'{some} ORDER BY d.contract_id",
            (kind, version, *(() if contract_ids is None else (json.dumps(list(contract_ids)),))),
        )
        for row in rows:
            yield row["contract_id"], row["body"]
