"""Hand-written stand-ins for the models, and small records, shared by the tests."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.answering.chat import ChatDelta, Message
from core.errors import ChatUnavailable
from core.models import Encoder, PairScores, Progress, ignore_progress
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Shelf, Tools
from core.records import Candidate, Chunk, ChunkKind, ContractText, Inquiry, Page, Profile, TextSource
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.storage.catalogue import Catalogue
from core.storage.database import CATALOGUE
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.open_vectors import open_or_replace_vectors
from core.storage.originals import Originals, contract_id_of
from core.storage.sqlite_file import Database
from core.storage.tokens import tokenize
from core.storage.vector_index import VectorIndex

DIMENSION = 16


class WordEncoder:
    """Each word votes for one of 16 components: texts that share words lie near each other."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in enumerate(texts):
            for token in tokenize(text):
                vectors[row, hashlib.sha256(token.encode()).digest()[0] % DIMENSION] += 1.0
            vectors[row, 0] += 1e-3
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


class OverlapScorer:
    """The logit is the number of question words that a passage holds, minus one."""

    name = "overlap"

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        wanted = set(tokenize(question))
        logits = [len(wanted & set(tokenize(passage))) - 1.0 for passage in passages]
        on_progress(len(passages), len(passages))
        return PairScores(np.asarray(logits), np.zeros(len(passages), dtype=np.bool_))

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float64]:
        return self.score_pairs(question, passages).relevance


class TableScorer:
    """Logits from a table by passage text; unknown passages get -10. Of some only the first look's is known."""

    def __init__(
        self,
        logits: dict[str, float],
        truncated: frozenset[str] = frozenset(),
        first_look: frozenset[str] = frozenset(),
    ) -> None:
        self._logits = logits
        self._truncated = truncated
        self._first_look = first_look

    def score_pairs(
        self,
        question: str,  # noqa: ARG002
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        on_progress(len(passages), len(passages))
        logits = np.asarray([self._logits.get(passage, -10.0) for passage in passages])
        truncated, alone = (
            np.asarray([passage in known for passage in passages], dtype=np.bool_)
            for known in (self._truncated, self._first_look)
        )
        return PairScores(logits, truncated, alone)


class Writes:
    """A chat model that says one thing, or fails after it."""

    def __init__(self, text: str, failure: ChatUnavailable | None = None) -> None:
        self.text, self.failure = text, failure
        self.asked: list[tuple[Message, ...]] = []

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        self.asked.append(messages)
        yield ChatDelta(self.text)
        if self.failure is not None:
            raise self.failure
        yield ChatDelta("", "stop")


def make_chunk(text: str, ordinal: int = 0, contract_id: str = "a" * 64, context: str = "") -> Chunk:
    """A chunk whose id is ``<first character of the contract id>-<ordinal>`` padded into a UUID."""
    chunk_id = f"{contract_id[:8]}-0000-4000-8000-{ordinal:012d}"
    return Chunk(
        chunk_id, contract_id, ordinal, 0, len(text), text, ("1 Heading",), ChunkKind.CLAUSE, 1, 1, context
    )


def make_contract(name: str, clauses: Sequence[str]) -> tuple[ContractText, tuple[Chunk, ...]]:
    """A one-page contract whose chunks are ``clauses``."""
    text = "\n".join(clauses)
    contract_id = contract_id_of(f"{name}\n{text}".encode())
    page = Page(1, "1", 0, len(text), TextSource.TEXT)
    chunks = []
    start = 0
    for ordinal, clause in enumerate(clauses):
        one = make_chunk(clause, ordinal, contract_id)
        chunks.append(
            Chunk(
                one.chunk_id,
                contract_id,
                ordinal,
                start,
                start + len(clause),
                clause,
                (f"{ordinal + 1} Clause",),
                ChunkKind.CLAUSE,
                1,
                1,
                name,
            )
        )
        start += len(clause) + 1
    return ContractText(contract_id, f"{name}.pdf", text, (page,)), tuple(chunks)


Opener = Callable[[Settings, Path, str], VectorIndex]


def open_test_library(
    directory: Path, fingerprint: str = "test", opener: Opener = open_or_replace_vectors
) -> Library:
    """A real library (SQLite, embedded Qdrant, BM25) in ``directory``, recovered."""
    database = Database(directory / "catalogue.sqlite3", CATALOGUE)
    library = Library(
        Catalogue(database),
        Jobs(database),
        Originals(directory / "originals"),
        opener(Settings(), directory, f"chunks_{fingerprint}"),
        directory / "bm25" / "test.json",
        fingerprint,
    )
    library.recover()
    return library


def local_mode(settings: Settings, directory: Path, collection: str) -> VectorIndex:
    """The vector store of a machine that qdrant-edge-py has no build for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.storage.open_vectors.EDGE_MODULE", "no_such_module")
        return open_or_replace_vectors(settings, directory, collection)


def add_contract(library: Library, name: str, clauses: Sequence[str]) -> str:
    """Add a contract made of ``clauses``; returns its id."""
    contract, chunks = make_contract(name, clauses)
    library.originals.put(f"{name}\n{contract.text}".encode())
    vectors = WordEncoder().encode([chunk.situated_text for chunk in chunks])
    library.add(contract, Profile(name), chunks, vectors)
    return contract.contract_id


def retrieve_hybrid(
    inquiry: Inquiry, shelf: Shelf, encoder: Encoder, rrf_k: int = 60
) -> tuple[Candidate, ...]:
    """The candidates of the default recipe."""
    return retrieve(inquiry, default_recipe(), Tools(shelf, encoder, inquiry.candidates, rrf_k)).candidates
