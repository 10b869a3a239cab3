"""Bring the evidence of the current question, with progress on screen.

What is done is remembered at once, so a rerun draws it and does nothing again; a run that a click interrupted
goes on where it stood.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.audit.trail import find_on_record
from core.errors import ProvisoError
from core.plural import plural
from core.records import Finding, Inquiry
from core.search import Phase, Report, Standing
from core.workbench.decision import FOLLOW_UP_SENT, DecisionKind, Sent
from core.workbench.recorder import Context
from pages.parts.markup import safe
from pages.parts.panels import UNEXPECTED
from pages.parts.state import Session, Turn, actor
from pages.parts.watching import watched
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)


def bring_evidence(turn: Turn, remembered: Session, services: Services, place: DeltaGenerator) -> Turn:
    """The turn with its evidence or the reason why there is none; progress is drawn in ``place``."""
    turn = remembered.latest(turn)
    if turn.finding is not None or turn.failure is not None:
        return turn
    done = _attempt(turn, lambda: replace(turn, finding=_find(turn, remembered, services, place)))
    with remembered.lock:
        now = remembered.latest(turn)
        if now.finding is None and now.failure is None:
            now = _attempt(done, lambda: _recorded(done, remembered, services))
            # Remembered before anything is drawn: drawing ends here when a click waits.
            remembered.found(now)
    place.empty()
    return now


def _attempt(turn: Turn, work: Callable[[], Turn]) -> Turn:
    try:
        return work()
    except ProvisoError as error:
        return replace(turn, failure=error)
    except Exception:
        logger.exception("A question failed.")
        return replace(turn, failure=UNEXPECTED)


def _find(turn: Turn, remembered: Session, services: Services, place: DeltaGenerator) -> Finding:
    """The search goes on in the background, so a click or a reload of the page costs it nothing."""
    asking, inquiry = actor(), turn.inquiry

    def work(report: Report) -> Finding:
        def enough() -> bool:
            return remembered.enough_of == turn.number

        return find_on_record(services.searcher, services.trail, asking, inquiry, report, enough)

    search = remembered.searching(turn, work)
    searched = _searched(inquiry, services)
    with place.container():
        sentence, taken = st.empty(), st.empty()
        with st.container(horizontal=True, gap="medium", key="search_actions"):
            st.button(
                "Cancel", key="cancel_question", type="tertiary", on_click=remembered.cancel, args=(turn,)
            )
            stop = st.empty()
    steps = _Steps(turn, remembered, taken, stop)

    def working(standing: Standing) -> str:
        steps.draw(standing)
        return _sentence(standing, searched)

    return watched(search, sentence, working)


class _Steps:
    """The steps of a search as they are taken, and a button that ends the looking where that can be."""

    def __init__(self, turn: Turn, remembered: Session, taken: DeltaGenerator, stop: DeltaGenerator) -> None:
        self._turn = turn
        self._remembered = remembered
        self._taken = taken
        self._stop = stop
        self._drawn: tuple[str, ...] = ()
        self._offered = False

    def draw(self, standing: Standing) -> None:
        """Draw what is new: every look at a search that stands still would only flicker."""
        if standing.steps != self._drawn and len(standing.steps) > 1:
            items = "".join(f"<li>{safe(step)}</li>" for step in standing.steps)
            self._taken.html(f'<ol class="steps" aria-label="Steps of the search">{items}</ol>')
        self._drawn = standing.steps
        wanted = standing.may_stop and self._remembered.enough_of != self._turn.number
        if wanted and not self._offered:
            self._stop.button(
                "Stop looking, judge what was found",
                key="enough_found",
                type="tertiary",
                on_click=self._remembered.enough,
                args=(self._turn,),
            )
        elif self._offered and not wanted:
            self._stop.empty()
        self._offered = wanted


def _recorded(turn: Turn, remembered: Session, services: Services) -> Turn:
    """The turn with its finding on record, before it is shown; one that failed stays as it is."""
    if turn.finding is None:
        return turn
    context = decision_context(turn, remembered, services)
    titles = services.library.catalogue.ready_titles()
    decision_id = services.recorder.found(turn.finding, context, titles)
    return replace(turn, decision_id=decision_id)


def decision_context(turn: Turn, remembered: Session, services: Services) -> Context:
    """Why the question of a turn is put."""
    if not turn.follows:
        return Context(actor())
    earlier = next((one for one in remembered.turns if one.number == turn.follows), None)
    parent = earlier.decision_id if earlier is not None else ""
    alone = turn.rewritten
    if alone is None:
        return Context(actor(), DecisionKind.FOLLOW_UP, parent)
    texts = tuple(message.content for message in alone.sent)
    sent = (Sent(FOLLOW_UP_SENT, services.chat_host, texts),) if texts else ()
    return Context(actor(), DecisionKind.FOLLOW_UP, parent, alone.typed, sent)


def _searched(inquiry: Inquiry, services: Services) -> int:
    return len(inquiry.contract_ids) or len(services.library.catalogue.ready_titles())


def _sentence(standing: Standing, searched: int) -> str:
    match standing:
        case Standing(Phase.RERANK, done=done, of=of) if of:
            return f"Scoring the candidates against the question: {done} of {of} scored\u2026"
        case Standing(Phase.RERANK):
            return "Scoring the candidates against the question\u2026"
        case Standing(Phase.RETRIEVE, step=step) if step:
            return step
        case _:
            return f"Searching {plural(searched, 'contract')}\u2026"
