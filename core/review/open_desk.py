"""The desk of reviews for a library and its models."""

from dataclasses import replace

from core.answering.extract import MODEL as EXTRACT
from core.answering.extract import ExtractAnswerer
from core.audit.events import AuditedModel
from core.audit.trail import AuditedModels, AuditTrail, RecordedAnswerer, find_on_record
from core.choose_answerer import choose_answerer
from core.models import Scorer
from core.records import Answer, Finding, Inquiry
from core.review.fill import Desk, ReviewStopped
from core.review.records import Review, ReviewSettings
from core.search import Report, Searcher
from core.settings import Settings
from core.stage3_answer import Answerer
from core.storage.library import Library
from core.workbench.decision import DecisionKind
from core.workbench.decision_store import DecisionStore
from core.workbench.recorder import Context, Recorder

# Measured by benchmarks/review_cells.py: 512 questions, half of them annotated as answered, each put to one of 47
# contracts that the reranker was not trained on. With 40 candidates an annotated clause is among the best three
# for 84.0 of 100 answered questions, with 100 for 84.8, at twice the work.
CANDIDATES = 40
# Three passages let a reader see the runners-up, and an extract reads fewer sentences than with five.
KEEP = 3
# The best passage of an answered question lies below 0.05 for 1 in 100, of one that is not for 21 in 100; from 0.3
# on lie 71 and 16 in 100.
MINIMUM_RELEVANCE = 0.05
ANSWERED_FROM = 0.3


def review_settings(
    settings: Settings,
    *,
    minimum_relevance: float = MINIMUM_RELEVANCE,
    answered_from: float = ANSWERED_FROM,
    model: bool = False,
    host: str = "",
    pipeline: str = "",
) -> ReviewSettings:
    """How a review is filled.

    Args:
        settings: of the library.
        minimum_relevance, answered_from: the two limits between silent, weak and answered.
        model: have the language model of the settings write the answers; else they are extracts.
        host: of the model service.
        pipeline: the recipe that proposes candidates; by default that of the library.
    """
    return ReviewSettings(
        CANDIDATES,
        KEEP,
        minimum_relevance,
        max(answered_from, minimum_relevance),
        settings.chat_model if model else "",
        host if model else "",
        pipeline or settings.pipeline,
    )


def open_desk(
    settings: Settings,
    library: Library,
    searcher: Searcher,
    trail: AuditTrail,
    decisions: DecisionStore | None,
    host: str = "",
) -> Desk:
    """Everything that a cell needs.

    Args:
        settings: of the library.
        library: is searched.
        searcher: finds; a review lets every other question go first.
        trail: every finding is in it before it is used; of the answers, those of a language model.
        decisions: keeps what was found and answered for every cell, None where none are kept.
        host: of the model service, empty where there is none.
    """
    patient = replace(searcher, patient=True)

    def find(review: Review, inquiry: Inquiry, report: Report) -> Finding:
        own = replace(trail, models=taking_part(review, trail.models))
        # A review of extracts sends nothing anywhere, so its pipeline works without the service as well.
        asking = patient if review.settings.model else replace(patient, chat=None)
        return find_on_record(asking, own, review.actor, inquiry, report)

    def answerer(review: Review) -> Answerer:
        scorer: Scorer = searcher.scorer()
        wanted = review.settings
        if not wanted.model:
            return ExtractAnswerer(scorer)
        if (wanted.model, wanted.endpoint) != (settings.chat_model, host):
            raise ReviewStopped(
                "The review",
                f"was begun with {wanted.model} at {wanted.endpoint}, which is not the model service of today.",
                "Set that model again, or begin a new review.",
            )
        return RecordedAnswerer(choose_answerer(settings, scorer), trail, review.actor)

    def decide(review: Review, finding: Finding, writer: Answerer) -> Answer:
        recorder = Recorder(decisions, taking_part(review, trail.models), settings.rrf_k)
        context = Context(review.actor, DecisionKind.REVIEW)
        decision_id = recorder.found(finding, context, finding.inquiry.contract_ids)
        return recorder.answer(decision_id, finding.evidence, writer)

    return Desk(library.catalogue, library.fingerprint, find, answerer, decide)


def taking_part(review: Review, models: AuditedModels) -> AuditedModels:
    """The models of a review: one of extracts sends nothing anywhere, whatever service is configured."""
    if review.settings.model:
        return models
    return replace(models, answerer=AuditedModel(EXTRACT), endpoint="")
