"""Scores of pairs that were read before: asking again with another K or minimum costs nothing.

Every reader has a memory of its own, so that a score of the first look never passes for one of the full model.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from core.inference.protocols import PairReader, PairScores, Progress

# About 200 bytes a pair: 20,000 pairs (200 questions with 100 candidates) are 4 MB.
CAPACITY = 20_000


class ScoreCache:
    """The logit and the truncation of the pairs used last; safe to share between threads.

    Args:
        capacity: pairs that are remembered; the one used longest ago is forgotten first.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        if capacity < 1:
            raise ValueError(f"A cache holds at least one pair, not {capacity}.")
        self._capacity = capacity
        self._entries: OrderedDict[bytes, tuple[float, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> tuple[float, bool] | None:
        """The logit and whether the pair was truncated, or None."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: bytes, logit: float, truncated: bool) -> None:
        """Remember what the model said of a pair."""
        with self._lock:
            self._entries[key] = (logit, truncated)
            self._entries.move_to_end(key)
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


def pair_key(question: str, passage: str) -> bytes:
    """16 bytes that stand for the pair; contract text itself is not kept."""
    first = question.encode("utf-8", "surrogatepass")
    # The length keeps ("ab", "c") and ("a", "bc") apart.
    content = len(first).to_bytes(8) + first + passage.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).digest()


class RememberingReader:
    """A ``PairReader`` that reads no pair twice while it remembers it; safe to share between threads."""

    def __init__(self, reader: PairReader, cache: ScoreCache | None = None) -> None:
        self._reader = reader
        self._cache = ScoreCache() if cache is None else cache

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage, in the order given; progress is that of the passages that had to be read."""
        keys = [pair_key(question, passage) for passage in passages]
        known = {key: entry for key in set(keys) if (entry := self._cache.get(key)) is not None}
        unread = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in known}
        if unread:
            scores = self._reader.read(question, list(unread.values()), on_progress)
            for key, logit, truncated in zip(unread, scores.logits, scores.truncated, strict=True):
                known[key] = (float(logit), bool(truncated))
                self._cache.put(key, *known[key])
        return PairScores(
            np.asarray([known[key][0] for key in keys], dtype=np.float64),
            np.asarray([known[key][1] for key in keys], dtype=np.bool_),
        )
