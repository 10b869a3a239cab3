"""A report of an evaluation as tables for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from core.redact import printable
from evals.measures import Interval
from evals.report import Calibration, Movement, Report, Section, Separation


def draw(report: Report) -> Iterator[Table | Text]:
    """The tables of a report, most important first, then its notes."""
    yield _counts(report)
    for section in report.sections:
        yield Text(printable(f"\n{_heading(section)}"), style="bold")
        if section.quality:
            yield _quality(section)
            yield _categories(section)
        if section.minima:
            yield _minima(section, report.environment.minimum_relevance)
        if section.separation is not None:
            yield _separation(section.separation)
        yield from (_calibration(one) for one in section.calibrations)
    yield _timings(report)
    yield from (Text(printable(note), style="italic") for note in report.notes)


def _heading(section: Section) -> str:
    counts = f"{section.answered} questions with an answer, {section.silent} without"
    return f"{section.name}: {counts}" if section.name else counts


def _counts(report: Report) -> Text:
    texts, labels = report.texts, report.labels
    lines = [f"{report.source}: {texts.documents} documents, {texts.pages} pages, {texts.passages} passages"]
    if labels.quotes:
        lines.append(
            f"{labels.quotes} labelled passages, {labels.not_found} not found in the text,"
            f" {labels.ambiguous} too short to place; {labels.questions_left_out} questions left out"
        )
    lines += [f"rejected: {one}" for one in texts.rejected]
    return Text(printable("\n".join(lines)))


def _quality(section: Section) -> Table:
    names = list(section.quality[0].measures)
    table = Table("System", *names, title="Mean over questions [95 % confidence interval]")
    for figures in section.quality:
        table.add_row(Text(figures.system), *(Text(_interval(figures.measures[name])) for name in names))
    gains = (Text(_interval(section.gain[name], "+")) for name in names)
    table.add_row(Text("rerank - hybrid"), *gains)
    return table


def _categories(section: Section) -> Table:
    table = Table("Category", "Questions", "Found", "Hybrid", "Reranked", "Better", "Worse")
    table.title = "Questions with a right passage among the kept; where reranking moved it"
    table.caption = ", ".join(f"{section.count(one)} {one}" for one in Movement)
    for row in section.categories:
        numbers = (row.questions, row.found, row.hit_hybrid, row.hit_reranked, row.better, row.worse)
        table.add_row(Text(printable(row.category)), *(Text(str(number)) for number in numbers))
    return table


def _minima(section: Section, default: float) -> Table:
    table = Table("Minimum", "Hit", "Lost", "Passages", "False evidence", "Passages when silent")
    table.title = "Minimum relevance"
    for row in section.minima:
        shares = (row.hit, row.lost, row.passages, row.false_evidence, row.passages_silent)
        cells = ["-" if share is None else f"{share:.3f}" for share in shares]
        style = "bold" if row.minimum_relevance == default else ""
        table.add_row(*(Text(cell, style=style) for cell in (f"{row.minimum_relevance:g}", *cells)))
    return table


def _separation(separation: Separation) -> Table:
    table = Table("Best relevance", "10 %", "Median", "90 %")
    table.title = f"Answered against silent: area under the curve {_interval(separation.area_under_curve)}"
    rows = (
        (f"answered ({separation.answered})", separation.best_relevance_answered),
        (f"silent ({separation.silent})", separation.best_relevance_silent),
    )
    for name, values in rows:
        table.add_row(Text(name), *(Text(f"{value:.3f}") for value in values))
    return table


def _calibration(calibration: Calibration) -> Table:
    table = Table("Relevance", "Passages", "Mean relevance", "Share right")
    error = calibration.expected_calibration_error
    table.title = f"Kept passages of {calibration.over}: expected calibration error {error:.3f}"
    for one in calibration.bins:
        means = ("-" if value is None else f"{value:.3f}" for value in (one.mean_relevance, one.share_right))
        cells = (f"{one.low:.1f} to {one.high:.1f}", str(one.count), *means)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _timings(report: Report) -> Table:
    table = Table("Step", "Median", "90th percentile")
    machine = report.environment.machine
    prepared = f"preparing the texts {report.indexing_seconds}"
    table.title = printable(f"Seconds; {prepared} ({machine.processor}, {machine.cores} cores)")
    for name, time in report.timings.items():
        table.add_row(Text(name), Text(f"{time.median:.3f}"), Text(f"{time.p90:.3f}"))
    return table


def _interval(interval: Interval, sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.3f}" for value in (interval.mean, interval.low, interval.high))
    return f"{mean} [{low}, {high}]"
