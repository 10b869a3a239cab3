"""The desk of reviews for a library and its models."""

from collections.abc import Callable
from dataclasses import replace

from core.answering.extract import ExtractAnswerer
from core.audit.trail import AuditTrail, RecordedAnswerer, find_on_record
from core.choose_answerer import choose_answerer
from core.models import Scorer
from core.records import Answer, Finding, Inquiry
from core.review.fill import Desk, ReviewStopped
from core.review.records import ReviewSettings
from core.search import Report, Searcher
from core.settings import Settings
from core.stage3_answer import Answerer
from core.storage.library import Library

# Of one contract, 40 candidates hold the annotated clause as often as 100 do, and take half the time; the figures
# are in the tests' neighbour benchmarks/review_cells.py.
CANDIDATES = 40
# Three passages let a reader see the runners-up, and an extract reads fewer sentences than with five.
KEEP = 3
ANSWERED_FROM = 0.3


def review_settings(settings: Settings, *, model: bool = False, host: str = "") -> ReviewSettings:
    """How a review is filled by default.

    Args:
        settings: of the library.
        model: have the language model of the settings write the answers; else they are extracts.
        host: of the model service.
    """
    return ReviewSettings(
        CANDIDATES,
        KEEP,
        settings.minimum_relevance,
        max(ANSWERED_FROM, settings.minimum_relevance),
        settings.chat_model if model else "",
        host if model else "",
    )


def open_desk(
    settings: Settings,
    library: Library,
    searcher: Searcher,
    trail: AuditTrail,
    host: str = "",
    record: Callable[[str, Finding, Answer], None] = lambda _actor, _finding, _answer: None,
) -> Desk:
    """Everything that a cell needs.

    Args:
        settings: of the library.
        library: is searched.
        searcher: finds; a review lets every other question go first.
        trail: every finding is in it before it is used; of the answers, those of a language model.
        host: of the model service, empty where there is none.
        record: told (who began the review, the finding, the answer) of every cell.
    """
    patient = replace(searcher, patient=True)

    def find(actor: str, inquiry: Inquiry, report: Report) -> Finding:
        return find_on_record(patient, trail, actor, inquiry, report)

    def answerer(actor: str, wanted: ReviewSettings) -> Answerer:
        scorer: Scorer = searcher.scorer()
        if not wanted.model:
            return ExtractAnswerer(scorer)
        if (wanted.model, wanted.endpoint) != (settings.chat_model, host):
            raise ReviewStopped(
                "The review",
                f"was begun with {wanted.model} at {wanted.endpoint}, which is not the model service of today.",
                "Set that model again, or begin a new review.",
            )
        return RecordedAnswerer(choose_answerer(settings, scorer), trail, actor)

    return Desk(library.catalogue, library.fingerprint, find, answerer, record)
