"""History: every question of this reader on record, as it was on the day, and the same question asked again."""

import streamlit as st

from core.workbench.decision_store import DecisionFilter
from pages.parts.decision_list import decision_list, filter_fields
from pages.parts.decision_view import decision_view
from pages.parts.frame import frame
from pages.parts.markup import safe
from pages.parts.panels import empty_panel
from pages.parts.state import actor, session

NOT_KEPT = "PROVISO_KEEP_DECISIONS is false: no new question is kept. Those kept before are listed."

with frame("History") as services:
    st.html('<h1 class="page">History</h1>')
    remembered = session()
    if not services.settings.keep_decisions:
        st.html(f'<p class="hint">{safe(NOT_KEPT)}</p>')
    if remembered.opened_decision:
        decision_view(remembered.opened_decision, services)
    elif not services.decisions.count(DecisionFilter(actor=actor())):
        empty_panel(
            "Nothing on record yet", "Every question you ask is kept here with its evidence and its answer."
        )
    else:
        decision_list(filter_fields(actor()), services)
