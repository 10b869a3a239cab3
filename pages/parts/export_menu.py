"""Export: one answer as a file of the kind that the reader chooses, made when it is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.answering.chat import Message
from core.conversation.records import Rewriter, StandAlone
from core.export.answer_files import answer_file
from core.export.draw_originals import original_pages
from core.export.records import AnswerRecord, Format, file_name
from core.records import Finding
from core.report import ModelNames
from core.workbench.decision import FOLLOW_UP_SENT, Decision
from pages.parts.state import Turn, actor
from pages.parts.wiring import Services

KINDS = {
    Format.DOCX: (
        "Word document",
        "The answer with its sources, to be filed; every candidate as an appendix.",
    ),
    Format.PDF: ("PDF of the cited pages", "The pages as pictures, the passages highlighted."),
    Format.XLSX: ("Excel workbook", "Answer, statements, and every candidate with its scores as numbers."),
    Format.CSV: ("CSV", "Every candidate with its ranks and scores."),
    Format.JSON: ("JSON", "Question, settings, every candidate with all its scores, and the answer."),
}


def export_menu(turn: Turn, services: Services) -> None:
    """One button that opens the list of kinds; nothing while there is no finding."""
    if turn.finding is not None:
        export_box(record_of(turn, turn.finding, services, actor()), turn.number, services)


def export_decision(decision: Decision, services: Services) -> None:
    """The same for a decision on record, as it was."""
    export_box(record_of_decision(decision, services), decision.decision_id, services)


def export_box(record: AnswerRecord, number: int | str, services: Services) -> None:
    """The button with the list of kinds; ``number`` names the file."""
    asking = actor()
    with (
        st.container(key="export_box", width="content"),
        st.popover("Export", type="tertiary", key="export"),
        st.container(gap=None),
    ):
        for kind, (label, note) in KINDS.items():
            st.download_button(
                label,
                maker(record, kind, services, asking),
                file_name=file_name(number, record.answer, kind),
                mime=kind.media_type,
                on_click="ignore",
                type="tertiary",
                key=f"export_{kind.value}",
                help=note,
            )


def record_of(turn: Turn, finding: Finding, services: Services, asking: str) -> AnswerRecord:
    """All that a file about this question says."""
    titles = services.library.catalogue.ready_titles() if turn.inquiry.contract_ids else {}
    return AnswerRecord(
        finding=finding,
        answer=turn.answer,
        models=services.model_names,
        made_at=datetime.now(UTC),
        actor=asking,
        decision=turn.decision_id,
        endpoint=services.chat_host,
        follow_up=turn.rewritten,
        scope={one: titles[one] for one in turn.inquiry.contract_ids if one in titles},
    )


def record_of_decision(decision: Decision, services: Services) -> AnswerRecord:
    """All that a file about a decision on record says, with the models and the service of its day."""
    finding, models = decision.finding, decision.models
    titles = services.library.catalogue.ready_titles()
    answerer = "" if decision.answer is None else decision.answer.model
    return AnswerRecord(
        finding=finding,
        answer=decision.answer,
        models=ModelNames(models.encoder.name, models.reranker.name, answerer),
        made_at=datetime.now(UTC),
        actor=decision.actor,
        asked_at=datetime.fromisoformat(decision.at),
        decision=decision.decision_id,
        endpoint=models.endpoint,
        scope={one: titles[one] for one in finding.inquiry.contract_ids if one in titles},
        follow_up=_typed(decision),
    )


def _typed(decision: Decision) -> StandAlone | None:
    """How a follow-up on record came about; of its messages only that they were sent matters to a file."""
    sent = [one for one in decision.sent if one.purpose == FOLLOW_UP_SENT]
    if not decision.typed and not sent:
        return None
    inquiry = decision.finding.inquiry
    messages = tuple(Message("user", text) for one in sent for text in one.messages)
    return StandAlone(
        decision.typed or inquiry.question,
        inquiry.question,
        inquiry.contract_ids,
        Rewriter.MODEL if sent else Rewriter.TERMS,
        sent=messages,
    )


def maker(record: AnswerRecord, kind: Format, services: Services, asking: str) -> Callable[[], bytes]:
    """Makes the file for ``asking`` when it is called, in a thread without a session."""
    return partial(export, record, kind, services, asking)


def export(record: AnswerRecord, kind: Format, services: Services, asking: str = "") -> bytes:
    """The file; the audit log says who exports it (whoever asked the question, where nobody else is named) first.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
    """
    inquiry = record.finding.inquiry
    services.trail.exported(
        asking or record.actor, f"record of a question ({kind.value})", inquiry.contract_ids, inquiry.question
    )
    draw = original_pages(services.library, services.passwords.known)
    return answer_file(record, kind, draw)
