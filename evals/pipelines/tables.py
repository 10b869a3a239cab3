"""A comparison of pipelines as tables of plain cells, for a terminal, a Markdown file and the page of the app."""

from collections.abc import Iterator
from dataclasses import dataclass

from evals.measures import Interval
from evals.pipelines.conclusions import difference_in_words
from evals.pipelines.records import PipelineReport, QuestionGroup


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its title, the names of its columns and rows of cells, the first of each naming the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def overview(report: PipelineReport) -> Grid:
    """One row a pipeline: the headline measure of every group with its difference to the baseline, times and calls."""
    whole = [group for group in report.groups if not group.part_of]
    columns = ("Pipeline", *(f"{group.name}: {group.headline}" for group in whole))
    rows = []
    for cost in report.costs:
        cells = [_headline(group, cost.pipeline) for group in whole]
        times = (
            f"{cost.first_stage.median:.2f}, {cost.first_stage.p95:.2f}",
            f"{cost.whole.median:.2f}, {cost.whole.p95:.2f}",
        )
        rows.append((cost.pipeline, *cells, *times, f"{cost.calls:.1f}", f"{cost.tokens:,.0f}"))
    title = f"Pipelines after reranking, against {report.baseline}"
    more = ("Stage 1: median, 95 % (s)", "Whole: median, 95 % (s)", "Calls a question", "Tokens a question")
    return Grid(title, (*columns, *more), tuple(rows))


def details(group: QuestionGroup, baseline: str) -> Grid:
    """One row a pipeline: every measure with its interval, without the reranker too, and the difference."""
    names, bare = list(group.figures[0].measures), list(group.figures[0].unranked)
    rows = tuple(
        (
            one.pipeline,
            *(_interval(one.measures[name]) for name in names),
            *(f"{one.unranked[name].mean:.3f}" for name in bare),
            _interval(one.difference[group.headline], "+") if one.difference else "",
            difference_in_words(one.difference[group.headline]) if one.difference else "",
            f"{one.same:.0%}",
        )
        for one in group.figures
    )
    where = f"{group.part_of}, {group.name}" if group.part_of else group.name
    columns = (
        "Pipeline",
        *names,
        *(f"{name} without the reranker" for name in bare),
        f"{group.headline} against {baseline}",
        "Verdict",
        "Same candidates",
    )
    return Grid(f"{where}: {group.questions} questions", columns, rows)


def grids(report: PipelineReport) -> Iterator[Grid]:
    """The overview, then every group."""
    yield overview(report)
    yield from (details(group, report.baseline) for group in report.groups)


def _headline(group: QuestionGroup, pipeline: str) -> str:
    figures = group.of(pipeline)
    mean = f"{figures.measures[group.headline].mean:.3f}"
    if not figures.difference:
        return mean
    return f"{mean} {difference_in_words(figures.difference[group.headline])}"


def _interval(interval: Interval, sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.3f}" for value in (interval.mean, interval.low, interval.high))
    return f"{mean} [{low}, {high}]"
