"""Bring the answer of the current question: written in the background, watched from here.

A click, a rerun or another page only stops the watching. The answer goes on, and whoever shows the question
next sees how far it is: the model is asked once.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from streamlit.delta_generator import DeltaGenerator

from core.background_answer import Writing
from core.errors import ProvisoError
from pages.parts.markup import safe
from pages.parts.panels import UNEXPECTED
from pages.parts.state import Session, Turn, actor
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)
# The browser redraws the whole answer with each update; ten a second look like typing.
REDRAW_SECONDS = 0.1


def bring_answer(turn: Turn, remembered: Session, services: Services, place: DeltaGenerator) -> Turn:
    """The turn with its answer; what the model writes is drawn in ``place`` while it comes."""
    turn = remembered.latest(turn)
    if turn.finding is None or turn.answer is not None or turn.failure is not None:
        return turn
    evidence, decision_id = turn.finding.evidence, turn.decision_id
    # Asked for here: a background thread has no session.
    asking = actor()
    try:
        writing = remembered.writing(
            turn, lambda: services.writers.start(evidence, lambda: services.answerer(asking, decision_id))
        )
    except ProvisoError as error:
        failed = replace(turn, failure=error)
        return _settled(turn, lambda: failed, remembered)
    if writing is None:
        return remembered.latest(turn)
    _watch(writing, turn, remembered, services, place)
    return _settled(turn, lambda: _answered(turn, writing, services), remembered)


def _settled(turn: Turn, finish: Callable[[], Turn], remembered: Session) -> Turn:
    """The turn as it is remembered: finished now, unless another run of the script was first."""
    with remembered.lock:
        now = remembered.latest(turn)
        if now.answer is None and now.failure is None:
            now = finish()
            remembered.settle(now)
    return now


def _answered(turn: Turn, writing: Writing, services: Services) -> Turn:
    try:
        given = writing.result()
        services.recorder.answered(turn.decision_id, given)
    except ProvisoError as error:
        return replace(turn, failure=error)
    except Exception:
        logger.exception("An answer failed.")
        return replace(turn, failure=UNEXPECTED)
    return replace(turn, answer=given)


def _watch(
    writing: Writing, turn: Turn, remembered: Session, services: Services, place: DeltaGenerator
) -> None:
    """Draw the progress until the answer is there. Any drawing may end this run of the script."""
    host = services.chat_host
    box = place.container()
    words = box.empty()
    if host:
        box.button("Stop", key="stop_answer", on_click=remembered.stop, args=(turn.number,))
    shown = ""
    while not writing.wait(REDRAW_SECONDS if shown else 0.0):
        now = progress_html(writing.text, int(writing.seconds), services.settings.chat_model, host)
        if now != shown:
            words.html(now)
            shown = now


def progress_html(text: str, seconds: int, model: str, host: str) -> str:
    """How far an answer is: who writes, since when, and what is there of it."""
    if not host:
        return '<p class="stage" role="status">Extracting\u2026</p>'
    does = "is writing" if text else "reads the kept passages"
    since = f" {seconds} s" if seconds else ""
    status = f'<p class="stage" role="status">{safe(model)} at {safe(host)} {does}\u2026{since}</p>'
    return f'{status}<div class="answer writing" aria-live="polite">{safe(text)}</div>' if text else status
