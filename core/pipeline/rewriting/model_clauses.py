"""Clauses written for Proviso as they could stand in a contract, and which of them a question is about.

Source of the idea: Gao et al., "Precise Zero-Shot Dense Retrieval without Relevance Labels" (HyDE), ACL 2023. Without
a model service the hypothetical document is not written but chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.models import Encoder
from core.pipeline.rewriting.data_file import Table, damaged, read_tables, text_of, texts_of
from core.pipeline.rewriting.words import without_names

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
    """The clause nearest to a question, and its similarity: two parts that of the nearest of the clause's keys, one
    part that of its text, as cosines.
    """

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
    """The one of ``clauses`` nearest to ``question``, names in it apart; the first of equals.

    Names say which contract is meant and not what is asked, and would draw it to clauses on contracts of its type.
    """
    vectors = _kept.of(encoder, clauses)
    asked = encoder.encode([without_names(question)])[0]
    similarities = (2 * np.maximum.reduceat(vectors.keys @ asked, vectors.starts) + vectors.texts @ asked) / 3
    best = int(np.argmax(similarities))
    return Nearest(clauses[best], float(similarities[best]))


@dataclass(frozen=True, slots=True)
class ClauseVectors:
    """Unit vectors of all keys, shape (keys, dimension), clause by clause from row ``starts[n]`` on, and of the texts,
    shape (clauses, dimension).
    """

    keys: NDArray[np.float32]
    starts: NDArray[np.int64]
    texts: NDArray[np.float32]


class KeptVectors:
    """The clauses' vectors for the encoder asked for last: encoding them takes a second or two."""

    def __init__(self) -> None:
        self._kept: tuple[Encoder, tuple[ModelClause, ...], ClauseVectors] | None = None

    def of(self, encoder: Encoder, clauses: tuple[ModelClause, ...]) -> ClauseVectors:
        """The vectors of ``clauses``."""
        kept = self._kept
        if kept is None or kept[0] != encoder or kept[1] is not clauses:
            kept = (encoder, clauses, _encoded(encoder, clauses))
            self._kept = kept
        return kept[2]


_kept: Final = KeptVectors()


def _encoded(encoder: Encoder, clauses: tuple[ModelClause, ...]) -> ClauseVectors:
    return ClauseVectors(
        encoder.encode([key for clause in clauses for key in clause.keys]),
        np.cumsum([0, *(len(clause.keys) for clause in clauses[:-1])]),
        encoder.encode([clause.text for clause in clauses]),
    )


def _clause(number: int, table: Table) -> ModelClause:
    where = f"clause {number}"
    return ModelClause(
        text_of(FILE, table["topic"], where),
        texts_of(FILE, table["questions"], where),
        text_of(FILE, table["text"], where),
    )
