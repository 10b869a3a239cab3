"""Thumbs on passages: a reader says whether a passage answers the question, changes their mind, or takes it back."""

import streamlit as st

from core.records import Finding, Judged
from core.workbench.decision_store import now
from core.workbench.labels import LabelVerdict, label_of
from pages.parts.state import actor
from pages.parts.wiring import Services

_BY_THUMB = {0: LabelVerdict.DOES_NOT, 1: LabelVerdict.ANSWERS}
_THUMB = {verdict: thumb for thumb, verdict in _BY_THUMB.items()}


def thumbs(judged: Judged, finding: Finding, services: Services) -> None:
    """Draw the thumbs of one passage, with what this reader said of it before."""
    chunk_id = judged.candidate.chunk.chunk_id
    key = f"thumbs_{chunk_id}_{finding.inquiry.question}"
    known = services.labels.of(finding.inquiry.question, actor()).get(chunk_id)
    if key not in st.session_state and known is not None:
        st.session_state[key] = _THUMB[known]
    given = st.feedback("thumbs", key=key)
    verdict = None if given is None else _BY_THUMB[given]
    if verdict is not known:
        judge(judged, finding, verdict, services)


def judge(judged: Judged, finding: Finding, verdict: LabelVerdict | None, services: Services) -> None:
    """Keep what this reader says of a passage, None for nothing any more; the audit log has it first.

    Raises:
        AuditUnavailable: it could not be logged, so it is not kept.
    """
    who, inquiry = actor(), finding.inquiry
    chunk = judged.candidate.chunk
    services.trail.labelled(who, inquiry, chunk, "withdrawn" if verdict is None else verdict.value)
    if verdict is None:
        services.labels.withdraw(inquiry.question, chunk.chunk_id, who)
    else:
        services.labels.put(label_of(judged, inquiry.question, inquiry.contract_ids, verdict, who, now()))
