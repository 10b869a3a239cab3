"""Fills a review: each cell is the question of its column put to the contract of its row, and nothing else."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.errors import (
    AuditUnavailable,
    CatalogueUnusable,
    ModelUnavailable,
    ProvisoError,
    StorageFull,
    StoreBusy,
    StoreUnavailable,
)
from core.records import Answer, AnswerKind, Contract, Finding, Inquiry, Judged
from core.review.records import (
    Cell,
    CellPlace,
    CellStatus,
    LedgerLine,
    Review,
    ReviewSettings,
)
from core.review.store import ReviewStore
from core.search import Cancelled, Report, Standing
from core.stage2_rerank import passage_of
from core.stage3_answer import Answerer, answer
from core.timestamps import utc_now

logger = logging.getLogger(__name__)
# Whatever lies behind one of these lies behind the next cell as well.
STOPPING = (
    AuditUnavailable,
    CatalogueUnusable,
    ModelUnavailable,
    StorageFull,
    StoreBusy,
    StoreUnavailable,
)
# A model service that failed so many times in a row is asked no more.
MOST_UNANSWERED = 3
GONE = "The contract is no longer in the library."
WAITS = "The contract waits to be indexed again and could not be searched."
CHANGED = "The contract was deleted or indexed again while this cell was filled."


class ReviewStopped(ProvisoError):
    """A review that cannot go on now; its finished cells are kept, and resuming it goes on with the others."""


class Shelf(Protocol):
    """What the catalogue says of one contract."""

    def contract(self, contract_id: str) -> Contract | None:
        """The contract, or None when it may not be shown."""
        ...

    def is_current(self, contract_id: str, fingerprint: str) -> bool:
        """True when it can be searched."""
        ...


@dataclass(frozen=True)
class Desk:
    """Everything that a cell needs, passed in.

    Args:
        shelf: the catalogue.
        fingerprint: of today's chunker and encoder.
        find: finds the evidence of one cell's inquiry, telling how far it is; on the record.
        answerer: gives whoever writes the answers of a review.
        decide: the answer of (review, finding, whoever writes), on record before the cell is kept.
    """

    shelf: Shelf
    fingerprint: str
    find: Callable[[Review, Inquiry, Report], Finding]
    answerer: Callable[[Review], Answerer]
    decide: Callable[[Review, Finding, Answerer], Answer] = lambda _review, finding, writer: answer(
        finding.evidence, writer
    )


def fill_review(
    review: Review, store: ReviewStore, desk: Desk, cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Fill every cell that is not filled yet, each kept as soon as it is there; returns when cancelled.

    Args:
        review: the review; its finished cells are not done again.
        store: keeps the cells.
        desk: finds and answers.
        cancelled: asked before each cell and while one is searched.

    Raises:
        ReviewStopped: the model service failed several times in a row.
        ProvisoError: one of ``STOPPING``, behind which no cell can be filled.
    """
    writer = desk.answerer(review)
    filled = store.filled(review.review_id)
    unanswered = 0
    for place in review.places:
        if place in filled:
            continue
        if cancelled():
            return
        try:
            cell, ledger = fill_cell(review, place, desk, writer, cancelled)
        except Cancelled:
            return
        store.put(review.review_id, cell, ledger)
        missing = cell.answer is not None and cell.answer.kind is AnswerKind.UNAVAILABLE
        unanswered = unanswered + 1 if missing else 0
        if unanswered == MOST_UNANSWERED:
            raise ReviewStopped(
                "The review", f"was stopped: {cell.failure}", "Resume it when the model service is back."
            )


def fill_cell(
    review: Review, place: CellPlace, desk: Desk, writer: Answerer, cancelled: Callable[[], bool]
) -> tuple[Cell, tuple[LedgerLine, ...]]:
    """One cell and every candidate that was judged for it; a failure of its own is a status, not an error.

    Raises:
        Cancelled: ``cancelled`` said so while it was searched.
        ProvisoError: one of ``STOPPING``.
    """
    begin = time.perf_counter()
    contract = desk.shelf.contract(place.contract_id)
    try:
        cell, ledger = _filled(review, place, desk, writer, contract, cancelled)
    except (Cancelled, *STOPPING):
        raise
    except ProvisoError as error:
        cell, ledger = _failed(place, str(error)), ()
    except Exception as error:
        # One cell must not stop the others; the log has the details.
        logger.exception("A cell of review %s failed.", review.review_id)
        cell, ledger = _failed(place, f"A fault in Proviso ({type(error).__name__}); see its log."), ()
    at = utc_now()
    version = "" if contract is None else contract.added_at
    return replace(cell, contract_version=version, at=at, seconds=time.perf_counter() - begin), ledger


def status_of(relevance: float | None, settings: ReviewSettings, unread: Sequence[int]) -> CellStatus:
    """How much a cell says whose best passage has ``relevance`` (None: the contract has no passage).

    Below the minimum relevance nothing is kept: the contract is silent, or nobody can say because pages of it
    (``unread``) could not be read. Between the minimum and ``answered_from`` the passage is shown as weak.
    """
    if relevance is None or relevance < settings.minimum_relevance:
        return CellStatus.UNREAD if unread else CellStatus.SILENT
    return CellStatus.ANSWERED if relevance >= settings.answered_from else CellStatus.WEAK


def _filled(
    review: Review,
    place: CellPlace,
    desk: Desk,
    writer: Answerer,
    contract: Contract | None,
    cancelled: Callable[[], bool],
) -> tuple[Cell, tuple[LedgerLine, ...]]:
    if contract is None:
        return _failed(place, GONE), ()
    if not desk.shelf.is_current(place.contract_id, desk.fingerprint):
        return _failed(place, WAITS), ()

    def report(_: Standing) -> None:
        if cancelled():
            raise Cancelled

    finding = desk.find(review, inquiry_of(review, place), report)
    # Without this, a contract that vanished under the question would read as one that is silent.
    now = desk.shelf.contract(place.contract_id)
    if now is None or now.added_at != contract.added_at:
        return _failed(place, CHANGED), ()
    given = desk.decide(review, finding, writer)
    return _cell(place, finding, given, contract, review.settings), tuple(map(_line, finding.ranking.all))


def inquiry_of(review: Review, place: CellPlace) -> Inquiry:
    """The question of a cell, put to its contract with the settings of the review."""
    settings = review.settings
    return Inquiry(
        review.question_set.questions[place.question].text,
        (place.contract_id,),
        settings.candidates,
        settings.keep,
        settings.minimum_relevance,
        pipeline=settings.pipeline,
    )


def _cell(
    place: CellPlace, finding: Finding, given: Answer, contract: Contract, settings: ReviewSettings
) -> Cell:
    ranked = finding.ranking.all
    kept = finding.evidence.passages
    best = kept[0] if kept else passage_of(1, ranked[0]) if ranked else None
    status = status_of(best.relevance if best else None, settings, contract.unread_pages)
    failure = "" if given.complete else given.note
    return Cell(
        place,
        status if given.complete else CellStatus.FAILED,
        best,
        ranked[1].relevance if len(ranked) > 1 else None,
        kept,
        given if kept else None,
        tuple(dict.fromkeys(finding.notes + finding.cautions + given.cautions)),
        failure,
        contract.unread_pages,
    )


def _failed(place: CellPlace, why: str) -> Cell:
    return Cell(place, CellStatus.FAILED, failure=why)


def _line(judged: Judged) -> LedgerLine:
    candidate = judged.candidate
    return LedgerLine(
        candidate.chunk.chunk_id,
        judged.logit,
        judged.relevance,
        judged.rank,
        judged.truncated,
        candidate.fused_rank,
        candidate.fused_score,
        candidate.dense.rank if candidate.dense else None,
        candidate.dense.score if candidate.dense else None,
        candidate.bm25.rank if candidate.bm25 else None,
        candidate.bm25.score if candidate.bm25 else None,
    )
