"""Run a decision again, with progress on screen."""

import streamlit as st

from core.audit.trail import find_on_record
from core.records import Finding
from core.workbench.decision import Decision
from core.workbench.recorder import searched
from core.workbench.replay import Comparison, compare
from pages.parts.state import actor
from pages.parts.wiring import Services


def replayed(decision: Decision, services: Services) -> tuple[Comparison, Finding]:
    """The same question asked today, compared with the decision; the audit log says so.

    Raises:
        ProvisoError: whatever keeps it from being asked.
    """
    inquiry = decision.finding.inquiry
    with st.spinner("Asking again..."):
        finding = find_on_record(services.searcher, services.trail, actor(), inquiry)
    titles = services.library.catalogue.ready_titles()
    within = tuple(one for one in inquiry.contract_ids if one in titles) or titles
    return compare(decision, finding, services.trail.models, searched(within)), finding
