"""What readers say of passages: this one answers the question, this one does not. The firm's own judgements."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.records import Judged
from core.storage.sqlite_file import Database

SCHEMA: Final = """
CREATE TABLE labels (
    question TEXT NOT NULL,
    chunk_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    verdict TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    page INTEGER NOT NULL,
    text TEXT NOT NULL,
    scope TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (question, chunk_id, actor)
) STRICT;
"""


class LabelVerdict(StrEnum):
    """What a reader says of a passage."""

    ANSWERS = "answers"
    DOES_NOT = "does not answer"


@dataclass(frozen=True, slots=True)
class Label:
    """One reader's judgement of one passage for one question.

    ``text`` is the passage as it was judged, ``scope`` the contracts that were searched (empty: all), ``at`` when, UTC,
    ISO 8601.
    """

    question: str
    chunk_id: str
    actor: str
    verdict: LabelVerdict
    contract_id: str
    page: int
    text: str
    scope: tuple[str, ...]
    at: str


class LabelStore:
    """Reads and writes labels; a reader has one for each question and passage. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, label: Label) -> None:
        """Store a label, in place of the same reader's earlier one."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    label.question,
                    label.chunk_id,
                    label.actor,
                    label.verdict,
                    label.contract_id,
                    label.page,
                    label.text,
                    "\n".join(label.scope),
                    label.at,
                ),
            )

    def withdraw(self, question: str, chunk_id: str, actor: str) -> None:
        """Forget a reader's label."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM labels WHERE question = ? AND chunk_id = ? AND actor = ?",
                (question, chunk_id, actor),
            )

    def of(self, question: str, actor: str) -> dict[str, LabelVerdict]:
        """A reader's verdicts on passages of a question, by chunk id."""
        rows = self._database.connection.execute(
            "SELECT chunk_id, verdict FROM labels WHERE question = ? AND actor = ?", (question, actor)
        )
        return {row["chunk_id"]: LabelVerdict(row["verdict"]) for row in rows}

    def all(self) -> tuple[Label, ...]:
        """Every label, the oldest first."""
        rows = self._database.connection.execute(
            "SELECT * FROM labels ORDER BY at, question, chunk_id, actor"
        )
        return tuple(
            Label(
                row["question"],
                row["chunk_id"],
                row["actor"],
                LabelVerdict(row["verdict"]),
                row["contract_id"],
                row["page"],
                row["text"],
                tuple(row["scope"].split("\n")) if row["scope"] else (),
                row["at"],
            )
            for row in rows
        )


def label_of(
    judged: Judged, question: str, scope: Collection[str], verdict: LabelVerdict, actor: str, at: str
) -> Label:
    """The label that ``actor`` gives a candidate."""
    chunk = judged.candidate.chunk
    return Label(
        question,
        chunk.chunk_id,
        actor,
        verdict,
        chunk.contract_id,
        chunk.page_start,
        chunk.text,
        tuple(scope),
        at,
    )


def settled(labels: Collection[Label]) -> tuple[Label, ...]:
    """One label for each question and passage: the latest word of anybody, in the order of the questions."""
    latest: dict[tuple[str, str], Label] = {}
    for label in sorted(labels, key=lambda one: one.at):
        latest[label.question, label.chunk_id] = label
    return tuple(
        sorted(latest.values(), key=lambda one: (one.question, one.contract_id, one.page, one.chunk_id))
    )
