"""What a question came to: the answer or the reason why there is none, and what can be done next."""

import json

import streamlit as st

from core.report import finding_as_json
from pages.parts.answer_view import answer_html
from pages.parts.explain_panels import explain_buttons, explain_panel
from pages.parts.panels import error_panel
from pages.parts.state import Session, Turn, actor
from pages.parts.wiring import Services


def conclusion(turn: Turn, remembered: Session, services: Services) -> None:
    """Draw the answer or the failure, a way to try again, and the record to keep."""
    asking = actor()
    failed = turn.failure is not None
    if turn.failure is not None:
        error_panel(turn.failure)
    if turn.answer is not None and turn.finding is not None:
        st.html(answer_html(turn.answer, turn.finding, services.chat_host))
        failed = not turn.answer.complete
    with st.container(horizontal=True, gap="small", key="after_answer"):
        if failed:
            st.button("Try again", key="retry", type="primary", on_click=remembered.retry, args=(turn,))
        explain_buttons(turn, remembered)
        if turn.finding is not None:
            st.download_button(
                "Download the record",
                lambda: exported_record(turn, services, asking),
                file_name=record_name(turn),
                mime="application/json",
                on_click="ignore",
                type="tertiary",
                key="record",
                help="Question, settings, every candidate with all its scores, and the answer, as JSON.",
            )
    explain_panel(turn, remembered, services)


def record_name(turn: Turn) -> str:
    """Name of the record's file; that of an answer that is not whole says so."""
    mark = "" if turn.answer is not None and turn.answer.complete else f"-{_state(turn)}"
    return f"proviso-question-{turn.number}{mark}.json"


def _state(turn: Turn) -> str:
    return "without-answer" if turn.answer is None else turn.answer.kind.value


def exported_record(turn: Turn, services: Services, actor: str) -> str:
    """The record of a question that ``actor`` downloads; the audit log says so before it is given.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
    """
    services.trail.exported(actor, "record of a question", turn.inquiry.contract_ids, turn.inquiry.question)
    return record_of(turn, services)


def record_of(turn: Turn, services: Services) -> str:
    """The whole decision as JSON; empty while there is no finding."""
    if turn.finding is None:
        return ""
    return json.dumps(finding_as_json(turn.finding, turn.answer, services.model_names), indent=2)
