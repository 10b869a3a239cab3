"""Run with...: the question on the screen through other pipelines, watched, and the results side by side."""

import logging
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.audit.trail import find_on_record
from core.compare_pipelines import compare_pipelines
from core.errors import ProvisoError
from core.pipeline.describe import asks_model
from core.records import Finding
from core.search import Cancelled, Phase, Report, Search, Standing
from core.workbench.decision import DecisionKind
from core.workbench.recorder import Context
from pages.parts.compare_view import alone_html, table_html
from pages.parts.explain_state import Ran, RunWith
from pages.parts.markup import label, safe
from pages.parts.panels import UNEXPECTED, error_panel
from pages.parts.pipeline_choice import option
from pages.parts.state import Session, Turn, actor
from pages.parts.watching import watched
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)
# More columns than these and the passages could not be read beside them.
MOST_OTHERS = 4
OFFER = (
    "The same question, scope and limits through other pipelines, one after the other. The reranker decides in each of"
    " them; each run is on record. Your answer stays as it is until you use another one."
)


def run_with_panel(turn: Turn, remembered: Session, services: Services) -> None:
    """Draw the choice, run what was chosen, and draw the comparison of what is there."""
    if turn.finding is None:
        return
    st.html(f'<section><h2>Run with other pipelines</h2><p class="hint">{OFFER}</p></section>')
    _form(turn, remembered, services)
    runs = remembered.explained.runs.get(turn.number)
    if runs is None:
        return
    _bring(runs, turn, remembered, services)
    _draw(runs, turn, turn.finding, remembered, services)


def _form(turn: Turn, remembered: Session, services: Services) -> None:
    others = [name for name in sorted(services.recipes) if name != turn.inquiry.pipeline]
    with st.form("run_with", border=False):
        field, send = st.columns([6, 1], vertical_alignment="bottom", gap="small")
        chosen = field.multiselect(
            "Other pipelines",
            others,
            format_func=lambda name: option(services.recipes[name], services.chat_host),
            placeholder="Choose one or more",
            max_selections=MOST_OTHERS,
            key=f"run_with_{turn.number}",
            label_visibility="collapsed",
        )
        sent = send.form_submit_button("Run", type="primary", width="stretch", key="run_with_send")
    if sent and not chosen:
        st.html('<p class="hint" role="alert">Choose a pipeline first.</p>')
    elif sent:
        with remembered.lock:
            remembered.explained.run_with(turn.number, tuple(chosen))
    asking = [name for name in others if asks_model(services.recipes[name])]
    if asking and services.chat_host:
        st.html(
            f'<p class="hint">For their search {safe(", ".join(asking))} ask the model service at'
            f" {safe(services.chat_host)}, each run anew. No passage is sent for that.</p>"
        )


def _bring(runs: RunWith, turn: Turn, remembered: Session, services: Services) -> None:
    """Run what has not run yet, with progress on screen and a way to give it up."""
    if not runs.next:
        return
    place = st.empty()
    with place.container():
        progress = st.empty()
        st.button("Cancel", key="cancel_run_with", type="tertiary", on_click=runs.cancel)
        while name := runs.next:
            search = _search(name, runs, turn, remembered, services)
            told = f"{name}, {len(runs.done) + 1} of {len(runs.wanted)}"
            ran = _watched(search, progress, told)
            with remembered.lock:
                # Another run of the script may have been first, or the reader may have given it up meanwhile.
                if runs.search is search:
                    runs.search = None
                    if ran is not None:
                        runs.done[name] = ran
    place.empty()


def _search(name: str, runs: RunWith, turn: Turn, remembered: Session, services: Services) -> Search[Ran]:
    """The pipeline at work, begun now if it was not."""
    asking = actor()
    # Wordings that the reader gave belong to the question as it was put; each pipeline writes its own.
    inquiry = replace(turn.inquiry, pipeline=name, formulations=())

    def work(report: Report) -> Ran:
        finding = find_on_record(services.searcher, services.trail, asking, inquiry, report)
        context = Context(asking, DecisionKind.COMPARISON, turn.decision_id)
        titles = services.library.catalogue.ready_titles()
        return Ran(finding, services.recorder.found(finding, context, titles))

    with remembered.lock:
        if runs.search is None or runs.search.given_up:
            runs.search = Search(work).start()
        return runs.search


def _watched(search: Search[Ran], progress: DeltaGenerator, told: str) -> Ran | None:
    """What came of a pipeline; None where it was given up."""
    try:
        return watched(search, progress, lambda standing: _sentence(standing, told))
    except Cancelled:
        return None
    except ProvisoError as error:
        return Ran(failure=error)
    except Exception:
        logger.exception("A pipeline of a comparison failed.")
        return Ran(failure=UNEXPECTED)


def _sentence(standing: Standing, told: str) -> str:
    match standing:
        case Standing(Phase.RERANK, done=done, of=of) if of:
            return f"{told}: {done} of {of} candidates scored\u2026"
        case Standing(Phase.RERANK):
            return f"{told}: scoring the candidates\u2026"
        case Standing(step=step) if step:
            return f"{told}: {step}"
        case _:
            return f"{told}: searching\u2026"


def _draw(runs: RunWith, turn: Turn, finding: Finding, remembered: Session, services: Services) -> None:
    for name, ran in runs.done.items():
        if ran.failure is not None:
            st.html(f'<p class="hint">{safe(name)} failed:</p>')
            error_panel(ran.failure)
    found = [(name, ran, ran.finding) for name, ran in runs.done.items() if ran.finding is not None]
    if not found:
        return
    made = compare_pipelines([finding, *(other for _, _, other in found)])
    st.html(table_html(made, services.recipes, services.chat_host))
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="use_another"):
        for name, ran, other in found:
            st.button(
                f"Use {label(name)}",
                key=f"use_{name}",
                help="Answer the question from what this pipeline keeps, as a question of its own",
                on_click=remembered.adopt,
                args=(turn, other, ran.decision_id),
            )
    st.html(alone_html(made))
