"""Comparisons of pipelines made by hand, shared by the tests."""

from evals.measures import Interval
from evals.pipelines.records import (
    FORMAT,
    Latency,
    PipelineCost,
    PipelineFigures,
    PipelineReport,
    PipelineUsed,
    QuestionGroup,
)
from tests.evals_kit import make_report

HALF = Interval(0.5, 0.25, 0.75)
QUARTER = Interval(0.25, 0.0, 0.5)
HIGHER, LOWER, UNSURE = (
    Interval(0.25, 0.125, 0.5),
    Interval(-0.25, -0.5, -0.125),
    Interval(0.0, -0.125, 0.125),
)


def make_group(name: str, part_of: str = "", **differences: Interval) -> QuestionGroup:
    """A group whose pipelines are the baseline and those that differ from it as given."""
    base = PipelineFigures("hybrid", {"hit@5": HALF}, {"hit@5": QUARTER}, {"hit@5": HIGHER}, {}, 1.0)
    others = (
        PipelineFigures(
            one, {"hit@5": HALF}, {"hit@5": QUARTER}, {"hit@5": HIGHER}, {"hit@5": difference}, 0.125
        )
        for one, difference in differences.items()
    )
    return QuestionGroup(name, "hit@5", 40, (base, *others), part_of)


GROUPS = (
    make_group("corpus", naive=LOWER, graph=UNSURE),
    make_group("several", naive=UNSURE, graph=HIGHER),
    make_group("compound", "several", naive=UNSURE, graph=UNSURE),
)


def make_comparison(groups: tuple[QuestionGroup, ...] = GROUPS, failed: int = 0) -> PipelineReport:
    """A comparison of hybrid, naive and graph."""
    names = ("hybrid", "naive", "graph")
    return PipelineReport(
        FORMAT,
        "2026-01-02T03:04:05+00:00",
        7,
        "hybrid",
        tuple(PipelineUsed(name, f"What {name} does.", name * 8) for name in names),
        groups,
        tuple(
            PipelineCost(name, Latency(0.02, 0.05), Latency(1.5, 2.5), 1.5, 1234.0, failed) for name in names
        ),
        "models.example",
        make_report().environment,
        ("A note.",),
    )
