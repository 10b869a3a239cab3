"""A small review over a real library, with hand-written finders and answerers."""

from collections.abc import Callable
from pathlib import Path

from core.ask import find_evidence
from core.models import Scorer
from core.records import Answer, AnswerKind, Evidence, Finding, Inquiry
from core.review.fill import Desk
from core.review.records import (
    Cell,
    CellPlace,
    QuestionSet,
    Review,
    ReviewedContract,
    ReviewQuestion,
    ReviewSettings,
)
from core.review.store import ReviewStore
from core.search import Report
from core.stage3_answer import Answerer
from core.storage.library import Library
from core.workbench.workbench import open_workbench
from tests.fakes import OverlapScorer, WordEncoder, add_contract

CAP, LAW = "What is the cap on liability?", "Which law governs the agreement?"
QUESTIONS = QuestionSet("Basics", "Two questions.", (ReviewQuestion("Cap", CAP), ReviewQuestion("Law", LAW)))
SETTINGS = ReviewSettings(candidates=20, keep=2, minimum_relevance=0.05, answered_from=0.3)
AT = "2026-11-25T04:00:00+00:00"
SUPPLY = ["The cap on liability is one million dollars.", "The law of Ohio governs this agreement."]


class Saying:
    """An answerer that says the first passage back, and counts how often it is asked."""

    def __init__(self, kind: AnswerKind = AnswerKind.EXTRACT) -> None:
        self.asked = 0
        self._kind = kind

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:  # noqa: ARG002
        self.asked += 1
        return Answer(self._kind, evidence.passages[0].text, (), "saying", "The service is away.")


class Finder:
    """Finds with the real stages, remembers who asked what of which contract, and does ``before`` first."""

    def __init__(
        self, library: Library, scorer: Scorer | None = None, before: Callable[[int], None] = lambda _: None
    ) -> None:
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []
        self._library, self._scorer, self._before = library, scorer or OverlapScorer(), before

    def __call__(self, review: Review, inquiry: Inquiry, report: Report) -> Finding:  # noqa: ARG002
        self.asked.append((review.actor, inquiry.question, inquiry.contract_ids))
        self._before(len(self.asked))
        return find_evidence(inquiry, self._library.snapshot(), WordEncoder(), self._scorer)


def make_review(library: Library, *names: str, model: str = "") -> Review:
    """A review of new contracts ``names`` by two questions."""
    ids = [add_contract(library, name, SUPPLY) for name in names]
    rows = tuple(ReviewedContract(one, name, f"{name}.pdf") for one, name in zip(ids, names, strict=True))
    settings = ReviewSettings(20, 2, 0.05, 0.3, model, "model.example" if model else "")
    return Review("r" * 32, "Basics, November", QUESTIONS, rows, settings, "ann", AT)


def make_desk(library: Library, finder: Finder, answerer: Answerer | None = None) -> Desk:
    """A desk around hand-written parts."""
    writer = answerer or Saying()
    return Desk(library.catalogue, library.fingerprint, finder, lambda _review: writer)


def make_store(directory: Path, review: Review | None = None) -> ReviewStore:
    """A store in a new file, holding ``review``."""
    store = ReviewStore(open_workbench(directory))
    if review is not None:
        store.add(review)
    return store


def statuses(store: ReviewStore, review: Review) -> list[str]:
    """The status of every cell in the order of the grid."""
    return [cell.status.value for cell in store.grid(review).cells]


def cell_at(store: ReviewStore, review: Review, number: int) -> Cell:
    """A filled cell by its number in the grid, from 0."""
    found = store.cell(review.review_id, review.places[number])
    assert found is not None
    return found


def first_place(review: Review) -> CellPlace:
    """The cell in the upper left corner."""
    return review.places[0]
