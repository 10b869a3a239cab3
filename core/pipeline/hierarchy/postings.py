"""Which rows hold a word: sorted arrays of digests instead of a dictionary of lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pipeline.hierarchy.outline import Digests, digests

Rows = NDArray[np.int64]
K1, B = 1.5, 0.75


@dataclass(frozen=True)
class Postings:
    """The distinct words of ``size`` rows.

    Attributes:
        words: the digest of every posting, ascending.
        rows: the row of each, ascending within a word.
        lengths: number of words of each row, shape (size,).
    """

    words: Digests
    rows: Rows
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Digests]) -> "Postings":
        """Index ``rows``, each an array of distinct digests."""
        words = np.concatenate([np.zeros(0, dtype=np.uint32), *rows])
        return cls.joined(words, np.asarray([len(row) for row in rows], dtype=np.int64))

    @classmethod
    def joined(cls, words: Digests, lengths: NDArray[np.int64]) -> "Postings":
        """The same of rows that stand one after the other in ``words``."""
        of = np.repeat(np.arange(len(lengths)), lengths)
        order = np.argsort(words, kind="stable")
        return cls(words[order], of[order], lengths)

    def holding(self, word: str) -> Rows:
        """The rows that hold ``word``, ascending."""
        digest = digests([word])[0]
        begin, end = np.searchsorted(self.words, digest, "left"), np.searchsorted(self.words, digest, "right")
        return self.rows[begin:end]

    def scores(self, words: Iterable[str]) -> NDArray[np.float64]:
        """BM25 of every row for ``words``, each row holding a word once or not at all; shape (size,)."""
        size = len(self.lengths)
        total = np.zeros(size)
        average = max(1.0, float(self.lengths.mean())) if size else 1.0
        worth = (K1 + 1) / (1 + K1 * (1 - B + B * self.lengths / average))
        for word in dict.fromkeys(words):
            rows = self.holding(word)
            # As Lucene has it: never negative, so a word that most rows hold does no harm.
            total[rows] += worth[rows] * np.log(1 + (size - len(rows) + 0.5) / (len(rows) + 0.5))
        return total
