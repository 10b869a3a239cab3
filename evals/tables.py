"""A report of an evaluation as tables for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from core.redact import printable
from evals.summary import JsonObject


def draw(report: JsonObject) -> Iterator[Table | Text]:
    """The tables of a report, most important first, then its notes."""
    yield _counts(report)
    if report["quality"]:
        yield _quality(report)
        yield _categories(report["categories"])
    yield _minima(report)
    if report["separation"]:
        yield _separation(report["separation"])
    yield _timings(report)
    yield from (Text(printable(note), style="italic") for note in report["notes"])


def _counts(report: JsonObject) -> Text:
    questions, contracts = report["questions"], report["contracts"]
    lines = [
        f"{report['source']}: {contracts['files']} contracts,"
        f" {questions['answered']} questions with an answer, {questions['silent']} without",
        f"{questions['quotes']} labelled passages, {questions['quotes_not_found']} not found in the text,"
        f" {questions['quotes_ambiguous']} too short to place; {questions['left_out']} questions left out",
        *(f"rejected: {one}" for one in contracts["rejected"]),
    ]
    return Text(printable("\n".join(lines)))


def _quality(report: JsonObject) -> Table:
    measures = [name for name in report["quality"][0] if name not in ("system", "questions")]
    table = Table("System", *measures, title="Mean over questions [95 % confidence interval]")
    for row in report["quality"]:
        table.add_row(Text(row["system"]), *(Text(_interval(row[name])) for name in measures))
    gains = report["gain_of_reranking"]
    table.add_row(Text("rerank - hybrid"), *(Text(_interval(gains[name], "+")) for name in measures))
    return table


def _categories(rows: list[JsonObject]) -> Table:
    table = Table("Category", "Questions", "Found", "Hybrid", "Reranked", "Better", "Worse")
    table.title = "Questions with a right passage among the kept; where reranking moved it"
    for row in rows:
        numbers = list(row.values())[1:]
        table.add_row(Text(printable(row["category"])), *(Text(f"{number:.0f}") for number in numbers))
    return table


def _minima(report: JsonObject) -> Table:
    table = Table("Minimum", "Hit", "Passages", "False evidence", "Passages when silent")
    table.title = "Minimum relevance"
    default = report["settings"]["minimum_relevance"]
    for row in report["minima"]:
        minimum, *shares = row.values()
        style = "bold" if minimum == default else ""
        cells = ["-" if share is None else f"{share:.3f}" for share in shares]
        table.add_row(*(Text(cell, style=style) for cell in (f"{minimum:g}", *cells)))
    return table


def _separation(separation: JsonObject) -> Table:
    table = Table("Best relevance", "10 %", "Median", "90 %")
    table.title = f"Answered against silent: area under the curve {separation['area_under_curve']:.3f}"
    for name in ("answered", "silent"):
        values = separation[f"best_relevance_{name}_10_50_90"]
        table.add_row(Text(f"{name} ({separation[name]})"), *(Text(f"{value:.3f}") for value in values))
    return table


def _timings(report: JsonObject) -> Table:
    steps = dict(report["timings"])
    indexing, pages, machine = steps.pop("indexing"), report["contracts"]["pages"], report["machine"]
    table = Table("Step", "Median", "90th percentile")
    table.title = (
        f"Seconds; indexing {indexing} for {pages} pages ({machine['processor']}, {machine['cores']} cores)"
    )
    for name, row in steps.items():
        table.add_row(Text(name), Text(f"{row['median']:.3f}"), Text(f"{row['p90']:.3f}"))
    return table


def _interval(interval: JsonObject, sign: str = "") -> str:
    mean, low, high = (f"{interval[name]:{sign}.3f}" for name in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"
