"""Export: one answer as a file of the kind that the reader chooses, made when it is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.export.answer_files import answer_file
from core.export.draw_originals import original_pages
from core.export.records import AnswerRecord, Format, file_name
from core.records import Finding
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
    if turn.finding is None:
        return
    record = record_of(turn, turn.finding, services, actor())
    with (
        st.container(key="export_box", width="content"),
        st.popover("Export", type="tertiary", key="export"),
        st.container(gap=None),
    ):
        for kind, (label, note) in KINDS.items():
            st.download_button(
                label,
                maker(record, kind, services),
                file_name=file_name(turn.number, turn.answer, kind),
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
        endpoint=services.chat_host,
        follow_up=turn.rewritten,
        scope={one: titles[one] for one in turn.inquiry.contract_ids if one in titles},
    )


def maker(record: AnswerRecord, kind: Format, services: Services) -> Callable[[], bytes]:
    """Makes the file when it is called, in a thread without a session."""
    return partial(export, record, kind, services)


def export(record: AnswerRecord, kind: Format, services: Services) -> bytes:
    """The file; the audit log says that it is exported before it is made.

    Raises:
        AuditUnavailable: it could not be logged, so it is not given.
    """
    inquiry = record.finding.inquiry
    services.trail.exported(
        record.actor, f"record of a question ({kind.value})", inquiry.contract_ids, inquiry.question
    )
    draw = original_pages(services.library, services.passwords.known)
    return answer_file(record, kind, draw)
