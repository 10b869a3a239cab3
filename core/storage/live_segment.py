"""A segment and what has been deleted of it: deleting marks a contract's rows, nothing is rewritten."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from core.storage.array_file import AnyArray
from core.storage.highest import Floats, highest
from core.storage.keyword_segment import Counted, Integers, Segment, concatenated

# The rows of up to this many runs are looked up in the postings of each word; of more they are chosen afterwards.
FEW_RUNS = 32
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WeightedQuery:
    """What a segment needs to score a query.

    Attributes:
        weights: number in the vocabulary and inverse document frequency of each query word, repeats included.
        saturation: BM25's term frequency factor for each of the segment's codes.
    """

    weights: tuple[tuple[int, float], ...]
    saturation: Floats


@dataclass(frozen=True)
class LiveSegment:
    """A segment without its deleted runs.

    Attributes:
        segment: all chunks that ever were in it.
        dead: the deleted runs.
        alive: which rows are left, shape (rows,).
        counts: number of rows left that have each column's word, shape (columns,).
        first: where each column stands first in what is left of ``segment.chunk_columns``, shape (columns,).
        chunks: number of rows left.
        tokens: number of their tokens.
    """

    segment: Segment
    dead: frozenset[int]
    alive: Flags
    counts: Integers
    first: Integers
    chunks: int
    tokens: int

    @classmethod
    def whole(cls, segment: Segment) -> "LiveSegment":
        """All of ``segment``."""
        return cls(
            segment,
            frozenset(),
            np.ones(len(segment), dtype=np.bool_),
            np.diff(segment.word_starts),
            segment.first,
            len(segment),
            int(segment.lengths.sum(dtype=np.int64)),
        )

    def without(self, runs: Iterable[int]) -> "LiveSegment":
        """The same without these runs; work is done for their rows and the words in them."""
        gone = sorted(set(runs) - self.dead)
        if not gone:
            return self
        segment = self.segment
        ranges = segment.rows_of_runs(gone).tolist()
        alive = self.alive.copy()
        for begin, end in ranges:
            alive[begin:end] = False
        spans = [(int(segment.chunk_starts[begin]), int(segment.chunk_starts[end])) for begin, end in ranges]
        columns = concatenated(segment.chunk_columns[begin:end] for begin, end in spans)
        counts = self.counts - np.bincount(columns, minlength=len(self.counts))
        first = self.first.copy()
        stood = concatenated(np.arange(begin, end) for begin, end in spans)
        for column in columns[first[columns] == stood].tolist():
            if counts[column]:
                first[column] = self._first(column, alive)
        lost = sum(int(segment.lengths[begin:end].sum(dtype=np.int64)) for begin, end in ranges)
        left = self.chunks - sum(end - begin for begin, end in ranges)
        return LiveSegment(segment, self.dead | set(gone), alive, counts, first, left, self.tokens - lost)

    def words(self) -> NDArray[np.int32]:
        """The words that are left, in the order of their first occurrence, as numbers of the vocabulary."""
        left = np.flatnonzero(self.counts)
        if self.dead:
            left = left[np.argsort(self.first[left], kind="stable")]
        return self.segment.words[left]

    def count(self, word: int) -> int:
        """The number of chunks that have a word of the vocabulary."""
        column = self.segment.column(word)
        return 0 if column is None else int(self.counts[column])

    def live_runs(self, contract_ids: Iterable[str]) -> list[int]:
        """The runs of these contracts that are not deleted."""
        runs = self.segment.runs
        found = [run for one in contract_ids if one in runs for run in runs[one]]
        return [run for run in found if run not in self.dead] if self.dead else found

    def chunk_ids(self) -> Iterable[str]:
        """The chunks that are left, in order."""
        return compress(self.segment.chunk_ids, self.alive.tolist())

    def contract_ids(self) -> Iterable[str]:
        """The contract of each chunk that is left."""
        segment = self.segment
        for run, contract_id in enumerate(segment.run_contracts):
            if run not in self.dead:
                yield from [contract_id] * int(segment.run_starts[run + 1] - segment.run_starts[run])

    def scores(self, query: WeightedQuery, ranges: Integers | None = None) -> Floats:
        """The BM25 score of every row, deleted ones included; with ``ranges``, of the rows in them only."""
        scores = np.zeros(len(self.segment))
        for word, inverse_frequency in query.weights:
            rows, codes = self._postings(word, ranges)
            # One addition a word in the query's order, as rank_bm25 does it: equal to the last bit.
            added = inverse_frequency * query.saturation
            np.add.at(scores, rows, added.take(codes, mode="clip"))
        return scores

    def best(
        self, query: WeightedQuery, limit: int, contract_ids: Collection[str] | None
    ) -> list[tuple[float, str]]:
        """Score and id of the best ``limit`` matching chunks and of those that tie with the last; in no order."""
        runs = None if contract_ids is None else self.live_runs(contract_ids)
        if runs is not None and not runs:
            return []
        few = self.segment.rows_of_runs(runs) if runs is not None and len(runs) <= FEW_RUNS else None
        scores = self.scores(query, few)
        floor = 0.0
        if any(weight <= 0 for _, weight in query.weights):
            # A word in half of the chunks or more may weigh nothing: the score does not say what matches.
            floor = -np.inf
            scores[~self._matching(query, few)] = floor
        if self.dead:
            scores = np.where(self.alive, scores, floor)
        if runs is not None and few is None:
            scores = np.where(self._rows_of(runs), scores, floor)
        rows = highest(scores, limit, floor)
        return list(zip(scores[rows].tolist(), self.segment.chunk_ids.pick(rows), strict=True))

    def _matching(self, query: WeightedQuery, ranges: Integers | None) -> Flags:
        matching = np.zeros(len(self.segment), dtype=np.bool_)
        for word, _ in query.weights:
            matching[self._postings(word, ranges)[0]] = True
        return matching

    def _rows_of(self, runs: Sequence[int]) -> Flags:
        chosen = np.zeros(len(self.segment.run_contracts), dtype=np.bool_)
        chosen[runs] = True
        return np.repeat(chosen, np.diff(self.segment.run_starts))

    def _postings(self, word: int, ranges: Integers | None) -> tuple[Integers, AnyArray]:
        segment = self.segment
        column = segment.column(word)
        if column is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint16)
        begin, end = segment.word_starts[column : column + 2].tolist()
        rows, codes = segment.word_rows[begin:end], segment.word_codes[begin:end]
        if ranges is not None:
            # Row numbers of the same type, or the whole array would be converted to search it.
            bounds = np.searchsorted(rows, ranges.astype(np.int32)).tolist()
            rows = concatenated(rows[low:high] for low, high in bounds)
            codes = concatenated(codes[low:high] for low, high in bounds)
        return rows.astype(np.int64), codes

    def _first(self, column: int, alive: Flags) -> int:
        segment = self.segment
        rows = segment.word_rows[segment.word_starts[column] : segment.word_starts[column + 1]]
        row = int(rows[int(np.argmax(alive[rows]))])
        begin, end = segment.chunk_starts[row : row + 2].tolist()
        return int(begin + np.argmax(segment.chunk_columns[begin:end] == column))


def merged(pieces: Sequence[LiveSegment]) -> Segment:
    """One segment of what is left of ``pieces``, in their order."""
    words, frequencies, sizes, lengths = [], [], [], []
    for piece in pieces:
        segment = piece.segment
        postings = np.repeat(piece.alive, np.diff(segment.chunk_starts))
        words.append(segment.words[segment.chunk_columns[postings]].astype(np.int64))
        frequencies.append(segment.frequency[segment.chunk_codes[postings]].astype(np.int64))
        sizes.append(np.diff(segment.chunk_starts)[piece.alive])
        lengths.append(segment.lengths[piece.alive].astype(np.int64))
    return Segment.of(
        Counted(
            np.concatenate(words),
            np.concatenate(frequencies),
            np.concatenate([[0], np.cumsum(np.concatenate(sizes))]),
            np.concatenate(lengths),
            [chunk_id for piece in pieces for chunk_id in piece.chunk_ids()],
            [contract_id for piece in pieces for contract_id in piece.contract_ids()],
        )
    )
