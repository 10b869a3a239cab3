"""BM25 over the chunks: rank_bm25's scores, computed from sparse postings instead of by walking documents.

An index is immutable: adding and removing contracts give a new one, so a search never sees half a change.
It is persisted as plain arrays, without pickle.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi
from scipy import sparse

from core.records import Hit

# The last bit of a score depends on the order in which contracts came; rounding keeps the order of ties the same
# in an index that was built again.
SCORE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class KeywordDocument:
    """One chunk as the keyword index counts it."""

    chunk_id: str
    contract_id: str
    tokens: Sequence[str]


class _Statistics(BM25Okapi):  # type: ignore[misc]
    """rank_bm25's inverse document frequencies, floor included, from counts that are known already."""

    def __init__(self, corpus_size: int, document_frequencies: dict[str, int]) -> None:
        self.k1, self.b, self.epsilon = 1.5, 0.75, 0.25
        self.corpus_size = corpus_size
        self.idf: dict[str, float] = {}
        if document_frequencies:
            self._calc_idf(document_frequencies)


@dataclass(frozen=True)
class KeywordIndex:
    """Term frequencies of all chunks, as a sparse matrix of shape (chunks, terms).

    Scores are those of ``rank_bm25.BM25Okapi`` with its default parameters over the same tokens.
    """

    chunk_ids: tuple[str, ...]
    contract_ids: tuple[str, ...]
    terms: tuple[str, ...]
    frequencies: "sparse.csr_array[np.int32, tuple[int, int]]"

    @classmethod
    def build(cls, documents: Iterable[KeywordDocument]) -> "KeywordIndex":
        """Index ``documents`` in the order given."""
        return cls((), (), (), _matrix([], [], (0, 0))).add(documents)

    def add(self, documents: Iterable[KeywordDocument]) -> "KeywordIndex":
        """A new index that also holds ``documents``.

        Raises:
            ValueError: a chunk is in the index already.
        """
        documents = list(documents)
        vocabulary = dict(self._vocabulary)
        columns: list[int] = []
        rows: list[int] = []
        for row, document in enumerate(documents):
            columns.extend(vocabulary.setdefault(token, len(vocabulary)) for token in document.tokens)
            rows.extend([row] * len(document.tokens))
        known = set(self.chunk_ids)
        for document in documents:
            if document.chunk_id in known:
                raise ValueError(f"Chunk {document.chunk_id!r} is in the keyword index already.")
            known.add(document.chunk_id)
        shape = (len(documents), len(vocabulary))
        old = self.frequencies
        grown = sparse.csr_array(
            (old.data, old.indices, old.indptr), shape=(len(self.chunk_ids), len(vocabulary))
        )
        return KeywordIndex(
            self.chunk_ids + tuple(document.chunk_id for document in documents),
            self.contract_ids + tuple(document.contract_id for document in documents),
            tuple(vocabulary),
            sparse.csr_array(sparse.vstack([grown, _matrix(rows, columns, shape)], format="csr")),
        )

    def remove(self, contract_id: str) -> "KeywordIndex":
        """An index without the chunks of one contract."""
        return self.remove_all({contract_id})

    def remove_all(self, contract_ids: Collection[str]) -> "KeywordIndex":
        """An index without the chunks of these contracts."""
        if not set(contract_ids) & set(self.contract_ids):
            return self
        unwanted = frozenset(contract_ids)
        keep = [row for row, contract_id in enumerate(self.contract_ids) if contract_id not in unwanted]
        return KeywordIndex(
            tuple(self.chunk_ids[row] for row in keep),
            tuple(self.contract_ids[row] for row in keep),
            self.terms,
            sparse.csr_array(self.frequencies[np.asarray(keep, dtype=np.int64)]),
        )

    def scores(self, tokens: Sequence[str]) -> NDArray[np.float64]:
        """The BM25 score of every chunk for the query ``tokens``, shape (chunks,)."""
        scores = np.zeros(len(self.chunk_ids))
        for token in tokens:
            column = self._vocabulary.get(token)
            if column is None:
                continue
            rows, frequency = self._postings(column)
            scores[rows] += (self._statistics.idf.get(token) or 0) * (
                frequency * (self._statistics.k1 + 1) / (frequency + self._length_norm[rows])
            )
        return scores

    def search(
        self, tokens: Sequence[str], limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The best ``limit`` chunks that hold at least one of ``tokens``, ties broken by chunk id.

        Args:
            tokens: the question through ``core.storage.tokens.tokenize``.
            limit: the largest number of hits.
            contract_ids: only chunks of these contracts; None searches every contract.
        """
        matching = np.zeros(len(self.chunk_ids), dtype=np.bool_)
        for token in set(tokens) & self._vocabulary.keys():
            matching[self._postings(self._vocabulary[token])[0]] = True
        if contract_ids is not None:
            wanted = frozenset(contract_ids)
            matching &= np.fromiter(
                (contract_id in wanted for contract_id in self.contract_ids), np.bool_, len(self.contract_ids)
            )
        rows = np.flatnonzero(matching)
        scores = self.scores(tokens)
        best = sorted((-round(float(scores[row]), SCORE_DIGITS), self.chunk_ids[row]) for row in rows)[:limit]
        return tuple(Hit(chunk_id, rank, -score) for rank, (score, chunk_id) in enumerate(best, start=1))

    def save(self, path: Path) -> None:
        """Write the index to ``path`` so that a reader sees the old file or the new one, never a part."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_suffix(".tmp")
        try:
            with temporary.open("wb") as file:
                np.savez(
                    file,
                    chunk_ids=_packed(self.chunk_ids),
                    contract_ids=_packed(self.contract_ids),
                    terms=_packed(self.terms),
                    data=self.frequencies.data,
                    indices=self.frequencies.indices,
                    indptr=self.frequencies.indptr,
                )
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> "KeywordIndex":
        """Read an index that ``save`` wrote.

        Raises:
            ValueError: the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                chunk_ids, terms = _unpacked(arrays["chunk_ids"]), _unpacked(arrays["terms"])
                contract_ids = _unpacked(arrays["contract_ids"])
                parts = (arrays["data"], arrays["indices"], arrays["indptr"])
            frequencies = sparse.csr_array(parts, shape=(len(chunk_ids), len(terms)))
            frequencies.check_format(full_check=True)
        except Exception as error:
            # Flipped bits make zipfile, numpy and scipy raise nearly everything, MemoryError included.
            raise ValueError(f"{path} is no keyword index ({type(error).__name__}).") from error
        if len(contract_ids) != len(chunk_ids):
            raise ValueError(f"{path} is no keyword index (it names {len(contract_ids)} contracts).")
        return cls(chunk_ids, contract_ids, terms, frequencies)

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def _by_term(self) -> "sparse.csc_array[np.int32]":
        return self.frequencies.tocsc()

    @cached_property
    def _statistics(self) -> _Statistics:
        counts = np.diff(self._by_term.indptr)
        used = {term: int(count) for term, count in zip(self.terms, counts, strict=True) if count}
        return _Statistics(len(self.chunk_ids), used)

    @cached_property
    def _length_norm(self) -> NDArray[np.float64]:
        # The same operations in the same order as rank_bm25, so that the scores are the same to the last bit.
        lengths = np.asarray(self.frequencies.sum(axis=1), dtype=np.int64)
        average = int(lengths.sum()) / max(1, len(lengths))
        k1, b = self._statistics.k1, self._statistics.b
        return np.asarray(k1 * (1 - b + b * lengths / (average or 1.0)))

    def _postings(self, column: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        begin, end = self._by_term.indptr[column], self._by_term.indptr[column + 1]
        return self._by_term.indices[begin:end], self._by_term.data[begin:end]


def _matrix(
    rows: Sequence[int], columns: Sequence[int], shape: tuple[int, int]
) -> "sparse.csr_array[np.int32, tuple[int, int]]":
    ones = np.ones(len(rows), dtype=np.int32)
    # Repeated entries of a coordinate matrix add up: the number of times a term occurs in a chunk.
    return sparse.csr_array(sparse.coo_array((ones, (rows, columns)), shape=shape, dtype=np.int32))


def _packed(words: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode("utf-8"), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8]) -> tuple[str, ...]:
    text = packed.tobytes().decode("utf-8")
    return tuple(text.split("\n")) if text else ()
