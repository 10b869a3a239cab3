"""What if: a reader changes which passages are kept, says why, and sees both answers with their differences."""

import logging
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from core.answering.sentences import MARKER
from core.background_answer import Writing
from core.errors import ProvisoError
from core.explain.answer_changes import AnswerChanges, ComparedStatement, Stretch, compare
from core.explain.margin import cut
from core.explain.what_if import with_override
from core.records import Answer, Finding, Judged, Override, Statement, Verdict
from core.redact import printable
from pages.parts.answer_run import progress_html
from pages.parts.answer_view import HEADINGS, chip, flags, names
from pages.parts.explain_state import Explained, WhatIf
from pages.parts.markup import one_line, pages, plural, reflowed, safe
from pages.parts.panels import UNEXPECTED, error_panel
from pages.parts.state import Turn, actor
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)
REDRAW_SECONDS = 0.1
LONGEST_REASON = 500
BEFORE, AFTER = "before", "after"


def what_if_panel(turn: Turn, explained: Explained, services: Services) -> None:
    """Draw the choice, and both answers once there is another one."""
    if turn.finding is None or turn.answer is None:
        return
    st.html(
        '<section class="whatif-intro"><h2>What if other passages were kept?</h2>'
        '<p class="hint">Ranks and scores stay what they are. The answer is written again from your choice and'
        " nothing else; the choice goes on record with your name and your reason.</p></section>"
    )
    _form(turn, turn.finding, explained, services)
    changed = explained.what_ifs.get(turn.number)
    if changed is None:
        return
    changed = _bring(turn.number, changed, explained, services)
    if changed.failure is not None:
        error_panel(changed.failure)
    if changed.answer is not None:
        st.html(both_html(turn.finding, turn.answer, changed.finding, changed.answer))


def _form(turn: Turn, finding: Finding, explained: Explained, services: Services) -> None:
    kept, discarded = finding.ranking.kept, finding.ranking.discarded
    near = cut(
        finding.ranking, services.settings.near_miss_margin, finding.inquiry.minimum_relevance
    ).near_ids
    by_id = {one.candidate.chunk.chunk_id: one for one in finding.ranking.all}
    with st.form("what_if", border=False):
        left, right = st.columns(2, gap="medium")
        promoted = left.multiselect(
            "Put in",
            [one.candidate.chunk.chunk_id for one in discarded],
            format_func=lambda chunk_id: option(by_id[chunk_id], chunk_id in near),
            placeholder="Choose discarded passages",
            max_selections=finding.inquiry.keep,
            key=f"promoted_{turn.number}",
        )
        removed = right.multiselect(
            "Take out",
            [one.candidate.chunk.chunk_id for one in kept],
            format_func=lambda chunk_id: option(by_id[chunk_id], False),
            placeholder="Choose kept passages",
            max_selections=max(1, len(kept)),
            key=f"removed_{turn.number}",
        )
        field, send = st.columns([5, 1], vertical_alignment="bottom", gap="small")
        reason = field.text_input(
            "Reason",
            max_chars=LONGEST_REASON,
            placeholder="Why these passages? Kept on record",
            key=f"reason_{turn.number}",
        )
        sent = send.form_submit_button("Answer again", type="primary", width="stretch", key="what_if_send")
    if not sent:
        return
    fault = choice_fault(len(kept), len(promoted), len(removed), finding.inquiry.keep, reason)
    if fault:
        st.html(f'<p class="hint" role="alert">{safe(fault)}</p>')
        return
    override = Override(
        tuple(promoted),
        tuple(removed),
        printable(reason).strip(),
        actor(),
        datetime.now(UTC).isoformat("T", "seconds"),
    )
    if turn.number in explained.writings:
        explained.writings.pop(turn.number).stop()
    explained.what_ifs[turn.number] = changed_finding(finding, override, services)


def changed_finding(finding: Finding, override: Override, services: Services) -> WhatIf:
    """The finding with the reader's choice, which is in the audit log before anything is made of it."""
    try:
        changed = with_override(finding, override, services.library.snapshot())
        services.trail.overridden(finding.inquiry, override)
    except ProvisoError as error:
        return WhatIf(finding, failure=error)
    return WhatIf(changed)


def choice_fault(kept: int, promoted: int, removed: int, keep: int, reason: str) -> str:
    """What is wrong with a reader's choice, in one sentence; empty when nothing is."""
    if not promoted and not removed:
        return "Choose a passage to put in or to take out."
    left = kept + promoted - removed
    if left > keep:
        over = plural(left - keep, "kept passage")
        return f"An answer rests on at most {plural(keep, 'passage')}: take out {over} as well."
    if not printable(reason).strip():
        return "Give a reason; it is kept with the decision."
    return ""


def option(judged: Judged, near: bool) -> str:
    """A passage in a list to choose from."""
    chunk = judged.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else one_line(chunk.text, 40)
    mark = ", near miss" if near else ""
    return one_line(
        f"{judged.rank}. {judged.candidate.contract_title}: {heading} ({judged.relevance:.3f}{mark})", 130
    )


def _bring(number: int, changed: WhatIf, explained: Explained, services: Services) -> WhatIf:
    if changed.answer is not None or changed.failure is not None:
        return changed
    try:
        writing = explained.writings.get(number)
        if writing is None:
            asking = actor()
            writing = services.writers.start(changed.finding.evidence, lambda: services.answerer(asking))
            explained.writings[number] = writing
        _watch(writing, services)
        done = replace(changed, answer=writing.result())
    except ProvisoError as error:
        done = replace(changed, failure=error)
    except Exception:
        logger.exception("Another answer failed.")
        done = replace(changed, failure=UNEXPECTED)
    explained.writings.pop(number, None)
    explained.what_ifs[number] = done
    return done


def _watch(writing: Writing, services: Services) -> None:
    place = st.empty()
    shown = ""
    while not writing.wait(REDRAW_SECONDS if shown else 0.0):
        now = progress_html(
            writing.text, int(writing.seconds), services.settings.chat_model, services.chat_host
        )
        if now != shown:
            place.html(now)
            shown = now
    place.empty()


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
