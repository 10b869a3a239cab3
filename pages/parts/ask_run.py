"""Bring the evidence of the current question, with progress on screen.

What is done is remembered at once, so a rerun draws it and does nothing again; a run that a click interrupted
goes on where it stood.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from streamlit.delta_generator import DeltaGenerator

from core.ask import find_evidence
from core.errors import ProvisoError
from core.records import Finding, Inquiry
from pages.parts.markup import plural, safe
from pages.parts.panels import UNEXPECTED
from pages.parts.state import Session, Turn
from pages.parts.wiring import Services

logger = logging.getLogger(__name__)


def bring_evidence(turn: Turn, remembered: Session, services: Services, place: DeltaGenerator) -> Turn:
    """The turn with its evidence or the reason why there is none; progress is drawn in ``place``."""
    if turn.finding is not None or turn.failure is not None:
        return turn
    done = _attempt(turn, lambda: replace(turn, finding=_find(turn.inquiry, services, place)))
    # Remembered before anything is drawn: drawing ends here when a click waits.
    remembered.update(done)
    place.empty()
    return done


def _attempt(turn: Turn, work: Callable[[], Turn]) -> Turn:
    try:
        return work()
    except ProvisoError as error:
        return replace(turn, failure=error)
    except Exception:
        logger.exception("A question failed.")
        return replace(turn, failure=UNEXPECTED)


def _find(inquiry: Inquiry, services: Services, place: DeltaGenerator) -> Finding:
    sentences = _stage_sentences(inquiry, services)
    if not services.models.ready:
        _say(place, "Loading the models, once after the start of Proviso\u2026")
    encoder, scorer = services.models.encoder(), services.models.scorer()
    with services.line.turn(lambda ahead: _say(place, f"Waiting: {plural(ahead, 'question')} ahead\u2026")):
        return find_evidence(
            inquiry,
            services.library.snapshot(),
            encoder,
            scorer,
            services.settings.rrf_k,
            on_stage=lambda stage: _say(place, sentences.get(stage, stage)),
        )


def _stage_sentences(inquiry: Inquiry, services: Services) -> dict[str, str]:
    searched = [
        contract
        for contract in services.library.catalogue.contracts()
        if not inquiry.contract_ids or contract.contract_id in inquiry.contract_ids
    ]
    candidates = min(inquiry.candidates, sum(contract.chunk_count for contract in searched))
    return {
        "retrieve": f"Searching {plural(len(searched), 'contract')}\u2026",
        "rerank": f"Scoring {plural(candidates, 'candidate')} against the question\u2026",
    }


def _say(place: DeltaGenerator, sentence: str) -> None:
    place.html(f'<p class="stage" role="status">{safe(sentence)}</p>')
