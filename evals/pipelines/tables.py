"""A comparison of pipelines as tables of plain cells, for a terminal, a Markdown file and the page of the app."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.measures import Interval
from evals.pipelines.conclusions import difference_in_words
from evals.pipelines.records import PipelineReport, QuestionGroup

BARE = "without the reranker"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its title, the names of its columns and rows of cells, the first of each naming the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grids(report: PipelineReport) -> Iterator[Grid]:
    """The overview, then every group of questions, each followed by the kinds that it is made of."""
    yield overview(report)
    for group in report.groups:
        if not group.part_of:
            yield details(group, report.baseline)
            kinds = [one for one in report.groups if one.part_of == group.name]
            if kinds:
                yield by_kind(group, kinds)


def overview(report: PipelineReport) -> Grid:
    """One row a pipeline: the headline measure of every group with its difference to the baseline, times and calls."""
    whole = [group for group in report.groups if not group.part_of]
    headlines = [column for group in whole for column in (f"{group.name}: {group.headline}", BARE)]
    rows = tuple(
        (
            cost.pipeline,
            *(
                cell
                for group in whole
                for cell in (_headline(group, cost.pipeline), _bare(group, cost.pipeline))
            ),
            f"{cost.first_stage.median:.2f}, {cost.first_stage.p95:.2f}",
            f"{cost.whole.median:.2f}, {cost.whole.p95:.2f}",
            f"{cost.calls:.1f}",
            f"{cost.tokens:,.0f}",
        )
        for cost in report.costs
    )
    costs = ("Stage 1: median, 95 % (s)", "Whole: median, 95 % (s)", "Calls a question", "Tokens a question")
    return Grid(
        f"Pipelines after reranking, against {report.baseline}", ("Pipeline", *headlines, *costs), rows
    )


def details(group: QuestionGroup, baseline: str) -> Grid:
    """One row a pipeline: every measure with its interval, without the reranker too, and the difference."""
    names, bare = list(group.figures[0].measures), list(group.figures[0].unranked)
    rows = tuple(
        (
            one.pipeline,
            *(_interval(one.measures[name]) for name in names),
            *(f"{one.unranked[name].mean:.3f}" for name in bare),
            difference_in_words(one.reranking[group.headline]),
            _interval(one.difference[group.headline], "+") if one.difference else "",
            difference_in_words(one.difference[group.headline]) if one.difference else "",
            f"{one.same:.0%}",
        )
        for one in group.figures
    )
    columns = (
        "Pipeline",
        *names,
        *(f"{name} {BARE}" for name in bare),
        f"Reranking on {group.headline}",
        f"{group.headline} against {baseline}",
        "Verdict",
        "Same candidates",
    )
    return Grid(f"{group.name}: {group.questions} questions", columns, rows)


def by_kind(group: QuestionGroup, kinds: Sequence[QuestionGroup]) -> Grid:
    """One row a pipeline: the headline measure on each kind of the questions of ``group``."""
    columns = ("Pipeline", *(f"{kind.name} ({kind.questions})" for kind in kinds))
    rows = tuple((one.pipeline, *(_headline(kind, one.pipeline) for kind in kinds)) for one in group.figures)
    return Grid(f"{group.name}, {group.headline} by kind", columns, rows)


def _headline(group: QuestionGroup, pipeline: str) -> str:
    figures = group.of(pipeline)
    mean = f"{figures.measures[group.headline].mean:.3f}"
    if not figures.difference:
        return mean
    return f"{mean} {difference_in_words(figures.difference[group.headline])}"


def _bare(group: QuestionGroup, pipeline: str) -> str:
    return f"{group.of(pipeline).unranked[group.headline].mean:.3f}"


def _interval(interval: Interval, sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.3f}" for value in (interval.mean, interval.low, interval.high))
    return f"{mean} [{low}, {high}]"
