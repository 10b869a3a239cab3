"""What a reader may do about an answer: other passages, each contract on its own, other pipelines, other wordings."""

import streamlit as st

from core.records import AnswerKind
from pages.parts.explain_state import Explained, Panel
from pages.parts.panels import guard
from pages.parts.run_with import run_with_panel
from pages.parts.silence_view import silence_panel
from pages.parts.state import Session, Turn
from pages.parts.what_if_view import what_if_panel
from pages.parts.wiring import Services
from pages.parts.wordings import wordings_panel


def explain_buttons(turn: Turn, remembered: Session) -> None:
    """The buttons that open and close the panels of a turn, in the row below its answer."""
    if turn.finding is None:
        return
    opened = remembered.explained.panels.get(turn.number)
    if turn.answer is not None and turn.finding.ranking.all:
        _button("What if\u2026", "what_if", Panel.WHAT_IF, opened, turn, remembered.explained)
    _button("What each contract says at most", "silence", Panel.SILENCE, opened, turn, remembered.explained)
    _button("Run with\u2026", "run_with", Panel.RUN_WITH, opened, turn, remembered.explained)
    _button("Wordings\u2026", "wordings", Panel.WORDINGS, opened, turn, remembered.explained)


def explain_panel(turn: Turn, remembered: Session, services: Services) -> None:
    """The panel that is open, if any."""
    opened = remembered.explained.panels.get(turn.number)
    if opened is None or turn.finding is None:
        return
    with st.container(border=True, key="explain_panel"), guard():
        match opened:
            case Panel.WHAT_IF:
                what_if_panel(turn, remembered.explained, services)
            case Panel.SILENCE:
                silence_panel(turn.number, turn.finding, remembered.explained, services)
            case Panel.RUN_WITH:
                run_with_panel(turn, remembered, services)
            case Panel.WORDINGS:
                wordings_panel(turn, turn.finding, remembered)


def _button(
    label: str, key: str, panel: Panel, opened: Panel | None, turn: Turn, explained: Explained
) -> None:
    refused = turn.answer is not None and turn.answer.kind is AnswerKind.REFUSED
    st.button(
        f"Close: {label}" if opened is panel else label,
        key=f"panel_{key}",
        type="primary" if panel is Panel.SILENCE and refused and opened is not panel else "tertiary",
        on_click=explained.toggle,
        args=(turn.number, panel),
    )
