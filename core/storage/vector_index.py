"""The dense leg's store as the library uses it; which engine is behind it is decided in ``open_vectors.py``."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.records import Hit

# Points that one request writes, and that one page of a comparison reads.
BATCH = 256
PAGE = 1000
# The engines differ in the last bits of a score; rounding keeps the order of ties the same.
SCORE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class StoredPoint:
    """One vector as the store has it; damage shows as an empty contract id or an odd vector."""

    chunk_id: str
    contract_id: str
    vector: NDArray[np.float32]


class VectorIndex(Protocol):
    """One collection of chunk vectors, compared by cosine and searched exactly; made with the first it receives.

    Safe to share between threads. Every method raises StoreUnavailable when the store cannot be reached or gives
    no sensible reply, and StorageFull when this machine's disk has no room to write.
    """

    @property
    def remote(self) -> bool:
        """True for a server, which may be away, and come back with less than it had."""

    @property
    def keeps_checksums(self) -> bool:
        """True when contents that changed by themselves never get as far as a search."""

    def prepare(self, dimension: int) -> None:
        """Make the collection for vectors of this dimension. One of another dimension cannot be searched with
        today's encoder; its name says that it is this library's, so that it is dropped and made anew.
        """

    def upsert(self, contract_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Write the vectors, shape (len(chunk_ids), dimension), of one contract; repeating it is harmless."""

    def delete(self, contract_id: str) -> None:
        """Remove every vector of one contract."""

    def discard(self, chunk_ids: Sequence[str]) -> None:
        """Remove single vectors that belong to no contract."""

    def search(
        self, vector: NDArray[np.float32], limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The ``limit`` chunks nearest to ``vector`` by cosine, ties broken by chunk id; None is every contract."""

    def count(self) -> int:
        """The number of stored vectors, asked afresh: a server may have lost its collection meanwhile."""

    def chunk_ids(self) -> set[str]:
        """The ids of all stored vectors."""

    def points(self) -> Iterator[tuple[StoredPoint, ...]]:
        """Everything that is stored, a page at a time, to be compared with the catalogue."""

    def settle(self) -> None:
        """Put on disk what has been written, so that the next start need not build it again."""

    def close(self) -> None:
        """Let go of the store."""


def ranked(found: Iterable[tuple[str, float]]) -> tuple[Hit, ...]:
    """(chunk id, cosine) as hits, the nearest first, ties broken by chunk id."""
    best = sorted((-round(score, SCORE_DIGITS), chunk_id) for chunk_id, score in found)
    return tuple(Hit(chunk_id, rank, -score) for rank, (score, chunk_id) in enumerate(best, start=1))
