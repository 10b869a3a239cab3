"""Ask: question -> cited answer, the kept passages beside the discarded candidates."""

import streamlit as st

from pages.parts.answer_run import bring_answer
from pages.parts.ask_form import question_box
from pages.parts.ask_run import bring_evidence
from pages.parts.conclusion import conclusion
from pages.parts.evidence_view import evidence
from pages.parts.follow_up import follow_up_box, follow_up_line, proposal
from pages.parts.frame import frame
from pages.parts.history import history
from pages.parts.markup import safe
from pages.parts.panels import empty_panel
from pages.parts.state import Session, Turn, session
from pages.parts.trace_view import notes_html
from pages.parts.wiring import Services


def draw(turn: Turn, remembered: Session, services: Services) -> None:
    """Bring the turn forward and draw it: the answer on top, drawn last, the evidence below, drawn first."""
    st.html(f'{follow_up_line(turn)}<h1 class="question">{safe(turn.inquiry.question)}</h1>')
    notes, top = st.empty(), st.empty()
    turn = bring_evidence(turn, remembered, services, top)
    if turn.finding is not None:
        if turn.finding.notes:
            notes.html(notes_html(turn.finding))
        evidence(turn.finding, services, services.chat_host)
        turn = bring_answer(turn, remembered, services, top)
    with top.container():
        conclusion(turn, remembered, services)
        if turn.finding is not None:
            follow_up_box(turn, services)


with frame("Ask") as services:
    contracts = services.library.catalogue.contracts()
    remembered = session()
    if not contracts and not remembered.turns:
        st.html('<h1 class="page">Ask your contracts</h1>')
        empty_panel(
            "The library is empty", "Add contracts first; then put a question to all of them at once."
        )
        st.page_link("pages/1_Contracts.py", label="Add contracts")
    else:
        heading = st.empty()
        question_box(contracts, services)
        history(remembered, services.settings.pipeline)
        if remembered.follow_up is not None:
            proposal(remembered.follow_up, remembered, services)
        elif remembered.turn is None:
            heading.html('<h1 class="page">Ask your contracts</h1>')
        else:
            draw(remembered.turn, remembered, services)
