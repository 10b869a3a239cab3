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

# Measured by benchmarks/review_cells.py on contracts that the reranker was not trained on, each question put to one
# contract. 40 candidates hold as many annotated clauses among the best three as 100 do, in half the time.
CANDIDATES = 40
# Three passages let a reader see the runners-up, and an extract reads fewer sentences than with five.
KEEP = 3
# In one contract even a question without an answer has a best passage. Below 0.05 lies 1 of 100 annotated clauses and
# a quarter of what is not there; from 0.3 on, two thirds of what is there and a fifth of what is not.
MINIMUM_RELEVANCE = 0.05
ANSWERED_FROM = 0.3


def review_settings(
    settings: Settings,
    *,
    minimum_relevance: float = MINIMUM_RELEVANCE,
    answered_from: float = ANSWERED_FROM,
    model: bool = False,
    host: str = "",
) -> ReviewSettings:
    """How a review is filled.

    Args:
        settings: of the library.
        minimum_relevance, answered_from: the two limits between silent, weak and answered.
        model: have the language model of the settings write the answers; else they are extracts.
        host: of the model service.
    """
    return ReviewSettings(
        CANDIDATES,
        KEEP,
        minimum_relevance,
        max(answered_from, minimum_relevance),
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
