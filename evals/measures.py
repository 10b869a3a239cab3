"""Measures of single questions and their uncertainty; pure functions on ranks and relevances.

A rank counts from 1; None means that nothing right was ranked at all. Measures of whole rankings are in
``evals.rankings``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95
BINS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over questions with the bounds of its bootstrap confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Passages whose relevance lies from ``low`` up to ``high``: mean relevance and share of right ones.

    Both are None in a bin that holds nothing.
    """

    low: float
    high: float
    count: int
    mean_relevance: float | None
    share_right: float | None


def rank_of_first(ranked: Sequence[str], right: Collection[str]) -> int | None:
    """The rank of the first of ``ranked`` that is ``right``, or None."""
    return next((rank for rank, one in enumerate(ranked, start=1) if one in right), None)


def hit_at(rank: int | None, k: int) -> float:
    """1 when something right stands among the first ``k``, else 0.

    Raises:
        ValueError: ``k`` or ``rank`` is not positive.
    """
    if k < 1:
        raise ValueError(f"k must be positive, not {k}.")
    if rank is not None and rank < 1:
        raise ValueError(f"Ranks count from 1, not {rank}.")
    return 1.0 if rank is not None and rank <= k else 0.0


def bootstrap(values: Sequence[float], seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """The mean of ``values``, one a question, with the 95 % percentile interval of resampled means.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There is no interval of no values.")
    sample = _array(values)
    rows = np.random.default_rng(seed).integers(0, len(sample), size=(resamples, len(sample)))
    return _interval(float(sample.mean()), sample[rows].mean(axis=1))


def area_under_curve(present: Sequence[float], absent: Sequence[float]) -> float:
    """How often a value of ``present`` is higher than one of ``absent``; ties count half.

    Raises:
        ValueError: one side has no values.
    """
    if not present or not absent:
        raise ValueError(f"Both sides need values, not {len(present)} and {len(absent)}.")
    return _share_above(_array(present), _array(absent))


def bootstrap_area(
    present: Sequence[float], absent: Sequence[float], seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """``area_under_curve`` with the 95 % percentile interval of resampling each side by itself.

    Raises:
        ValueError: one side has no values.
    """
    area = area_under_curve(present, absent)
    choose = np.random.default_rng(seed)
    sides = _array(present), _array(absent)
    areas = [
        _share_above(*(side[choose.integers(0, len(side), len(side))] for side in sides))
        for _ in range(resamples)
    ]
    return _interval(area, np.asarray(areas))


def reliability(relevances: Sequence[float], right: Sequence[bool], bins: int = BINS) -> tuple[Bin, ...]:
    """``bins`` equally wide bins from 0 to 1; the last one includes 1.

    Args:
        relevances: what the model says of each passage, 0 to 1.
        right: whether each of them is right, in the same order.
        bins: how many.

    Raises:
        ValueError: the lengths differ, a relevance lies outside 0 to 1, or ``bins`` is not positive.
    """
    if len(relevances) != len(right):
        raise ValueError(f"{len(relevances)} relevances do not go with {len(right)} verdicts.")
    if bins < 1:
        raise ValueError(f"The number of bins must be positive, not {bins}.")
    outside = [one for one in relevances if not 0.0 <= one <= 1.0]
    if outside:
        raise ValueError(f"A relevance must lie between 0 and 1, not {outside[0]}.")
    said, truth = _array(relevances), np.asarray(right, dtype=np.bool_)
    # Quotients, not sums of steps: 3 / 10 is the 0.3 that a reader writes.
    edges = np.arange(bins + 1) / bins
    at = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, bins - 1)
    return tuple(
        _bin(float(edges[one]), float(edges[one + 1]), said[at == one], truth[at == one])
        for one in range(bins)
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between relevance and share of right ones over the bins, weighted by their counts.

    Raises:
        ValueError: the bins hold nothing.
    """
    total = sum(one.count for one in bins)
    if not total:
        raise ValueError("There is no calibration error of no passages.")
    distances = (
        one.count * abs(one.mean_relevance - one.share_right)
        for one in bins
        if one.mean_relevance is not None and one.share_right is not None
    )
    return sum(distances) / total


def quantiles(values: Sequence[float], shares: Sequence[float] = (0.1, 0.5, 0.9)) -> tuple[float, ...]:
    """The values below which these shares of ``values`` lie.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("There are no quantiles of no values.")
    return tuple(float(one) for one in np.quantile(_array(values), shares))


def _bin(low: float, high: float, said: NDArray[np.float64], truth: NDArray[np.bool_]) -> Bin:
    if not len(said):
        return Bin(low, high, 0, None, None)
    return Bin(low, high, len(said), float(said.mean()), float(truth.mean()))


def _share_above(present: NDArray[np.float64], absent: NDArray[np.float64]) -> float:
    absent = np.sort(absent)
    # A value beats those to its left, and half of those that are equal to it.
    below = np.searchsorted(absent, present, side="left") + np.searchsorted(absent, present, side="right")
    return float(below.mean() / (2 * len(absent)))


def _interval(mean: float, resampled: NDArray[np.float64]) -> Interval:
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(resampled, (tail, 1.0 - tail))
    return Interval(mean, float(low), float(high))


def _array(values: Sequence[float]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
