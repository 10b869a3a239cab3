"""Rerank inspector: every candidate of a question with every rank and score, before and after reranking."""

import streamlit as st

from core.explain.margin import cut
from core.records import Inquiry
from pages.parts.ask_run import bring_evidence
from pages.parts.evidence_view import cut_html
from pages.parts.frame import frame
from pages.parts.inspector_data import table
from pages.parts.inspector_views import all_candidates, charts, movement, two_passages, without_reranker
from pages.parts.markup import one_line, safe
from pages.parts.panels import empty_panel, error_panel
from pages.parts.pipeline_choice import pipeline_choice
from pages.parts.state import Session, Turn, session
from pages.parts.trace_view import notes_html, searched_html, trace_view
from pages.parts.wiring import Services


def question_form(remembered: Session, services: Services) -> None:
    """Choose a question of the session, or put a new one to the whole library."""
    with st.form("inspect", clear_on_submit=True, border=False):
        field, beside, send = st.columns([6, 3, 1], vertical_alignment="bottom", gap="small")
        question = field.text_input("A new question", key="inspect_text", max_chars=1000)
        with beside:
            pipeline = pipeline_choice(services, "inspect_pipeline")
        sent = send.form_submit_button("Inspect", type="primary", width="stretch", key="inspect_send")
    if sent and question.strip():
        set_up = services.settings
        remembered.ask(
            Inquiry(
                question.strip(),
                (),
                set_up.candidates,
                set_up.keep,
                set_up.minimum_relevance,
                pipeline=pipeline,
            )
        )
    if len(remembered.turns) > 1:
        turns = {turn.number: turn for turn in reversed(remembered.turns)}
        chosen = st.selectbox(
            "Question of this session",
            list(turns),
            index=list(turns).index(remembered.current),
            format_func=lambda number: one_line(f"{number}. {turns[number].inquiry.question}"),
        )
        remembered.show(chosen)


def draw(turn: Turn, remembered: Session, services: Services) -> None:
    """Everything about one question's ranking."""
    st.html(f'<h2 class="question">{safe(turn.inquiry.question)}</h2>')
    turn = bring_evidence(turn, remembered, services, st.empty())
    if turn.failure is not None:
        error_panel(turn.failure)
        st.button("Try again", key="retry", type="primary", on_click=remembered.retry, args=(turn,))
    if turn.finding is None:
        return
    if not turn.finding.ranking.all:
        empty_panel("No candidates", "No passage of the contracts searched came up for this question.")
        return
    st.html(searched_html(turn.finding, services.recipes) + notes_html(turn.finding))
    margin = services.settings.near_miss_margin
    st.html(cut_html(turn.finding, cut(turn.finding.ranking, margin, turn.finding.inquiry.minimum_relevance)))
    candidates = table(turn.finding.ranking)
    all_candidates(candidates)
    charts(turn.finding, candidates)
    without_reranker(turn.finding)
    movement(turn.finding)
    two_passages(turn.finding, services)
    trace_view(turn.finding, services.chat_host)


with frame("Rerank inspector") as services:
    st.html('<h1 class="page">Rerank inspector</h1>')
    remembered = session()
    if not services.library.catalogue.ready_titles() and not remembered.turns:
        empty_panel(
            "The library is empty", "Add contracts first; then every step of a ranking can be seen here."
        )
        st.page_link("pages/1_Contracts.py", label="Add contracts")
    else:
        question_form(remembered, services)
        if remembered.turn is not None:
            draw(remembered.turn, remembered, services)
        else:
            empty_panel("No question yet", "Ask one here or on the Ask page; its whole ranking appears here.")
