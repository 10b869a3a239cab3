"""The store of reviews: what goes in comes out, nothing said is lost, and deletion leaves nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.records import Answer, AnswerKind, Citation, Passage, Quote, Statement
from core.review.records import (
    Cell,
    CellPlace,
    CellStatus,
    Confirmation,
    ConfirmationKind,
    LedgerLine,
    Review,
    ReviewedContract,
)
from core.review.store import ReviewStore
from core.review.stored import cell_json, cell_of
from tests.review_kit import AT, QUESTIONS, SETTINGS, make_store

REVIEW = Review(
    "r1", "November", QUESTIONS, (ReviewedContract("c1", "Supply", "s.pdf"),), SETTINGS, "ann", AT
)
PLACE = CellPlace("c1", 0)
PASSAGE = Passage(1, "k1", "c1", "Supply", "8 Cap", 2, 3, "The cap is five.", 0.9)
ANSWER = Answer(
    AnswerKind.GENERATED,
    "Five [1]. Ten [7].",
    (
        Statement("Five [1].", (Citation(1, PASSAGE),), (Quote("five", verbatim=True),)),
        Statement("Ten [7].", (Citation(7, None),)),
    ),
    "m",
    "note",
    1.5,
    ("caution",),
)
CELL = Cell(PLACE, CellStatus.ANSWERED, PASSAGE, 0.2, (PASSAGE,), ANSWER, ("OCR",), "", (4,), "v1", AT, 0.5)
LEDGER = (LedgerLine("k1", 2.2, 0.9, 1, False, 3, 0.03, 2, 0.7, None, None),)


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    return make_store(tmp_path, REVIEW)


@pytest.mark.parametrize(
    "cell",
    [
        CELL,
        replace(CELL, kept=(), answer=None, status=CellStatus.SILENT),
        Cell(PLACE, CellStatus.FAILED, failure="It went wrong."),
    ],
    ids=["answered", "silent with its nearest passage", "failed"],
)
def test_a_cell_comes_back_as_it_was(cell: Cell) -> None:
    assert cell_of(cell_json(cell)) == cell


def test_a_passage_is_stored_once() -> None:
    assert cell_json(CELL).count("The cap is five.") == 1


def test_a_review_comes_back_after_a_restart(store: ReviewStore, tmp_path: Path) -> None:
    store.put("r1", CELL, LEDGER)
    again = make_store(tmp_path)
    assert again.reviews() == (REVIEW,)
    assert again.cell("r1", PLACE) == CELL
    assert again.ledger("r1", PLACE) == LEDGER
    assert again.filled("r1") == {PLACE}
    assert again.grid(REVIEW).cells == (CELL, Cell(CellPlace("c1", 1)))
    assert again.counts(REVIEW) == {
        **dict.fromkeys(CellStatus, 0),
        CellStatus.ANSWERED: 1,
        CellStatus.PENDING: 1,
    }


def test_cleared_cells_are_pending_and_what_was_said_stays(store: ReviewStore) -> None:
    store.put("r1", CELL, LEDGER)
    store.confirm("r1", Confirmation(PLACE, ConfirmationKind.CONFIRMED, "bea", AT))
    store.clear("r1", [PLACE])
    assert store.filled("r1") == frozenset()
    assert store.grid(REVIEW).confirmations[PLACE].actor == "bea"


def test_the_latest_word_counts_and_every_word_is_kept(store: ReviewStore) -> None:
    said = [
        Confirmation(PLACE, ConfirmationKind.CONFIRMED, "bea", AT, note="read it"),
        Confirmation(PLACE, ConfirmationKind.CORRECTED, "cy", AT, "Six, see annex"),
        Confirmation(PLACE, ConfirmationKind.WITHDRAWN, "cy", AT),
    ]
    for number, one in enumerate(said):
        store.confirm("r1", one)
        counting = store.grid(REVIEW).confirmations
        assert counting == ({} if number == 2 else {PLACE: one})
    assert store.said_of("r1", PLACE) == tuple(said)
    assert store.said_of("r1", CellPlace("c1", 1)) == ()


def test_a_deleted_review_leaves_nothing_and_takes_nothing(store: ReviewStore) -> None:
    store.put("r1", CELL, LEDGER)
    store.confirm("r1", Confirmation(PLACE, ConfirmationKind.CONFIRMED, "bea", AT))
    store.delete("r1")
    # A worker that was under way puts one more cell.
    store.put("r1", CELL, LEDGER)
    store.confirm("r1", Confirmation(PLACE, ConfirmationKind.CONFIRMED, "bea", AT))
    assert store.review("r1") is None
    assert store.cell("r1", PLACE) is None
    assert store.ledger("r1", PLACE) == ()
    assert store.said_of("r1", PLACE) == ()
