"""From the outcomes of single questions to the figures of a report."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from ir_measures import Measure

from core.settings import Settings
from evals import abstention
from evals.measures import Interval, bootstrap, hit_at, quantiles
from evals.rankings import measure_rankings, passage_measures
from evals.report import (
    CategoryFigures,
    Movement,
    Section,
    StepTime,
    SystemFigures,
)
from evals.run import BM25, DENSE, HYBRID, RERANKED, SYSTEMS, Outcome

TIMED = (BM25, DENSE, "retrieve", "rerank")


def sections(
    outcomes: Sequence[Outcome],
    settings: Settings,
    seed: int,
    measures: Mapping[str, Measure] | None = None,
    calibrated: bool = True,
) -> tuple[Section, ...]:
    """The figures of each kind of question, in the order in which the kinds were asked.

    Args:
        outcomes: what became of the questions; those of one section stand together.
        settings: the number kept and the default minimum relevance.
        seed: of the resampling.
        measures: of rankings, by the name a reader sees; by default those of right passages.
        calibrated: whether relevance is compared with right and wrong.
    """
    wanted = passage_measures(settings.keep) if measures is None else measures
    groups = [(name, tuple(group)) for name, group in groupby(outcomes, lambda one: one.question.section)]
    return tuple(_section(name, group, settings, seed, wanted, calibrated) for name, group in groups)


def _section(
    name: str,
    outcomes: Sequence[Outcome],
    settings: Settings,
    seed: int,
    measures: Mapping[str, Measure],
    calibrated: bool,
) -> Section:
    answered = [one for one in outcomes if not one.silent]
    keep = settings.keep
    values = {system: _values(answered, system, measures) for system in SYSTEMS}
    points = (*abstention.MINIMA, settings.minimum_relevance)
    return Section(
        name=name,
        answered=len(answered),
        silent=len(outcomes) - len(answered),
        quality=quality(values, seed),
        gain=gain_of_reranking(values, seed),
        categories=by_category(answered, keep),
        minima=abstention.minima(outcomes, keep, points) if calibrated else (),
        separation=abstention.separation(outcomes, seed) if calibrated else None,
        calibrations=abstention.calibrations(outcomes, keep) if calibrated else (),
        cases=tuple(one.case for one in outcomes if one.case is not None),
    )


Values = Mapping[str, Sequence[float]]
"""The value of each measure on each question."""


def _values(answered: Sequence[Outcome], system: str, measures: Mapping[str, Measure]) -> Values:
    rankings = [(one.ranked[system], one.grades) for one in answered]
    if not rankings:
        return {}
    found = [float(one.rank(system) is not None) for one in answered]
    return {**measure_rankings(rankings, measures), "found": found}


def quality(values: Mapping[str, Values], seed: int) -> tuple[SystemFigures, ...]:
    """For each system the mean of each measure with its 95 % confidence interval."""
    return tuple(
        SystemFigures(system, {name: bootstrap(each, seed) for name, each in each_measure.items()})
        for system, each_measure in values.items()
        if each_measure
    )


def gain_of_reranking(values: Mapping[str, Values], seed: int) -> dict[str, Interval]:
    """Reranked minus hybrid, question by question, with 95 % intervals of the mean difference."""
    return {
        name: bootstrap([one - other for one, other in zip(each, values[HYBRID][name], strict=True)], seed)
        for name, each in values[RERANKED].items()
    }


def by_category(answered: Sequence[Outcome], keep: int) -> tuple[CategoryFigures, ...]:
    """For each category how often the kept hold a right passage without and with reranking, and where
    reranking moved the first one.
    """
    categories: dict[str, list[Outcome]] = {}
    for outcome in answered:
        categories.setdefault(outcome.question.category, []).append(outcome)
    return tuple(
        CategoryFigures(
            category=category,
            questions=len(group),
            found=sum(one.rank(HYBRID) is not None for one in group),
            hit_hybrid=int(sum(hit_at(one.rank(HYBRID), keep) for one in group)),
            hit_reranked=int(sum(hit_at(one.rank(RERANKED), keep) for one in group)),
            better=_count(group, Movement.WIN),
            worse=_count(group, Movement.LOSS),
        )
        for category, group in sorted(categories.items())
    )


def timings(outcomes: Sequence[Outcome]) -> dict[str, StepTime]:
    """Median and 90th percentile of the seconds that each step took."""
    if not outcomes:
        return {}
    return {step: StepTime(*quantiles([one.seconds[step] for one in outcomes], (0.5, 0.9))) for step in TIMED}


def details(outcome: Outcome) -> dict[str, Any]:
    """One question with the rank of its first right chunk in every system, for looking at single cases."""
    question = outcome.question
    return {
        "id": question.question_id,
        "section": question.section,
        "category": question.category,
        "question": question.question,
        "scope": list(question.scope),
        "right": sorted(outcome.right),
        "ranks": {system: outcome.rank(system) for system in SYSTEMS},
        "reranked": list(outcome.ranked[RERANKED]),
        "relevances": [round(relevance, 5) for relevance in outcome.relevances],
        "seconds": {step: round(seconds, 4) for step, seconds in outcome.seconds.items()},
    }


def _count(group: Sequence[Outcome], movement: Movement) -> int:
    return sum(one.case is not None and one.case.movement is movement for one in group)
