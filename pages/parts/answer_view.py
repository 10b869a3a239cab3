"""The answer as it may be relied on: statements with citations, everything unsupported marked as such."""

import re

from core.answering.sentences import MARKER
from core.export.records import HEADINGS
from core.export.sentences import source
from core.records import Answer, AnswerKind, Citation, Finding, Statement
from core.what_left import what_left
from pages.parts.markup import one_line, safe
from pages.parts.panels import strip

_RANGE = re.compile(r"(\d{1,3})(?:\s*[-\u2013]\s*(\d{1,3}))?")
STAGES = {"retrieve": "Search", "rerank": "scoring"}


def answer_html(answer: Answer, finding: Finding, host: str, *, follow_up: bool = False) -> str:
    """The whole answer with its note, cautions, timings and what was sent where, of a ``follow_up`` as well."""
    trouble = "" if answer.complete else " troubled"
    cautions = tuple(dict.fromkeys(finding.cautions + answer.cautions))
    return (
        f'<section class="answer{trouble}" aria-label="Answer"><h2>{HEADINGS[answer.kind]}</h2>'
        f'<p class="note">{safe(answer.note)}</p>{_body(answer)}{strip(cautions)}'
        f'<p class="facts">{safe(_facts(answer, finding, host, follow_up=follow_up))}</p></section>'
    )


def _body(answer: Answer) -> str:
    if not answer.statements:
        return f'<p class="statement">{safe(answer.text)}</p>' if answer.text else ""
    if answer.kind is AnswerKind.EXTRACT:
        return "".join(_extract(statement) for statement in answer.statements)
    return "".join(_statement(statement) for statement in answer.statements)


def _extract(statement: Statement) -> str:
    sources = "; ".join(safe(source(one.passage)) for one in statement.citations if one.passage is not None)
    return f"<blockquote>{_cited(statement)}<footer>{sources}</footer></blockquote>{flags(statement)}"


def _statement(statement: Statement) -> str:
    kind = "" if statement.supported else " unsupported"
    return f'<p class="statement{kind}">{_cited(statement)}{flags(statement)}</p>'


def _cited(statement: Statement) -> str:
    """The statement with a chip in the place of each marker, and chips at its end for markers not found."""
    parts: list[str] = []
    shown: set[int] = set()
    end = 0
    for found in MARKER.finditer(statement.text):
        chips = [one for one in statement.citations if names(found.group(), one.marker)]
        if chips:
            parts += [safe(statement.text[end : found.start()]), *map(chip, chips)]
            shown |= {one.marker for one in chips}
            end = found.end()
    rest = [chip(one) for one in statement.citations if one.marker not in shown]
    return "".join([*parts, safe(statement.text[end:]), *rest])


def names(marker: str, number: int) -> bool:
    """True when a marker such as ``[1-3]`` names a passage of this number."""
    ranges = ((int(first), int(last or first)) for first, last in _RANGE.findall(marker))
    return any(first <= number <= last for first, last in ranges)


def chip(citation: Citation, anchor: str = "passage") -> str:
    """The citation as a link to the passage it names, which has the id ``anchor-number``."""
    if citation.passage is None:
        return f'<span class="chip broken">[{citation.marker}] not in the evidence</span>'
    title = safe(source(citation.passage))
    return (
        f'<a class="chip" href="#{anchor}-{citation.marker}" title="{title}"'
        f' aria-label="Passage {citation.marker}: {title}">{citation.marker}</a>'
    )


def flags(statement: Statement) -> str:
    """What is wrong with a statement: no citation, or a quote that is not in its passage."""
    flags = [] if statement.citations else ["no citation"]
    untrue = [quote for quote in statement.quotes if not quote.verbatim]
    if len(statement.quotes) == 1 and untrue:
        flags.append("quote not found verbatim")
    else:
        flags += [f"quote not found verbatim: {one_line(quote.text, 40)}" for quote in untrue]
    return "".join(f' <span class="flag">{safe(flag)}</span>' for flag in flags)


def _facts(answer: Answer, finding: Finding, host: str, *, follow_up: bool) -> str:
    left = what_left(answer, finding, host, follow_up=follow_up)
    times = [f"{STAGES.get(time.stage, time.stage)} {time.seconds:.1f} s" for time in finding.timings]
    times.append(f"answer {answer.seconds:.1f} s")
    return f"{', '.join(times)}. What left this machine: {left}."
