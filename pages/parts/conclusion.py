"""What a question came to: the answer or the reason why there is none, and what can be done next."""

import streamlit as st

from pages.parts.answer_view import answer_html
from pages.parts.explain_panels import explain_buttons, explain_panel
from pages.parts.export_menu import export_menu
from pages.parts.panels import error_panel
from pages.parts.state import Session, Turn
from pages.parts.wiring import Services


def conclusion(turn: Turn, remembered: Session, services: Services) -> None:
    """Draw the answer or the failure, a way to try again, and the record to keep."""
    failed = turn.failure is not None
    if turn.failure is not None:
        error_panel(turn.failure)
    if turn.answer is not None and turn.finding is not None:
        follow_up = turn.rewritten is not None and bool(turn.rewritten.sent)
        st.html(answer_html(turn.answer, turn.finding, services.chat_host, follow_up=follow_up))
        failed = not turn.answer.complete
    with st.container(horizontal=True, gap="small", key="after_answer"):
        if failed:
            st.button("Try again", key="retry", type="primary", on_click=remembered.retry, args=(turn,))
        explain_buttons(turn, remembered)
        export_menu(turn, services)
    explain_panel(turn, remembered, services)
