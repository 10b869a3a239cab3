"""BM25 over the chunks: rank_bm25's scores, computed from sparse postings instead of by walking documents.

An index is a row of segments that never change, each with marks on what was deleted of it. Adding appends a
segment, removing marks one, merging joins small neighbours; each gives a new index and touches what it is about,
so a search never sees half a change and no change walks the whole library.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.records import Hit
from core.storage.keyword_segment import KeywordDocument, Segment
from core.storage.live_segment import LiveSegment, WeightedQuery, merged
from core.storage.okapi import Okapi, average_idf, is_common
from core.storage.packed_words import Vocabulary

# The last bit of a score depends on the order in which contracts came; rounding keeps the order of ties the same
# in an index that was built again.
SCORE_DIGITS = 9
# No segment grows beyond this, so that merging takes a second and a few hundred megabytes in a library of any size.
SEGMENT_CHUNKS = 1 << 17
# A segment of which this share was deleted is written anew.
DEAD_SHARE = 0.25


@dataclass(frozen=True)
class KeywordIndex:
    """Term frequencies of all chunks in ``pieces``, in the order in which the chunks came.

    Scores are those of ``rank_bm25.BM25Okapi`` with its default parameters over the same tokens in that order.
    """

    vocabulary: Vocabulary
    pieces: tuple[LiveSegment, ...] = ()

    def __len__(self) -> int:
        return sum(piece.chunks for piece in self.pieces)

    @property
    def chunk_ids(self) -> tuple[str, ...]:
        """The ids of all chunks, in order."""
        return tuple(chunk_id for piece in self.pieces for chunk_id in piece.chunk_ids())

    @property
    def contract_ids(self) -> tuple[str, ...]:
        """The contract of each chunk."""
        return tuple(contract_id for piece in self.pieces for contract_id in piece.contract_ids())

    @classmethod
    def build(cls, documents: Iterable[KeywordDocument]) -> "KeywordIndex":
        """Index ``documents`` in the order given."""
        return cls(Vocabulary()).add(documents)

    def add(self, documents: Iterable[KeywordDocument]) -> "KeywordIndex":
        """A new index that also holds ``documents``.

        Raises:
            ValueError: a chunk is given twice, or its contract has it already.
        """
        return self.append(self.count(documents))

    def count(self, documents: Iterable[KeywordDocument]) -> tuple[LiveSegment, ...]:
        """The words of ``documents``, for ``append`` to this index or one made of it: the work of adding them."""
        return tuple(
            LiveSegment.whole(Segment.count(batch, self.vocabulary)) for batch in _batches(documents)
        )

    def append(self, counted: Sequence[LiveSegment]) -> "KeywordIndex":
        """A new index that also holds what ``count`` has counted; raises what ``add`` raises."""
        known: dict[str, set[str]] = {}
        for piece in counted:
            for chunk_id, contract_id in zip(piece.chunk_ids(), piece.contract_ids(), strict=True):
                if contract_id not in known:
                    known[contract_id] = self._chunks_of(contract_id)
                if chunk_id in known[contract_id]:
                    raise ValueError(f"Chunk {chunk_id!r} is in the keyword index already.")
                known[contract_id].add(chunk_id)
        return KeywordIndex(self.vocabulary, self.pieces + tuple(counted))

    def remove(self, contract_id: str) -> "KeywordIndex":
        """An index without the chunks of one contract."""
        return self.remove_all({contract_id})

    def remove_all(self, contract_ids: Collection[str]) -> "KeywordIndex":
        """An index without the chunks of these contracts."""
        left = tuple(piece.without(piece.live_runs(contract_ids)) for piece in self.pieces)
        if all(one is other for one, other in zip(left, self.pieces, strict=True)):
            return self
        return KeywordIndex(self.vocabulary, tuple(piece for piece in left if piece.chunks))

    def merge(self) -> "KeywordIndex":
        """The same index in fewer segments, itself when that is not worth the work.

        A segment is at least twice as large as the one after it, or too large to grow: a search looks into few
        segments, and a chunk is moved only a few times as the library grows.
        """
        groups = _worth_merging(self.pieces)
        if len(groups) == len(self.pieces) and not any(_wasteful(piece) for piece in self.pieces):
            return self
        return KeywordIndex(
            self.vocabulary,
            tuple(
                LiveSegment.whole(merged(group)) if len(group) > 1 or _wasteful(group[0]) else group[0]
                for group in groups
            ),
        )

    def scores(self, tokens: Sequence[str], weights: Sequence[float] | None = None) -> NDArray[np.float64]:
        """The BM25 score of every chunk for the query ``tokens``, shape (chunks,); ``weights`` as for ``search``."""
        parts = [piece.scores(query)[piece.alive] for piece, query in self._queries(tokens, weights)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def search(
        self,
        tokens: Sequence[str],
        limit: int,
        contract_ids: Collection[str] | None = None,
        weights: Sequence[float] | None = None,
    ) -> tuple[Hit, ...]:
        """The best ``limit`` chunks that hold at least one of ``tokens``, ties broken by chunk id.

        Args:
            tokens: the question through ``core.storage.tokens.tokenize``.
            limit: the largest number of hits, at least 1.
            contract_ids: only chunks of these contracts; None searches every contract.
            weights: what each of ``tokens`` counts, positive; by default 1, which is rank_bm25's score.

        Raises:
            ValueError: a weight is not positive, or there is not one for each token.
        """
        wanted = None if contract_ids is None else frozenset(contract_ids)
        found = itertools.chain.from_iterable(
            piece.best(query, limit, wanted) for piece, query in self._queries(tokens, weights)
        )
        best = sorted((-round(score, SCORE_DIGITS), chunk_id) for score, chunk_id in found)[:limit]
        return tuple(Hit(chunk_id, rank, -score) for rank, (score, chunk_id) in enumerate(best, start=1))

    def shares(self, tokens: Collection[str]) -> dict[str, float]:
        """The share (0-1) of all chunks that hold each of ``tokens``."""
        size = max(1, len(self))
        return {token: self._chunks_with(self.vocabulary.number(token)) / size for token in tokens}

    @cached_property
    def _saturations(self) -> tuple[NDArray[np.float64], ...]:
        average = sum(piece.tokens for piece in self.pieces) / max(1, len(self))
        okapi = Okapi(len(self), {})
        segments = [piece.segment for piece in self.pieces]
        return tuple(okapi.saturation(one.frequency, one.length, average) for one in segments)

    @cached_property
    def _floor(self) -> float:
        return Okapi(1, {}).epsilon * average_idf(self.pieces, len(self.vocabulary), len(self))

    def _queries(
        self, tokens: Sequence[str], weights: Sequence[float] | None
    ) -> Iterator[tuple[LiveSegment, WeightedQuery]]:
        factors = [1.0] * len(tokens) if weights is None else list(weights)
        if any(not factor > 0 for factor in factors):
            raise ValueError(f"The weights of a query's words must be positive, not {factors}.")
        weighted = tuple(self._weights(tokens, factors))
        for piece, saturation in zip(self.pieces, self._saturations, strict=True):
            yield piece, WeightedQuery(weighted, saturation)

    def _weights(self, tokens: Sequence[str], factors: Sequence[float]) -> list[tuple[int, float]]:
        """Number in the vocabulary and weighted inverse document frequency of each word that a chunk has, in order."""
        numbers = {token: self.vocabulary.number(token) for token in tokens}
        counts = {token: self._chunks_with(number) for token, number in numbers.items() if number is not None}
        size = len(self)
        rare = {token: count for token, count in counts.items() if count and not is_common(count, size)}
        weights = dict(Okapi(size, rare).idf)
        weights |= {token: self._floor for token, count in counts.items() if is_common(count, size)}
        return [
            (number, weights[token] * factor)
            for token, factor in zip(tokens, factors, strict=True)
            if token in weights and (number := numbers[token]) is not None
        ]

    def _chunks_with(self, number: int | None) -> int:
        return 0 if number is None else sum(piece.count(number) for piece in self.pieces)

    def _chunks_of(self, contract_id: str) -> set[str]:
        return {
            piece.segment.chunk_ids[row]
            for piece in self.pieces
            for run in piece.live_runs([contract_id])
            for row in range(*piece.segment.run_starts[run : run + 2].tolist())
        }


def _batches(documents: Iterable[KeywordDocument]) -> Iterator[list[KeywordDocument]]:
    remaining = iter(documents)
    while batch := list(itertools.islice(remaining, SEGMENT_CHUNKS)):
        yield batch


def _wasteful(piece: LiveSegment) -> bool:
    return piece.chunks < (1 - DEAD_SHARE) * len(piece.segment)


def _worth_merging(pieces: Iterable[LiveSegment]) -> list[list[LiveSegment]]:
    groups: list[list[LiveSegment]] = []
    for piece in pieces:
        groups.append([piece])
        while len(groups) > 1:
            last, before = (sum(one.chunks for one in group) for group in (groups[-1], groups[-2]))
            if before >= 2 * last or before + last > SEGMENT_CHUNKS:
                break
            groups[-2:] = [groups[-2] + groups[-1]]
    return groups
