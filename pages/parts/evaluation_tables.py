"""The figures of an evaluation as HTML."""

from collections.abc import Sequence

from core.plural import plural
from evals.measures import Interval
from evals.report import MinimumFigures, Movement, Report, Section
from pages.parts.markup import safe


def summary_html(section: Section) -> str:
    """What was asked, and in a sentence what reranking did."""
    counts = f"{plural(section.answered, 'question')} with an answer, {section.silent:,} without"
    moved = (
        f"Reranking moved the first right passage up in {section.count(Movement.WIN):,},"
        f" down in {section.count(Movement.LOSS):,}, and left it in {section.count(Movement.TIE):,};"
        f" in {section.count(Movement.MISSED):,} it was not among the candidates."
    )
    return f'<p class="hint">{safe(counts)}. {safe(moved if section.answered else "")}</p>'


def figures_html(section: Section) -> str:
    """The means of all measures with their 95 % intervals, one system a row, and what reranking changes."""
    names = list(section.quality[0].measures)
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in names)
    rows = "".join(
        _row(one.system, [_interval(one.measures[name]) for name in names]) for one in section.quality
    )
    gain = _row("Reranked minus hybrid", [_interval(section.gain[name], "+") for name in names], "difference")
    return (
        '<div class="figures" tabindex="0" role="region" aria-label="Figures"><table>'
        "<caption>Mean over the questions with an answer, 95 % interval below</caption>"
        f'<thead><tr><th scope="col">Search</th>{head}</tr></thead><tbody>{rows}{gain}</tbody></table></div>'
    )


def abstention_html(section: Section, default: float) -> str:
    """How well relevance separates present from absent, and the errors at the default minimum."""
    lines = []
    if section.separation is not None:
        area = section.separation.area_under_curve
        lines.append(
            f"Present against absent: area under the curve {area.mean:.3f}"
            f" ({area.low:.3f} to {area.high:.3f})."
        )
    chosen = at_minimum(section.minima, default)
    if chosen is not None and chosen.lost is not None:
        lines.append(
            f"At the default minimum of {default:g}, {chosen.lost:.1%} of the questions with an answer lose"
            " every right passage."
        )
    if chosen is not None and chosen.false_evidence is not None:
        lines.append(
            f"{chosen.false_evidence:.1%} of the questions without an answer keep something at {default:g}."
        )
    return "".join(f'<p class="hint">{safe(line)}</p>' for line in lines)


def at_minimum(minima: Sequence[MinimumFigures], value: float) -> MinimumFigures | None:
    """The figures at one minimum relevance, or None where it was not measured."""
    return next((one for one in minima if one.minimum_relevance == value), None)


def about_html(report: Report) -> str:
    """What the figures rest on: texts, weights, settings, machine."""
    texts, labels, used = report.texts, report.labels, report.environment
    facts = {
        "Source": report.source,
        "Made at": f"{report.created_at}, seed {report.seed}",
        "Searched": f"{texts.documents:,} documents, {texts.pages:,} pages, {texts.passages:,} passages",
        "Rejected files": "; ".join(texts.rejected),
        "Labels": f"{labels.quotes:,} passages, {labels.not_found:,} not found, {labels.ambiguous:,} too short"
        f" to place, {labels.questions_left_out:,} questions left out"
        if labels.quotes
        else "",
        "Encoder": f"{used.encoder.name} {used.encoder.weights[:12]} {used.encoder.backend}",
        "Reranker": f"{used.reranker.name} {used.reranker.weights[:12]} {used.reranker.backend}",
        "Settings": f"{used.candidates} candidates, {used.keep} kept, minimum relevance"
        f" {used.minimum_relevance:g}",
        "Machine": f"{used.machine.processor}, {used.machine.cores} cores, {used.machine.system}",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{safe(value)}</dd>" for name, value in facts.items() if value)
    return (
        '<details class="about"><summary>What these figures rest on</summary>'
        f'<dl class="numbers">{rows}</dl></details>'
    )


def _row(name: str, cells: Sequence[str], kind: str = "") -> str:
    return f'<tr class="{kind}"><th scope="row">{safe(name)}</th>{"".join(cells)}</tr>'


def _interval(interval: Interval, sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.3f}" for value in (interval.mean, interval.low, interval.high))
    return f"<td>{mean}<small>{low} to {high}</small></td>"
