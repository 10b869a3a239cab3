"""What if: a reader changes which passages are kept, says why, and sees both answers with their differences."""

import json
import logging
from dataclasses import replace

import streamlit as st

from core.background_answer import Writing
from core.errors import ProvisoError
from core.explain.margin import cut
from core.explain.what_if import with_override
from core.plural import plural
from core.records import Finding, Judged, Override
from core.redact import printable
from core.report import finding_as_json
from core.timestamps import utc_now
from core.workbench.decision import DecisionKind
from core.workbench.recorder import Context
from pages.parts.answer_run import progress_html
from pages.parts.both_answers import both_html
from pages.parts.explain_state import Explained, WhatIf
from pages.parts.markup import one_line, safe
from pages.parts.panels import UNEXPECTED, error_panel
from pages.parts.state import Turn, actor
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)
REDRAW_SECONDS = 0.1
LONGEST_REASON = 500


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
        asking = actor()
        st.download_button(
            "Download the record of your choice",
            lambda: exported_choice(changed, services, asking),
            file_name=f"proviso-question-{turn.number}-changed.json",
            mime="application/json",
            on_click="ignore",
            type="tertiary",
            key="record_what_if",
        )


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
        utc_now(),
    )
    if turn.number in explained.writings:
        explained.writings.pop(turn.number).stop()
    explained.what_ifs[turn.number] = changed_finding(turn, finding, override, services)


def changed_finding(turn: Turn, finding: Finding, override: Override, services: Services) -> WhatIf:
    """The finding with the reader's choice, which is in the audit log and on record before anything is made of it."""
    try:
        snapshot = services.library.snapshot()
        changed = with_override(finding, override, snapshot)
        services.trail.overridden(finding.inquiry, override)
        context = Context(override.actor, DecisionKind.WHAT_IF, turn.decision_id)
        decision_id = services.recorder.found(changed, context, snapshot.titles)
    except ProvisoError as error:
        return WhatIf(finding, failure=error)
    return WhatIf(changed, decision_id=decision_id)


def exported_choice(changed: WhatIf, services: Services, actor: str) -> str:
    """The record of the other answer, which the audit log names before it is given.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
    """
    inquiry = changed.finding.inquiry
    services.trail.exported(
        actor, "record of a question with a reader's choice", inquiry.contract_ids, inquiry.question
    )
    whole = finding_as_json(changed.finding, changed.answer, services.model_names, changed.decision_id)
    return json.dumps(whole, indent=2)


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
            writing = services.writers.start(
                changed.finding.evidence, lambda: services.answerer(asking, changed.decision_id)
            )
            explained.writings[number] = writing
        _watch(writing, services)
        given = writing.result()
        services.recorder.answered(changed.decision_id, given)
        done = replace(changed, answer=given)
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
    box = place.container()
    words = box.empty()
    if services.chat_host:
        box.button("Stop", key="stop_what_if", on_click=writing.stop)
    shown = ""
    while not writing.wait(REDRAW_SECONDS if shown else 0.0):
        now = progress_html(
            writing.text, int(writing.seconds), services.settings.chat_model, services.chat_host
        )
        if now != shown:
            words.html(now)
            shown = now
    place.empty()
