"""Thumbs on passages: a reader says whether a passage answers the question, changes their mind, or takes it back."""

import streamlit as st

from core.errors import ProvisoError
from core.records import Finding, Judged
from core.workbench.decision_store import now
from core.workbench.labels import LabelVerdict, label_of
from pages.parts.markup import safe
from pages.parts.panels import guard
from pages.parts.state import actor, session
from pages.parts.wiring import Services

_BY_THUMB = {0: LabelVerdict.DOES_NOT, 1: LabelVerdict.ANSWERS}
_THUMB = {verdict: thumb for thumb, verdict in _BY_THUMB.items()}


@st.fragment
def thumbs(judged: Judged, finding: Finding, services: Services) -> None:
    """Draw the thumbs of one passage, with what this reader said of it before; a click redraws them alone."""
    with guard():
        chunk_id = judged.candidate.chunk.chunk_id
        key = f"thumbs_{chunk_id}_{finding.inquiry.question}"
        known = services.labels.of(finding.inquiry.question, actor()).get(chunk_id)
        # What is kept is shown, not what this page remembers: the same reader may have judged in another window.
        st.session_state[key] = None if known is None else _THUMB[known]
        st.feedback("thumbs", key=key, on_change=_given, args=(key, judged, finding, services))
        failed = session().label_failures.get(key)
        if failed is not None:
            st.html(f'<p class="hint" role="alert">{safe(failed)}</p>')


def _given(key: str, judged: Judged, finding: Finding, services: Services) -> None:
    thumb = st.session_state[key]
    failures = session().label_failures
    failures.pop(key, None)
    try:
        judge(judged, finding, None if thumb is None else _BY_THUMB[thumb], services)
    except ProvisoError as error:
        failures[key] = error


def judge(judged: Judged, finding: Finding, verdict: LabelVerdict | None, services: Services) -> None:
    """Keep what this reader says of a passage, None for nothing any more; the audit log has it first.

    Raises:
        AuditUnavailable: it could not be logged, so it is not kept.
        StorageFull: it could not be kept.
    """
    who, inquiry = actor(), finding.inquiry
    chunk = judged.candidate.chunk
    services.trail.labelled(who, inquiry, chunk, "withdrawn" if verdict is None else verdict.value)
    if verdict is None:
        services.labels.withdraw(inquiry.question, chunk.chunk_id, who)
    else:
        services.labels.put(label_of(judged, inquiry.question, inquiry.contract_ids, verdict, who, now()))
