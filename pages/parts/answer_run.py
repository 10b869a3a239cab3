"""Bring the answer of the current question: written in the background, watched from here.

A click, a rerun or another page only stops the watching. The answer goes on, and whoever shows the question
next sees how far it is: the model is asked once.
"""

import logging
from dataclasses import replace

from streamlit.delta_generator import DeltaGenerator

from core.background_answer import Writing
from core.errors import ProvisoError
from core.records import Finding
from pages.parts.markup import safe
from pages.parts.panels import UNEXPECTED
from pages.parts.state import Session, Turn, actor
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)
# The browser redraws the whole answer with each update; ten a second look like typing.
REDRAW_SECONDS = 0.1


def bring_answer(turn: Turn, remembered: Session, services: Services, place: DeltaGenerator) -> Turn:
    """The turn with its answer; what the model writes is drawn in ``place`` while it comes."""
    if turn.finding is None or turn.answer is not None or turn.failure is not None:
        return turn
    try:
        writing = _writing(turn, turn.finding, remembered, services)
        _watch(writing, turn, remembered, services, place)
        given = writing.result()
        services.recorder.answered(turn.decision_id, turn.finding, given)
        done = replace(turn, answer=given)
    except ProvisoError as error:
        done = replace(turn, failure=error)
    except Exception:
        logger.exception("An answer failed.")
        done = replace(turn, failure=UNEXPECTED)
    remembered.settle(done)
    return done


def _writing(turn: Turn, finding: Finding, remembered: Session, services: Services) -> Writing:
    """The answer that is on its way already, or a new one."""
    known = remembered.writings.get(turn.number)
    if known is not None:
        return known
    # Asked for here: a background thread has no session.
    asking = actor()
    writing = services.writers.start(finding.evidence, lambda: services.answerer(asking))
    remembered.writings[turn.number] = writing
    return writing


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
