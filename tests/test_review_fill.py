"""Filling a review: statuses, order, cancelling, crashes, deletions meanwhile, and cells that fail."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import AuditUnavailable, ProvisoError, StoreUnavailable
from core.records import Answer, AnswerKind, Finding
from core.review.fill import CHANGED, GONE, WAITS, ReviewStopped, fill_review, status_of
from core.review.records import CellStatus, Review
from core.review.worker import ReviewWorker
from core.search import Cancelled
from core.storage.library import Library
from tests.fakes import TableScorer, add_contract, open_test_library
from tests.review_kit import (
    CAP,
    LAW,
    SETTINGS,
    SUPPLY,
    Finder,
    Saying,
    cell_at,
    make_desk,
    make_review,
    make_store,
    statuses,
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = open_test_library(tmp_path)
    yield opened
    opened.close()


class Crash(BaseException):
    """What a killed process looks like to the code that it runs."""


@pytest.mark.parametrize(
    ("relevance", "unread", "status"),
    [
        (0.30, (), CellStatus.ANSWERED),
        (0.29, (), CellStatus.WEAK),
        (0.05, (3,), CellStatus.WEAK),
        (0.04, (), CellStatus.SILENT),
        (0.04, (3,), CellStatus.UNREAD),
        (None, (), CellStatus.SILENT),
        (None, (1, 2), CellStatus.UNREAD),
    ],
)
def test_the_status_follows_the_two_limits(
    relevance: float | None, unread: tuple[int, ...], status: CellStatus
) -> None:
    assert status_of(relevance, SETTINGS, unread) is status


def test_every_question_is_put_to_every_contract_row_by_row(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Zeta", "Alpha")
    finder, store = Finder(library), make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, finder))
    zeta, alpha = (one.contract_id for one in review.contracts)
    assert finder.asked == [
        ("ann", CAP, (zeta,)),
        ("ann", LAW, (zeta,)),
        ("ann", CAP, (alpha,)),
        ("ann", LAW, (alpha,)),
    ]
    assert statuses(store, review) == ["answered"] * 4
    first = cell_at(store, review, 0)
    assert first.best is not None
    assert (first.best.text, first.best.contract_id) == (SUPPLY[0], zeta)
    assert first.answer is not None
    assert first.answer.text == SUPPLY[0]
    assert len(store.ledger(review.review_id, first.place)) == 2


def test_a_silent_cell_shows_what_came_nearest_and_asks_nobody(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply")
    #                                       logit -3 is a relevance of 0.047, logit -4 one of 0.018
    scorer = TableScorer({f"Supply\n{SUPPLY[0]}": -3.0, f"Supply\n{SUPPLY[1]}": -4.0})
    store, answerer = make_store(tmp_path, review), Saying()
    fill_review(review, store, make_desk(library, Finder(library, scorer), answerer))
    cell = cell_at(store, review, 0)
    assert cell.status is CellStatus.SILENT
    assert cell.best is not None
    assert cell.best.text == SUPPLY[0]
    assert cell.relevance == pytest.approx(0.0474, abs=1e-4)
    assert cell.margin == pytest.approx(0.0474 - 0.0180, abs=1e-4)
    assert (cell.kept, cell.answer, answerer.asked) == ((), None, 0)


def test_cancelling_keeps_what_is_finished(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply", "Lease")
    finder, store = Finder(library), make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, finder), lambda: len(finder.asked) >= 3)
    assert statuses(store, review) == ["answered", "answered", "answered", "pending"]


def test_a_search_that_is_given_up_leaves_its_cell_pending(library: Library, tmp_path: Path) -> None:
    def give_up(number: int) -> None:
        if number == 2:
            raise Cancelled

    review = make_review(library, "Supply")
    store = make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, Finder(library, before=give_up)))
    assert statuses(store, review) == ["answered", "pending"]


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_after_a_crash_in_any_cell_the_others_are_not_done_again(
    library: Library, tmp_path: Path, at: int
) -> None:
    def crash(number: int) -> None:
        if number == at:
            raise Crash

    review = make_review(library, "Supply", "Lease")
    first, store = Finder(library, before=crash), make_store(tmp_path, review)
    with pytest.raises(Crash):
        fill_review(review, store, make_desk(library, first))
    assert statuses(store, review) == ["answered"] * (at - 1) + ["pending"] * (5 - at)
    second = Finder(library)
    fill_review(review, make_store(tmp_path), make_desk(library, second))
    assert first.asked[:-1] + second.asked == [
        ("ann", review.question_set.questions[place.question].text, (place.contract_id,))
        for place in review.places
    ]
    assert statuses(store, review) == ["answered"] * 4


def test_one_failing_cell_does_not_stop_the_others(library: Library, tmp_path: Path) -> None:
    def fail(number: int) -> None:
        if number == 1:
            raise ZeroDivisionError
        if number == 2:
            raise ProvisoError("The clause", "is odd.", "Read it.")

    review = make_review(library, "Supply", "Lease")
    store = make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, Finder(library, before=fail)))
    assert statuses(store, review) == ["failed", "failed", "answered", "answered"]
    assert cell_at(store, review, 0).failure == "A fault in Proviso (ZeroDivisionError); see its log."
    assert cell_at(store, review, 1).failure == "The clause: is odd. Read it."


@pytest.mark.parametrize("error", [AuditUnavailable, StoreUnavailable])
def test_what_would_fail_every_cell_stops_the_review(
    library: Library, tmp_path: Path, error: type[ProvisoError]
) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise error("It", "is away.", "Wait.")

    review = make_review(library, "Supply")
    store = make_store(tmp_path, review)
    with pytest.raises(error):
        fill_review(review, store, make_desk(library, Finder(library, before=fail)))
    assert statuses(store, review) == ["answered", "pending"]


def test_a_contract_that_is_gone_is_never_taken_for_a_silent_one(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply", "Lease", "Licence")
    supply, lease, _ = (one.contract_id for one in review.contracts)
    library.delete(supply)

    def delete_it(number: int) -> None:
        if number == 1:
            library.delete(lease)

    store = make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, Finder(library, before=delete_it)))
    assert [cell.failure for cell in store.grid(review).cells] == [GONE, GONE, CHANGED, GONE, "", ""]
    assert statuses(store, review)[4:] == ["answered", "answered"]


def test_a_contract_that_waits_to_be_indexed_again_is_not_silent(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply")
    desk = make_desk(library, Finder(library))
    newer = type(desk)(desk.shelf, "another fingerprint", desk.find, desk.answerer)
    store = make_store(tmp_path, review)
    fill_review(review, store, newer)
    assert [cell.failure for cell in store.grid(review).cells] == [WAITS, WAITS]


def test_a_model_service_that_stays_away_is_not_asked_for_ever(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply", "Lease", model="m")
    store, away = make_store(tmp_path, review), Saying(AnswerKind.UNAVAILABLE)
    with pytest.raises(ReviewStopped, match="The service is away"):
        fill_review(review, store, make_desk(library, Finder(library), away))
    assert away.asked == 3
    assert statuses(store, review) == ["failed", "failed", "failed", "pending"]
    # The passages are there all the same.
    assert cell_at(store, review, 0).kept[0].text == SUPPLY[0]


def test_every_answer_is_recorded_before_its_cell_is_kept(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply")
    store, recorded = make_store(tmp_path, review), []

    def record(_: Review, finding: Finding, given: Answer) -> None:
        recorded.append(
            (review.actor, finding.inquiry.question, given.text, len(store.filled(review.review_id)))
        )

    desk = make_desk(library, Finder(library))
    fill_review(review, store, type(desk)(desk.shelf, desk.fingerprint, desk.find, desk.answerer, record))
    assert recorded == [("ann", CAP, SUPPLY[0], 0), ("ann", LAW, SUPPLY[1], 1)]


def test_the_worker_fills_reviews_one_after_the_other_and_says_why_one_stopped() -> None:
    worker, done = ReviewWorker(), []

    def fail(_: object) -> None:
        done.append("fails")
        raise StoreUnavailable("The store", "is away.", "Wait.")

    def fault(_: object) -> None:
        done.append("fault")
        raise ZeroDivisionError

    worker.start("fails", fail)
    worker.start("fault", fault)
    worker.start("works", lambda cancelled: done.append(f"works, cancelled {cancelled()}"))
    worker.wait()
    assert done == ["fails", "fault", "works, cancelled False"]
    assert "is away" in str(worker.failure("fails"))
    assert "because of a fault in Proviso" in str(worker.failure("fault"))
    assert worker.failure("works") is None
    worker.start("fails", lambda _: done.append("again"))
    worker.wait()
    assert worker.failure("fails") is None
    assert done[-1] == "again"


def test_the_worker_can_be_cancelled_before_and_while_it_works() -> None:
    worker, begun, gate = ReviewWorker(), threading.Event(), threading.Event()
    seen: list[object] = []

    def work(cancelled: object) -> None:
        begun.set()
        assert gate.wait(30)
        seen.append(cancelled() if callable(cancelled) else None)

    worker.start("first", work)
    worker.start("second", lambda _: seen.append("second"))
    assert begun.wait(30)
    assert (worker.ahead("first"), worker.ahead("second"), worker.ahead("none")) == (0, 1, None)
    # Ordered twice, filled once.
    worker.start("second", lambda _: seen.append("twice"))
    worker.cancel("first")
    worker.cancel("second")
    assert (worker.ahead("first"), worker.ahead("second")) == (None, None)
    gate.set()
    worker.wait()
    assert seen == [True]


def test_the_same_file_added_again_is_searched_again(library: Library, tmp_path: Path) -> None:
    review = make_review(library, "Supply")
    library.delete(review.contracts[0].contract_id)
    add_contract(library, "Supply", SUPPLY)
    store = make_store(tmp_path, review)
    fill_review(review, store, make_desk(library, Finder(library)))
    assert statuses(store, review) == ["answered", "answered"]
