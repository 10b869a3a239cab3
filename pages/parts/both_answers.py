"""Two answers to one question side by side, what differs marked, each with the passages that it rests on."""

from datetime import datetime

from core.answering.sentences import MARKER
from core.explain.answer_changes import AnswerChanges, ComparedStatement, Stretch, compare
from core.export.records import HEADINGS
from core.page_words import pages
from core.plural import plural
from core.records import Answer, Finding, Statement, Verdict
from core.reflow import reflowed
from pages.parts.answer_view import chip, flags, names
from pages.parts.markup import one_line, safe

BEFORE, AFTER = "before", "after"


def both_html(before: Finding, first: Answer, after: Finding, second: Answer) -> str:
    """Both answers side by side, what differs marked, each with the passages its numbers refer to."""
    changes = compare(first, second)
    reason = ""
    if after.override is not None:
        override = after.override
        reason = (
            f'<p class="hint">Reason given: \u201c{safe(override.reason)}\u201d'
            f" On record since {safe(_time(override.at))}.</p>"
        )
    return (
        '<section class="both" aria-label="Both answers">'
        f'<p class="result">{safe(verdict(changes, first, second))}</p>{reason}<div class="sides">'
        f"{_side(BEFORE, 'From the reranker’s choice', first, changes, before, after)}"
        f"{_side(AFTER, 'From your choice', second, changes, after, before)}</div></section>"
    )


def _time(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def verdict(changes: AnswerChanges, first: Answer, second: Answer) -> str:
    """What came of the other choice, in one sentence."""
    if not first.complete or not second.complete:
        return "One of the answers is not complete, so that they cannot be compared fairly."
    if changes.same:
        return "The answer stays the same, word for word and source for source."
    said = []
    alone_before = sum(one.alone for one in changes.before)
    alone_after = sum(one.alone for one in changes.after)
    reworded = sum(not one.alone and any(part.differs for part in one.stretches) for one in changes.after)
    if alone_before:
        said.append(f"{plural(alone_before, 'sentence')} fell away")
    if alone_after:
        said.append(f"{plural(alone_after, 'sentence')} came in")
    if reworded:
        said.append(f"{plural(reworded, 'sentence')} changed words")
    if changes.dropped or changes.added:
        said.append(
            f"{plural(len(changes.dropped), 'source')} no longer cited, {len(changes.added)} newly cited"
        )
    return f"The answer changes: {'; '.join(said)}."


def _side(
    side: str, heading: str, answer: Answer, changes: AnswerChanges, finding: Finding, other: Finding
) -> str:
    compared = changes.before if side == BEFORE else changes.after
    body = "".join(_statement(one, side) for one in compared)
    if not compared:
        body = f'<p class="statement">{safe(answer.text or answer.note)}</p>'
    cited = {one.chunk_id for one in (changes.dropped if side == BEFORE else changes.added)}
    return (
        f'<section class="answer{"" if answer.complete else " troubled"}" aria-label="{heading}">'
        f"<h2>{heading} <small>{HEADINGS[answer.kind]}</small></h2>{body}"
        f"{_passages(side, finding, other, cited)}</section>"
    )


def _statement(one: ComparedStatement, side: str) -> str:
    words = "".join(_stretch(part, one.statement, side) for part in one.stretches)
    alone = ' <span class="flag only">only here</span>' if one.alone else ""
    kind = (" unsupported" if not one.statement.supported else "") + (" alone" if one.alone else "")
    return f'<p class="statement{kind}">{words}{alone}{flags(one.statement)}</p>'


def _stretch(part: Stretch, statement: Statement, side: str) -> str:
    pieces: list[str] = []
    end = 0
    for found in MARKER.finditer(part.text):
        chips = [one for one in statement.citations if names(found.group(), one.marker)]
        if chips:
            pieces += [safe(part.text[end : found.start()]), *(chip(one, side) for one in chips)]
            end = found.end()
    words = "".join([*pieces, safe(part.text[end:])])
    tag = "del" if side == BEFORE else "ins"
    return f"<{tag}>{words}</{tag}>" if part.differs else words


def _passages(side: str, finding: Finding, other: Finding, cited: set[str]) -> str:
    held_by_other = {passage.chunk_id for passage in other.evidence.passages}
    verdicts = {one.candidate.chunk.chunk_id: one.verdict for one in finding.ranking.kept}
    items = []
    for passage in finding.evidence.passages:
        marks = _marks(side, verdicts.get(passage.chunk_id), passage.chunk_id in held_by_other)
        marks += ("cited here alone",) if passage.chunk_id in cited else ()
        noted = " ".join(f'<span class="flag only">{safe(mark)}</span>' for mark in marks)
        place = pages(passage.page_start, passage.page_end)
        items.append(
            f'<li><details id="{side}-{passage.number}"><summary><span class="number">{passage.number}</span>'
            f'<span class="name"><b>{safe(passage.contract_title)}</b>'
            f"<span>{safe(one_line(passage.heading, 90))}, {place}</span>{noted}</span></summary>"
            f'<div class="text">{safe(reflowed(passage.text))}</div></details></li>'
        )
    return f'<ol class="sources" aria-label="Passages of this answer">{"".join(items)}</ol>'


def _marks(side: str, verdict_of: Verdict | None, shared: bool) -> tuple[str, ...]:
    if verdict_of is Verdict.PROMOTED:
        return (Verdict.PROMOTED.value,)
    return (Verdict.REMOVED.value,) if side == BEFORE and not shared else ()
