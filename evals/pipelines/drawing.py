"""A comparison of pipelines drawn: on a terminal and as Markdown."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from core.redact import printable
from evals.pipelines.conclusions import about, conclusions, failures
from evals.pipelines.records import PipelineReport
from evals.pipelines.tables import Grid, grids


def draw(report: PipelineReport) -> Iterator[Table | Text]:
    """The tables, the conclusions and the notes for a terminal."""
    for grid in grids(report):
        yield _table(grid)
    for line in (*conclusions(report), *failures(report)):
        yield Text(printable(line), style="bold")
    for line in (*about(report), *report.notes):
        yield Text(printable(line), style="italic")


def to_markdown(report: PipelineReport) -> str:
    """The same as Markdown, for a document."""
    parts = [_markdown(grid) for grid in grids(report)]
    parts.append(_list([*conclusions(report), *failures(report)]))
    parts.append(_list([*about(report), *report.notes]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(grid: Grid) -> Table:
    table = Table(title=Text(printable(grid.title)))
    for name in grid.columns:
        table.add_column(Text(printable(name)))
    for row in grid.rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _markdown(grid: Grid) -> str:
    lines = (grid.columns, ("---",) * len(grid.columns), *grid.rows)
    rows = ("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)
    return "\n".join((f"**{_cell(grid.title)}**", "", *rows))


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {_cell(line)}" for line in lines)


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;")
