"""The best of many scores without sorting them all."""

import numpy as np
from numpy.typing import NDArray

# More rows than asked for are kept, so that rounding cannot separate chunks of equal score.
ROUNDING = 2e-9
GROUP = 64
Floats = NDArray[np.float64]


def highest(scores: Floats, limit: int, floor: float) -> NDArray[np.int64]:
    """The rows of the ``limit`` highest scores above ``floor``, and of those that tie with the last."""
    bound = floor
    width = len(scores) // GROUP
    if width > limit:
        # A row in each of ``limit`` groups has at least this score: most rows are out at a glance.
        bound = _last_of(scores[: width * GROUP].reshape(GROUP, width).max(axis=0), limit)
    rows = np.flatnonzero(scores >= bound if bound > floor else scores > floor)
    if len(rows) > limit:
        found = scores[rows]
        rows = rows[found >= _last_of(found, limit)]
    return rows


def _last_of(scores: Floats, limit: int) -> float:
    return float(np.partition(scores, len(scores) - limit)[len(scores) - limit]) - ROUNDING
