"""The session's questions in the sidebar; each keeps its own evidence and answer."""

import streamlit as st

from core.plural import plural
from core.records import Inquiry, Selection
from pages.parts.markup import label
from pages.parts.state import Session

FOLLOWS = "\u21b3 "


def history(remembered: Session, preset: str) -> None:
    """List the questions, newest first; a click puts one back on the screen. A pipeline other than
    ``preset`` is named.
    """
    if not remembered.turns:
        return
    kept, asked = len(remembered.turns), remembered.asked
    number = plural(kept, "question") if kept == asked else f"the last {kept} of {asked} questions"
    with st.sidebar:
        st.html(f'<h2 class="quiet">This session <small>{number}</small></h2>')
        for turn in reversed(remembered.turns):
            current = turn.number == remembered.current
            st.button(
                f"{FOLLOWS if turn.follows else ''}{label(turn.inquiry.question, 70)}"
                f"{_rule(turn.inquiry, preset)}",
                key=f"{'current_' if current else ''}turn_{turn.number}",
                type="tertiary",
                width="stretch",
                on_click=remembered.show,
                args=(turn.number,),
            )


def _rule(inquiry: Inquiry, preset: str) -> str:
    rules = [inquiry.selection.value] if inquiry.selection is not Selection.BEST else []
    rules += [label(inquiry.pipeline)] if inquiry.pipeline != preset else []
    rules += ["own wordings"] if inquiry.formulations else []
    return f" ({', '.join(rules)})" if rules else ""
