"""Decisions in the workbench: stored whole, listed without being unpacked."""

import json
from dataclasses import dataclass, replace
from typing import Final

from core.errors import CatalogueUnusable, ProvisoError
from core.records import Answer
from core.storage.sqlite_file import Database
from core.timestamps import utc_now
from core.workbench.decision import Decision, DecisionKind, Sent, pack, unpack

SCHEMA: Final = """
CREATE TABLE decisions (
    decision_id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT NOT NULL,
    question TEXT NOT NULL,
    answer_kind TEXT NOT NULL,
    kept TEXT NOT NULL,
    sent INTEGER NOT NULL,
    record BLOB NOT NULL
) STRICT;
CREATE INDEX decisions_by_actor ON decisions (actor, at);
CREATE INDEX decisions_by_parent ON decisions (parent);
"""
_SUMMARY = "SELECT decision_id, at, actor, kind, parent, question, answer_kind, kept, sent FROM decisions"


class UnknownDecision(ProvisoError):
    """An id that is no decision of the workbench, or more than one."""


@dataclass(frozen=True, slots=True)
class DecisionSummary:
    """One line of the history. ``kept`` names the contracts of the kept passages, ``sent`` says that text left."""

    decision_id: str
    at: str
    actor: str
    kind: DecisionKind
    parent: str
    question: str
    answer_kind: str
    kept: tuple[str, ...]
    sent: bool


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions are listed, newest first; an empty field is no condition.

    Args:
        actor: exactly this one.
        words: each must occur in the question or in the title of a kept contract, case not counting.
        answer_kind: as ``core.records.AnswerKind`` has it; ``"none"`` for questions without an answer.
        since, until: days YYYY-MM-DD, both inclusive.
        limit, offset: paging.
    """

    actor: str = ""
    words: str = ""
    answer_kind: str = ""
    since: str = ""
    until: str = ""
    limit: int = 50
    offset: int = 0


class DecisionStore:
    """Reads and writes decisions; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, decision: Decision) -> None:
        """Store a decision, in place of an earlier state of it.

        Raises:
            StorageFull: the disk is full.
        """
        kept = [judged.candidate.contract_title for judged in decision.finding.ranking.kept]
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    decision.decision_id,
                    decision.at,
                    decision.actor,
                    decision.kind,
                    decision.parent,
                    decision.finding.inquiry.question,
                    decision.answer.kind if decision.answer is not None else "none",
                    json.dumps(list(dict.fromkeys(kept)), ensure_ascii=False),
                    int(bool(decision.sent)),
                    pack(decision),
                ),
            )

    def begin(self, decision_id: str, sent: tuple[Sent, ...]) -> None:
        """Store what is about to be sent for an answer; an answer of an earlier attempt is forgotten.

        Raises:
            StorageFull: the disk is full.
        """
        with self._database.transaction():
            decision = self._stored(decision_id)
            if decision is not None and (sent or decision.answer is not None):
                self.put(replace(decision, answer=None, sent=(*decision.sent, *sent)))

    def complete(self, decision_id: str, answer: Answer, *, in_place: bool = True) -> None:
        """Store the answer of a decision; a decision deleted meanwhile stays deleted.

        Args:
            decision_id: of the decision.
            answer: what was given.
            in_place: of an answer that is there already; else that one stays.

        Raises:
            StorageFull: the disk is full.
        """
        with self._database.transaction():
            decision = self._stored(decision_id)
            if decision is not None and (in_place or decision.answer is None):
                self.put(replace(decision, answer=answer))

    def get(self, name: str, actor: str = "") -> Decision:
        """The decision whose id begins with ``name``; with ``actor``, only if it is theirs.

        Raises:
            UnknownDecision: there is none, or more than one.
            CatalogueUnusable: its record is damaged.
        """
        wanted = name.strip().lower()
        rows = self._database.connection.execute(
            "SELECT decision_id, record FROM decisions"
            " WHERE substr(decision_id, 1, ?1) = ?2 AND (?3 = '' OR actor = ?3) LIMIT 2",
            (len(wanted), wanted, actor),
        ).fetchall()
        if not wanted or not rows:
            raise UnknownDecision(
                f"The decision {name!r}", "is not on record.", "proviso history lists them."
            )
        if len(rows) > 1:
            raise UnknownDecision(
                f"The decision {name!r}", "is more than one.", "Give more of its characters."
            )
        try:
            return unpack(rows[0]["record"])
        except Exception as error:
            reason = f"is damaged ({type(error).__name__})."
            raise CatalogueUnusable(f"The decision {rows[0]['decision_id']}", reason, "Delete it.") from error

    def find(self, wanted: DecisionFilter) -> tuple[DecisionSummary, ...]:
        """The decisions that ``wanted`` describes, newest first."""
        conditions, values = _conditions(wanted)
        rows = self._database.connection.execute(
            f"{_SUMMARY} {conditions} ORDER BY at DESC, decision_id LIMIT ? OFFSET ?",
            (*values, wanted.limit, wanted.offset),
        )
        return tuple(
            DecisionSummary(
                row["decision_id"],
                row["at"],
                row["actor"],
                DecisionKind(row["kind"]),
                row["parent"],
                row["question"],
                row["answer_kind"],
                tuple(json.loads(row["kept"])),
                bool(row["sent"]),
            )
            for row in rows
        )

    def count(self, wanted: DecisionFilter) -> int:
        """How many decisions ``wanted`` describes, paging aside."""
        conditions, values = _conditions(wanted)
        counted = f"SELECT count(*) FROM decisions {conditions}"  # noqa: S608 - conditions are constants
        return int(self._database.connection.execute(counted, values).fetchone()[0])

    def delete(self, decision_id: str) -> None:
        """Forget one decision, so that its texts are no longer in the file."""
        self._forget("DELETE FROM decisions WHERE decision_id = ?", decision_id)

    def delete_before(self, day: str) -> int:
        """Forget every decision of an earlier day than ``day`` (YYYY-MM-DD); returns how many."""
        return self._forget("DELETE FROM decisions WHERE at < ?", day)

    def _forget(self, statement: str, value: str) -> int:
        # Without it SQLite only marks the pages as free, and the texts stay in the file.
        self._database.connection.execute("PRAGMA secure_delete = ON")
        with self._database.transaction() as connection:
            forgotten = connection.execute(statement, (value,)).rowcount
        self._database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return forgotten

    def _stored(self, decision_id: str) -> Decision | None:
        row = self._database.connection.execute(
            "SELECT record FROM decisions WHERE decision_id = ?", (decision_id,)
        ).fetchone()
        return None if row is None else unpack(bytes(row["record"]))


def now() -> str:
    """The time, UTC, ISO 8601 to the second."""
    return utc_now().replace("+00:00", "Z")


def _conditions(wanted: DecisionFilter) -> tuple[str, tuple[str, ...]]:
    conditions: list[str] = []
    values: list[str] = []
    for condition, value in (
        ("actor = ?", wanted.actor),
        ("answer_kind = ?", wanted.answer_kind),
        ("substr(at, 1, 10) >= ?", wanted.since),
        ("substr(at, 1, 10) <= ?", wanted.until),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    for word in wanted.words.split():
        conditions.append("instr(lower(question || ' ' || kept), lower(?)) > 0")
        values.append(word)
    return (f"WHERE {' AND '.join(conditions)}" if conditions else ""), tuple(values)
