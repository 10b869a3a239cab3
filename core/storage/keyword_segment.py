"""A part of the keyword index that never changes: the words of some chunks, by chunk and by word."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from core.storage.array_file import AnyArray
from core.storage.packed_words import PackedWords, Vocabulary

# A segment is searched without another look-up per chunk when its (frequency, length) pairs fit into a table.
LARGEST_TABLE = 1 << 24
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class KeywordDocument:
    """One chunk as the keyword index counts it."""

    chunk_id: str
    contract_id: str
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """Chunks with their words counted, before they become a segment.

    ``words`` and ``frequencies`` run over all chunks, each chunk's words in reading order; ``starts`` has
    shape (chunks + 1,), ``lengths`` is the number of tokens, shape (chunks,).
    """

    words: Integers
    frequencies: Integers
    starts: Integers
    lengths: Integers
    chunk_ids: Sequence[str]
    contract_ids: Sequence[str]


@dataclass(frozen=True)
class Segment:
    """Term frequencies of some chunks; rows count the chunks, columns the words by first occurrence.

    Consecutive chunks of one contract are a run: run n has the rows ``run_starts[n]`` to ``run_starts[n + 1]``.
    A code stands for a pair of term frequency and chunk length: all that BM25 needs to know of a posting.

    Attributes:
        name: unlike that of any other segment.
        words: number of each column's word in the vocabulary, shape (columns,).
        chunk_starts, chunk_columns, chunk_codes: by chunk, the columns in reading order.
        word_starts, word_rows, word_codes: by column, the rows ascending.
        first: where each column first stands in ``chunk_columns``, shape (columns,).
        frequency, length: of each code, shape (codes,).
        lengths: number of tokens of each chunk, shape (rows,).
    """

    name: str
    words: NDArray[np.int32]
    chunk_starts: Integers
    chunk_columns: NDArray[np.int32]
    chunk_codes: AnyArray
    word_starts: Integers
    word_rows: NDArray[np.int32]
    word_codes: AnyArray
    first: Integers
    frequency: NDArray[np.int32]
    length: NDArray[np.int32]
    lengths: NDArray[np.int32]
    chunk_ids: PackedWords
    run_contracts: PackedWords
    run_starts: Integers

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def count(cls, documents: Sequence[KeywordDocument], vocabulary: Vocabulary) -> "Segment":
        """A segment of ``documents``, in the order given."""
        counts = [Counter(document.tokens) for document in documents]
        sizes = np.fromiter(map(len, counts), np.int64, len(counts))
        return cls.of(
            Counted(
                np.asarray(vocabulary.numbers(word for one in counts for word in one), dtype=np.int64),
                np.asarray([number for one in counts for number in one.values()], dtype=np.int64),
                np.concatenate([[0], np.cumsum(sizes)]),
                np.asarray([len(document.tokens) for document in documents], dtype=np.int64),
                [document.chunk_id for document in documents],
                [document.contract_id for document in documents],
            )
        )

    @classmethod
    def of(cls, counted: Counted) -> "Segment":
        """A segment of chunks whose words are counted."""
        rows = len(counted.lengths)
        words, columns, first = _by_first_occurrence(counted.words)
        sizes = np.diff(counted.starts)
        codes, frequency, length = _paired(counted.frequencies, np.repeat(counted.lengths, sizes))
        by_word = sparse.csr_array(
            (codes, columns, counted.starts.astype(np.int32)), shape=(rows, len(words))
        ).tocsc()
        run_starts = _run_starts(counted.contract_ids)
        return cls(
            secrets.token_hex(8),
            words,
            counted.starts,
            columns,
            codes,
            by_word.indptr.astype(np.int64),
            by_word.indices.astype(np.int32),
            by_word.data,
            first,
            frequency,
            length,
            counted.lengths.astype(np.int32),
            PackedWords.of(counted.chunk_ids),
            PackedWords.of(counted.contract_ids[row] for row in run_starts[:-1]),
            run_starts,
        )

    @cached_property
    def runs(self) -> Mapping[str, tuple[int, ...]]:
        """The runs of each contract."""
        found: dict[str, tuple[int, ...]] = {}
        for run, contract_id in enumerate(self.run_contracts):
            found[contract_id] = (*found.get(contract_id, ()), run)
        return found

    @cached_property
    def _sorted_words(self) -> tuple[NDArray[np.int32], Integers]:
        order = np.argsort(self.words, kind="stable")
        return self.words[order], order

    def column(self, word: int) -> int | None:
        """The column of a word of the vocabulary, None when no chunk has it."""
        words, order = self._sorted_words
        # A number of another type would have the whole array converted.
        at = int(np.searchsorted(words, np.int32(word)))
        return int(order[at]) if at < len(words) and words[at] == word else None

    def rows_of_runs(self, runs: Sequence[int]) -> NDArray[np.int64]:
        """Beginnings and ends of the rows of these runs, neighbours joined, shape (ranges, 2); at least one run."""
        chosen = np.asarray(sorted(runs), dtype=np.int64)
        begins, ends = self.run_starts[chosen], self.run_starts[chosen + 1]
        apart = begins[1:] != ends[:-1]
        return np.column_stack(
            [begins[np.concatenate([[True], apart])], ends[np.concatenate([apart, [True]])]]
        )


def _by_first_occurrence(numbers: Integers) -> tuple[NDArray[np.int32], NDArray[np.int32], Integers]:
    """The distinct numbers in order of occurrence, ``numbers`` as positions in them, and where each first stands."""
    place = np.full(int(numbers.max(initial=-1)) + 1, -1, dtype=np.int64)
    # Of several values for one place the last is kept: backwards, that is the first occurrence.
    place[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    present = np.flatnonzero(place >= 0)
    order = present[np.argsort(place[present], kind="stable")]
    column = np.zeros(len(place), dtype=np.int32)
    column[order] = np.arange(len(order), dtype=np.int32)
    return order.astype(np.int32), column[numbers], place[order]


def _paired(
    frequencies: Integers, lengths: Integers
) -> tuple[AnyArray, NDArray[np.int32], NDArray[np.int32]]:
    """A code for every posting, and the frequency and length that each code stands for."""
    width = int(lengths.max(initial=0)) + 1
    key = frequencies * width + lengths
    top = int(key.max(initial=0)) + 1
    if top <= LARGEST_TABLE:
        present = np.zeros(top, dtype=np.bool_)
        present[key] = True
        distinct = np.flatnonzero(present)
        numbers = np.zeros(top, dtype=np.int32)
        numbers[distinct] = np.arange(len(distinct), dtype=np.int32)
        codes = numbers[key]
    else:
        distinct, codes = np.unique(key, return_inverse=True)
    kind = np.uint16 if len(distinct) <= 1 << 16 else np.uint32
    return codes.astype(kind), (distinct // width).astype(np.int32), (distinct % width).astype(np.int32)


def _run_starts(contract_ids: Sequence[str]) -> Integers:
    changes = [row for row in range(1, len(contract_ids)) if contract_ids[row] != contract_ids[row - 1]]
    return np.asarray([0, *changes, len(contract_ids)] if contract_ids else [0], dtype=np.int64)


def concatenated(pieces: Iterable[AnyArray]) -> AnyArray:
    """``pieces`` one after another; an empty array when there are none."""
    chosen = list(pieces)
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)
