"""Loose clauses as a shelf: what ``core.stage1_retrieve`` searches when there is no library of contracts."""

import hashlib
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.models import Encoder
from core.records import Chunk, ChunkKind, Contract, Hit
from core.storage.annotations import ContractNotes
from core.storage.derived import Facts
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument
from core.storage.tokens import tokenize

BATCH = 64
OnEncoded = Callable[[int, int], None]
Result = TypeVar("Result")


class ClauseShelf:
    """Clauses with the product's keyword index and exact cosines; each clause is its own contract, so that a
    scope of clause ids is a scope of contracts.
    """

    def __init__(self, clauses: Mapping[str, str], vectors: NDArray[np.float32]) -> None:
        self._chunks = {key: _chunk(key, text) for key, text in clauses.items()}
        self._rows = {key: row for row, key in enumerate(clauses)}
        self._vectors = vectors
        self._keywords = KeywordIndex.build(
            KeywordDocument(key, key, tokenize(text)) for key, text in clauses.items()
        )

    @property
    def titles(self) -> Mapping[str, str]:
        """No clause has a title."""
        return MappingProxyType(dict.fromkeys(self._chunks, ""))

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The ``limit`` clauses nearest to the question's vector, ties broken by id."""
        wanted = tuple(self._chunks) if contract_ids is None else tuple(contract_ids)
        near = self._vectors[[self._rows[key] for key in wanted]] @ encoder.encode([question])[0]
        best = sorted(zip((-near).tolist(), wanted, strict=True))[:limit]
        return tuple(Hit(key, rank, -score) for rank, (score, key) in enumerate(best, start=1))

    def bm25(
        self,
        tokens: list[str],
        limit: int,
        contract_ids: Collection[str] | None,
        weights: Sequence[float] | None = None,
    ) -> tuple[Hit, ...]:
        """The ``limit`` clauses with the best BM25 scores; ``weights`` is what each token counts."""
        return self._keywords.search(tokens, limit, contract_ids, weights)

    def shares(self, tokens: Collection[str]) -> Mapping[str, float]:
        """The share (0-1) of all clauses that hold each of ``tokens``."""
        return self._keywords.shares(tokens)

    def chunks(self, chunk_ids: Collection[str]) -> Mapping[str, Chunk]:
        """The clauses with these ids."""
        return {key: self._chunks[key] for key in chunk_ids if key in self._chunks}

    def contracts(self) -> tuple[Contract, ...]:
        """None: a clause says nothing about its contract."""
        return ()

    def chunks_of(self, contract_id: str) -> tuple[Chunk, ...]:
        """The clause with this id."""
        return (self._chunks[contract_id],)

    def notes(self, contract_id: str) -> ContractNotes:  # noqa: ARG002
        """None: what a clause defines or refers to lies outside it."""
        return ContractNotes()

    def text(self, contract_id: str) -> str:
        """The text of a clause."""
        return self._chunks[contract_id].text

    def facts(self, kind: str, version: str, contract_ids: Collection[str]) -> Mapping[str, bytes]:  # noqa: ARG002
        """Nothing is derived from loose clauses."""
        return {}

    def all_facts(self, kind: str, version: str, build: Callable[[Facts], Result]) -> Result:  # noqa: ARG002
        """Nothing is derived from loose clauses."""
        return build(iter(()))

    def cautions(self, contract_ids: Iterable[str]) -> tuple[str, ...]:  # noqa: ARG002
        """None: there are no files to be careful of."""
        return ()

    def passage_cautions(self, chunk: Chunk) -> tuple[str, ...]:  # noqa: ARG002
        """None, as above."""
        return ()


def encode_clauses(
    clauses: Mapping[str, str],
    identity: str,
    encoder: Callable[[], Encoder],
    directory: Path,
    on_encoded: OnEncoded = lambda *_: None,
) -> NDArray[np.float32]:
    """Unit vectors of ``clauses``, shape (clauses, dimension), kept in ``directory`` for the next time.

    Args:
        clauses: texts by id.
        identity: of the encoder's weights; other weights or other clauses are encoded anew.
        encoder: gives the encoder; called only when something has to be encoded.
        directory: where the vectors are kept.
        on_encoded: told how many are done and how many there are.
    """
    digest = hashlib.sha256("\0".join((identity, *clauses, *clauses.values())).encode()).hexdigest()
    kept = directory / f"clauses-{digest[:16]}.npy"
    try:
        vectors: NDArray[np.float32] = np.load(kept, allow_pickle=False)
        if vectors.shape[0] == len(clauses):
            return vectors
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        pass  # there is none yet, or it is damaged: either way it is made
    vectors = _encode(tuple(clauses.values()), encoder(), on_encoded)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = kept.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.save(file, vectors)
    temporary.replace(kept)
    return vectors


def _encode(texts: tuple[str, ...], encoder: Encoder, on_encoded: OnEncoded) -> NDArray[np.float32]:
    # Sorted by length, because a batch costs as much as its longest text.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    parts = []
    for begin in range(0, len(order), BATCH):
        parts.append(encoder.encode([texts[index] for index in order[begin : begin + BATCH]]))
        on_encoded(min(begin + BATCH, len(order)), len(order))
    vectors = np.concatenate(parts)
    restored = np.empty_like(vectors)
    restored[order] = vectors
    return restored


def _chunk(key: str, text: str) -> Chunk:
    # Pages that count from 1 do not exist here; 0 says so.
    return Chunk(key, key, 0, 0, len(text), text, (), ChunkKind.CLAUSE, 0, 0)
