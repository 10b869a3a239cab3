"""Whether relevance can be trusted: present against absent clauses, the minimum relevance, calibration."""

from collections.abc import Sequence
from typing import Final

from evals.measures import bootstrap_area, expected_calibration_error, quantiles, reliability
from evals.report import Calibration, MinimumFigures, Separation
from evals.run import RERANKED, Outcome

MINIMA: Final = (0.0, 0.01, 0.02, *(round(0.05 * step, 2) for step in range(1, 20)))
ALL, ANSWERED = "all questions", "questions with an answer"


def minima(
    outcomes: Sequence[Outcome], keep: int, values: Sequence[float] = MINIMA
) -> tuple[MinimumFigures, ...]:
    """What each minimum relevance costs and saves, by rising minimum."""
    answered = [one for one in outcomes if not one.silent]
    silent = [one for one in outcomes if one.silent]
    return tuple(_minimum(answered, silent, keep, value) for value in sorted(set(values)))


def separation(outcomes: Sequence[Outcome], seed: int) -> Separation | None:
    """How well the best relevance tells answered from silent questions; None where one kind was not asked."""
    present = [one.best_relevance for one in outcomes if not one.silent]
    absent = [one.best_relevance for one in outcomes if one.silent]
    if not present or not absent:
        return None
    area = bootstrap_area(present, absent, seed)
    return Separation(len(present), len(absent), area, quantiles(present), quantiles(absent))


def calibrations(outcomes: Sequence[Outcome], keep: int) -> tuple[Calibration, ...]:
    """Relevance against truth over the ``keep`` best of each question, whatever the minimum.

    Over all questions (what a user meets who also asks for clauses that are not there), and over those that
    have an answer where there are others.
    """
    answered = [one for one in outcomes if not one.silent]
    groups = {ALL: outcomes} if len(answered) in (0, len(outcomes)) else {ALL: outcomes, ANSWERED: answered}
    found = (_calibration(over, group, keep) for over, group in groups.items())
    return tuple(one for one in found if one is not None)


def _calibration(over: str, outcomes: Sequence[Outcome], keep: int) -> Calibration | None:
    pairs = [
        (relevance, one in outcome.right)
        for outcome in outcomes
        for one, relevance in zip(outcome.ranked[RERANKED][:keep], outcome.relevances, strict=False)
    ]
    if not pairs:
        return None
    bins = reliability([relevance for relevance, _ in pairs], [right for _, right in pairs])
    return Calibration(over, len(pairs), expected_calibration_error(bins), bins)


def _minimum(
    answered: Sequence[Outcome], silent: Sequence[Outcome], keep: int, value: float
) -> MinimumFigures:
    hits = [not one.right.isdisjoint(one.kept(keep, value)) for one in answered]
    without = [not one.right.isdisjoint(one.kept(keep, 0.0)) for one in answered]
    return MinimumFigures(
        minimum_relevance=value,
        hit=_mean(hits),
        lost=_mean([before and not now for before, now in zip(without, hits, strict=True)]),
        passages=_mean([len(one.kept(keep, value)) for one in answered]),
        false_evidence=_mean([bool(one.kept(keep, value)) for one in silent]),
        passages_silent=_mean([len(one.kept(keep, value)) for one in silent]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
