"""Run a decision again, with progress on screen."""

import streamlit as st

from core.workbench.decision import Decision
from core.workbench.run_again import Replayed, run_again
from pages.parts.state import actor
from pages.parts.wiring import Services


def replayed(decision: Decision, services: Services) -> Replayed:
    """The same question asked today, compared with the decision; the audit log says so.

    Raises:
        ProvisoError: whatever keeps it from being asked.
    """
    with st.spinner("Asking again..."):
        return run_again(decision, services.searcher, services.trail, services.recorder, actor())
