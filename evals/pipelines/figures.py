"""From the outcomes of single questions to the figures of each pipeline, with intervals and differences."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from ir_measures import RR, Measure, Success, nDCG

from evals.labels import Task
from evals.measures import Interval, bootstrap, quantiles
from evals.pipelines.material import Kind, TaskGroup
from evals.pipelines.outcomes import PipelineOutcome
from evals.pipelines.records import (
    ANY_IN_CANDIDATES,
    NEEDED_IN_CANDIDATES,
    Latency,
    PipelineCost,
    PipelineFigures,
    QuestionGroup,
)
from evals.rankings import measure_rankings

Outcomes = Mapping[str, Sequence[PipelineOutcome]]
"""By pipeline its outcomes, in the order of the questions."""
Values = Mapping[str, Sequence[float]]
"""By measure its value on each question."""

GRADED: Final[Mapping[str, Measure]] = {"nDCG@5": nDCG @ 5, "nDCG@10": nDCG @ 10}


def group_figures(
    group: TaskGroup, outcomes: Outcomes, baseline: str, keep: int, seed: int
) -> tuple[QuestionGroup, ...]:
    """The figures of a group and, where several passages are needed, of each kind of its questions.

    Args:
        group: the questions.
        outcomes: of every pipeline, the baseline's among them.
        baseline: the pipeline that others are compared with.
        keep: how many passages are kept.
        seed: of the resampling.
    """
    values = {name: _values(group, list(of), keep) for name, of in outcomes.items()}
    same = {name: _same(of, outcomes[baseline]) for name, of in outcomes.items()}
    everything = range(len(group.tasks))
    whole = _figures(group.name, group.kind, values, same, everything, baseline, keep, seed, "")
    if group.kind is not Kind.TOGETHER:
        return (whole,)
    kinds = dict.fromkeys(task.question.category for task in group.tasks)
    parts = [
        _figures(
            kind,
            group.kind,
            values,
            same,
            [place for place in everything if group.tasks[place].question.category == kind],
            baseline,
            keep,
            seed,
            group.name,
        )
        for kind in kinds
    ]
    return (whole, *(parts if len(parts) > 1 else ()))


def headline(kind: Kind, keep: int) -> str:
    """The measure of the overview."""
    names = {Kind.ANY: f"hit@{keep}", Kind.TOGETHER: f"needed@{keep}", Kind.GRADED: "nDCG@10"}
    return names[kind]


def cost(pipeline: str, outcomes: Sequence[PipelineOutcome]) -> PipelineCost:
    """What a pipeline takes, over all questions it was asked."""
    first = [one.first_stage for one in outcomes]
    whole = [one.first_stage + one.reranking for one in outcomes]
    return PipelineCost(
        pipeline,
        Latency(*quantiles(first, (0.5, 0.95))),
        Latency(*quantiles(whole, (0.5, 0.95))),
        sum(one.calls for one in outcomes) / len(outcomes),
        sum(one.tokens for one in outcomes) / len(outcomes),
        sum(one.failed > 0 for one in outcomes),
    )


def _figures(
    name: str,
    kind: Kind,
    values: Mapping[str, tuple[Values, Values]],
    same: Mapping[str, Sequence[float]],
    places: Sequence[int],
    baseline: str,
    keep: int,
    seed: int,
    part_of: str,
) -> QuestionGroup:
    base = values[baseline][0]
    figures = tuple(
        PipelineFigures(
            pipeline,
            _means(reranked, places, seed),
            _means(unranked, places, seed),
            _differences({name: reranked[name] for name in unranked}, unranked, places, seed),
            {} if pipeline == baseline else _differences(reranked, base, places, seed),
            sum(same[pipeline][place] for place in places) / len(places),
        )
        for pipeline, (reranked, unranked) in values.items()
    )
    return QuestionGroup(name, headline(kind, keep), len(places), figures, part_of)


def _means(values: Values, places: Sequence[int], seed: int) -> dict[str, Interval]:
    return {name: bootstrap([each[place] for place in places], seed) for name, each in values.items()}


def _differences(values: Values, base: Values, places: Sequence[int], seed: int) -> dict[str, Interval]:
    return {
        name: bootstrap([each[place] - base[name][place] for place in places], seed)
        for name, each in values.items()
    }


def _same(outcomes: Sequence[PipelineOutcome], base: Sequence[PipelineOutcome]) -> list[float]:
    return [
        float(frozenset(one.candidates) == frozenset(other.candidates))
        for one, other in zip(outcomes, base, strict=True)
    ]


def _values(group: TaskGroup, outcomes: list[PipelineOutcome], keep: int) -> tuple[Values, Values]:
    """The values after reranking, and those of the fused list."""
    found = _found(group, outcomes)
    reranked = _ranked(group, [(one.reranked, one.kept_ids) for one in outcomes], keep)
    unranked = _ranked(group, [(one.candidates, one.candidates[:keep]) for one in outcomes], keep)
    return {**reranked, **found}, unranked


def _ranked(
    group: TaskGroup, rankings: Sequence[tuple[Sequence[str], Sequence[str]]], keep: int
) -> dict[str, Sequence[float]]:
    graded = [(ranked, _grades(task)) for (ranked, _), task in zip(rankings, group.tasks, strict=True)]
    if group.kind is Kind.GRADED:
        return dict(measure_rankings(graded, GRADED))
    hits = {f"hit@{depth}": Success @ depth for depth in sorted({1, keep})}
    values: dict[str, Sequence[float]] = dict(measure_rankings(graded, {**hits, "MRR": RR}))
    if group.kind is Kind.TOGETHER:
        kept = [shares(task.needed, best) for (_, best), task in zip(rankings, group.tasks, strict=True)]
        values = {
            f"needed@{keep}": kept,
            f"all needed@{keep}": [float(share == 1) for share in kept],
            **values,
        }
    return values


def _found(group: TaskGroup, outcomes: Sequence[PipelineOutcome]) -> dict[str, Sequence[float]]:
    """What the candidates hold."""
    pairs = list(zip(outcomes, group.tasks, strict=True))
    if group.kind is Kind.TOGETHER:
        return {NEEDED_IN_CANDIDATES: [shares(task.needed, one.candidates) for one, task in pairs]}
    return {ANY_IN_CANDIDATES: [float(not task.right.isdisjoint(one.candidates)) for one, task in pairs]}


def shares(needed: Sequence[Collection[str]], given: Sequence[str]) -> float:
    """The share of the needed passages that ``given`` holds; one that runs over two chunks is held by either."""
    return sum(not frozenset(one).isdisjoint(given) for one in needed) / len(needed)


def _grades(task: Task) -> Mapping[str, int]:
    return task.grades or dict.fromkeys(task.right, 1)
