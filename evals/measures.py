"""Measures of a ranking and their uncertainty; pure functions on ranks, ranked ids and relevances.

A rank counts from 1; None means that nothing right was ranked at all.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over questions with the bounds of its bootstrap confidence interval."""

    mean: float
    low: float
    high: float


def rank_of_first(ranked: Sequence[str], right: Collection[str]) -> int | None:
    """The rank of the first of ``ranked`` that is ``right``, or None."""
    return next((rank for rank, one in enumerate(ranked, start=1) if one in right), None)


def hit_at(rank: int | None, k: int) -> float:
    """1 when something right stands among the first ``k``, else 0.

    Raises:
        ValueError: ``k`` or ``rank`` is not positive.
    """
    _check(rank, k)
    return 1.0 if rank is not None and rank <= k else 0.0


def reciprocal_rank(rank: int | None) -> float:
    """1 / rank of the first right one, 0 when there is none.

    Raises:
        ValueError: ``rank`` is not positive.
    """
    _check(rank, 1)
    return 0.0 if rank is None else 1.0 / rank


def ndcg_at(ranked: Sequence[str], right: Collection[str], k: int) -> float:
    """Normalised discounted cumulative gain of the first ``k``: gain 1 a right id, discount log2(1 + rank).

    Raises:
        ValueError: ``k`` is not positive or nothing is right, so that no ranking could be ideal.
    """
    _check(None, k)
    if not right:
        raise ValueError("nDCG is not defined for a question to which nothing is right.")
    wanted = frozenset(right)
    gain = sum(_discount(rank) for rank, one in enumerate(ranked[:k], start=1) if one in wanted)
    ideal = sum(_discount(rank) for rank in range(1, min(k, len(wanted)) + 1))
    return gain / ideal


def bootstrap(values: Sequence[float], seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The mean of ``values``, one a question, with the 95 % percentile interval of resampled means.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There is no interval of no values.")
    sample = np.asarray(values, dtype=np.float64)
    rows = np.random.default_rng(seed).integers(0, len(sample), size=(resamples, len(sample)))
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(sample[rows].mean(axis=1), (tail, 1.0 - tail))
    return Interval(float(sample.mean()), float(low), float(high))


def area_under_curve(present: Sequence[float], absent: Sequence[float]) -> float:
    """How often a value of ``present`` is higher than one of ``absent``; ties count half.

    Raises:
        ValueError: one side has no values.
    """
    if not present or not absent:
        raise ValueError(f"Both sides need values, not {len(present)} and {len(absent)}.")
    difference = np.subtract.outer(_array(present), _array(absent))
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def quantiles(values: Sequence[float], shares: Sequence[float] = (0.1, 0.5, 0.9)) -> tuple[float, ...]:
    """The values below which these shares of ``values`` lie.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There are no quantiles of no values.")
    return tuple(float(one) for one in np.quantile(_array(values), shares))


def _array(values: Sequence[float]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _discount(rank: int) -> float:
    return 1.0 / math.log2(1 + rank)


def _check(rank: int | None, k: int) -> None:
    if k < 1:
        raise ValueError(f"k must be positive, not {k}.")
    if rank is not None and rank < 1:
        raise ValueError(f"Ranks count from 1, not {rank}.")
