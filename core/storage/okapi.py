"""What a word weighs: rank_bm25's inverse document frequencies, from counts instead of documents."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from core.storage.live_segment import LiveSegment


class Okapi(BM25Okapi):  # type: ignore[misc]
    """rank_bm25's default parameters and its inverse document frequencies of words in at most half of the chunks.

    Args:
        corpus_size: number of chunks.
        counts: number of chunks that have each word.
    """

    def __init__(self, corpus_size: int, counts: Mapping[str, int]) -> None:
        self.k1, self.b, self.epsilon = 1.5, 0.75, 0.25
        self.corpus_size = corpus_size
        self.idf: dict[str, float] = {}
        if counts:
            self._calc_idf(counts)

    def saturation(
        self, frequency: NDArray[np.int32], length: NDArray[np.int32], average_length: float
    ) -> NDArray[np.float64]:
        """The factor of a score for a word that occurs ``frequency`` times in a chunk of ``length`` tokens."""
        # The same operations in the same order as rank_bm25, so that the scores are the same to the last bit.
        norm = frequency + self.k1 * (1 - self.b + self.b * length / (average_length or 1.0))
        return np.asarray(frequency * (self.k1 + 1) / norm)


def is_common(count: int, corpus_size: int) -> bool:
    """True for a word in more than half of the chunks: its inverse document frequency is negative, and rank_bm25
    takes a part of the average over all words instead.
    """
    return 2 * count > corpus_size


def average_idf(pieces: Sequence[LiveSegment], vocabulary_size: int, corpus_size: int) -> float:
    """rank_bm25's average of the inverse document frequencies of all words.

    It adds them up in the order in which the words first occur, and so does this: the last bit depends on it.
    """
    totals = np.zeros(vocabulary_size, dtype=np.int64)
    for piece in pieces:
        totals[piece.segment.words] += piece.counts
    seen = np.zeros(vocabulary_size, dtype=np.bool_)
    ordered = []
    for piece in pieces:
        words = piece.words()
        fresh = words[~seen[words]]
        seen[fresh] = True
        ordered.append(totals[fresh])
    counts, place = np.unique(np.concatenate(ordered), return_inverse=True)
    # numpy's logarithm may differ from the standard library's in the last bit.
    each = np.asarray([math.log(corpus_size - one + 0.5) - math.log(one + 0.5) for one in counts.tolist()])
    return float(np.cumsum(each[place])[-1]) / len(place)
