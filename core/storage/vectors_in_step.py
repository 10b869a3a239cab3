"""A search that first makes sure that a Qdrant server still holds what the catalogue says it holds."""

import logging
import threading
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from core.errors import StoreUnavailable
from core.records import Hit
from core.storage.vector_index import VectorIndex

logger = logging.getLogger(__name__)


class VectorsInStep:
    """Searches ``vectors``; a server that was away, or came back with less than it had, is refilled first.

    A store in this process is opened and repaired at the start and is never doubted later.

    Args:
        vectors: the store.
        wanted: the number of vectors that the catalogue has for it.
        refill: compares the store with the catalogue and puts it right; raises StoreUnavailable.
    """

    def __init__(self, vectors: VectorIndex, wanted: Callable[[], int], refill: Callable[[], None]) -> None:
        self._vectors = vectors
        self._wanted = wanted
        self._refill = refill
        self._doubted = False
        self._lock = threading.Lock()

    def doubt(self) -> None:
        """Have the store compared with the catalogue before the next search."""
        self._doubted = True

    def search(
        self, vector: NDArray[np.float32], limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """As ``VectorIndex.search``: never a result from a store that has lost a part.

        Raises:
            StoreUnavailable: it cannot be reached, or not be put right.
        """
        if not self._vectors.remote:
            return self._vectors.search(vector, limit, contract_ids)
        self._ensure()
        try:
            return self._vectors.search(vector, limit, contract_ids)
        except StoreUnavailable:
            # It may have restarted between the two requests; once more, after a full comparison.
            self.doubt()
        self._ensure()
        return self._vectors.search(vector, limit, contract_ids)

    def _ensure(self) -> None:
        # One question compares and refills, the others wait for it.
        with self._lock:
            try:
                held, wanted = self._vectors.count(), self._wanted()
                if self._doubted or held < wanted:
                    logger.warning(
                        "Qdrant holds %d vectors, the catalogue %d; it is put right.", held, wanted
                    )
                    self._refill()
            except StoreUnavailable:
                self._doubted = True
                raise
            self._doubted = False
