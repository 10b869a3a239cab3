"""Clauses written for Proviso as they could stand in a contract, and which of them a question is about.

Source of the idea: Gao et al., "Precise Zero-Shot Dense Retrieval without Relevance Labels" (HyDE), ACL 2023. Without
a model service the hypothetical document is not written but chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.models import Encoder
from core.pipeline.rewriting.data_file import Table, damaged, read_tables, text_of, texts_of

FILE: Final = "model_clauses.toml"
_CLAUSE, _FIELDS = "clause", frozenset({"topic", "questions", "text"})


@dataclass(frozen=True, slots=True)
class ModelClause:
    """A clause, what it is about, and questions that a clause like it answers."""

    topic: str
    questions: tuple[str, ...]
    text: str

    @property
    def keys(self) -> tuple[str, ...]:
        """What a question is compared with."""
        return (self.topic, *self.questions)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The clause nearest to a question, and the cosine of the question and the nearest of the clause's keys."""

    clause: ModelClause
    similarity: float


def parse_clauses(tables: Sequence[Table]) -> tuple[ModelClause, ...]:
    """The clauses that ``tables`` describe.

    Raises:
        DamagedData: a field is no text or list of texts, or a topic stands twice.
    """
    clauses = tuple(_clause(number, table) for number, table in enumerate(tables, start=1))
    topics = [clause.topic for clause in clauses]
    for topic in topics:
        if topics.count(topic) > 1:
            raise damaged(FILE, f"the topic {topic!r} stands twice")
    return clauses


@cache
def shipped_clauses() -> tuple[ModelClause, ...]:
    """The clauses that come with Proviso; read once a process.

    Raises:
        DamagedData: their file is not as it was shipped.
    """
    return parse_clauses(read_tables(FILE, _CLAUSE, _FIELDS))


def nearest(question: str, encoder: Encoder, clauses: tuple[ModelClause, ...]) -> Nearest:
    """The clause that one of ``clauses`` has a topic or question nearest to ``question``; the first of equals."""
    similarities = key_vectors(encoder, clauses) @ encoder.encode([question])[0]
    best = int(np.argmax(similarities))
    owners = [clause for clause in clauses for _ in clause.keys]
    return Nearest(owners[best], float(similarities[best]))


@lru_cache(maxsize=2)
def key_vectors(encoder: Encoder, clauses: tuple[ModelClause, ...]) -> NDArray[np.float32]:
    """Unit vectors of all keys of ``clauses``, shape (keys, dimension); encoded once for an encoder."""
    return encoder.encode([key for clause in clauses for key in clause.keys])


def _clause(number: int, table: Table) -> ModelClause:
    where = f"clause {number}"
    return ModelClause(
        text_of(FILE, table["topic"], where),
        texts_of(FILE, table["questions"], where),
        text_of(FILE, table["text"], where),
    )
