"""The records of a review: its questions, its settings, its cells, and what reviewers say of them."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from core.errors import ProvisoError
from core.records import Answer, Passage

LONGEST_NAME = 80
LONGEST_DESCRIPTION = 400
LONGEST_LABEL = 40
LONGEST_QUESTION = 1000
MOST_QUESTIONS = 40


class InvalidQuestionSet(ProvisoError):
    """A question set that cannot be used as it stands."""


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """One column of a review: the question in a full sentence, and the short label over its column."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions that belong together, in the order of their columns.

    Raises:
        InvalidQuestionSet: an empty or overlong name, label or question, no question or too many of them, or
            two that are alike; the message names the value.
    """

    name: str
    description: str
    questions: tuple[ReviewQuestion, ...]

    def __post_init__(self) -> None:
        _hold("The name of a question set", self.name, LONGEST_NAME)
        if len(self.description) > LONGEST_DESCRIPTION:
            _refuse(
                f"The description of {self.name!r}",
                f"has {len(self.description)} characters; {LONGEST_DESCRIPTION} are the most.",
            )
        if not 1 <= len(self.questions) <= MOST_QUESTIONS:
            _refuse(
                f"The question set {self.name!r}",
                f"has {len(self.questions)} questions; 1 to {MOST_QUESTIONS} are possible.",
            )
        for number, question in enumerate(self.questions, start=1):
            _hold(f"The label of question {number}", question.label, LONGEST_LABEL)
            _hold(f"Question {number} ({question.label!r})", question.text, LONGEST_QUESTION)
        _distinct("label", [question.label for question in self.questions])
        _distinct("question", [question.text for question in self.questions])


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """How every cell of a review is filled.

    Args:
        candidates: passages of one contract that the first stage proposes, 20 to 200.
        keep: passages kept at most for a cell, 1 to 20.
        minimum_relevance: what scores below is not kept; a cell without any is silent.
        answered_from: relevance of the best passage from which a cell counts as answered, else it is weak.
        model: the language model that writes the answers; empty for extracts.
        endpoint: host of the model service; empty when nothing leaves this machine.
        pipeline: the recipe that proposes candidates.
    """

    candidates: int
    keep: int
    minimum_relevance: float
    answered_from: float
    model: str = ""
    endpoint: str = ""
    pipeline: str = "hybrid"


@dataclass(frozen=True, slots=True)
class ReviewedContract:
    """One row of a review: a contract's id, and its title and file name when the review was begun."""

    contract_id: str
    title: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Review:
    """One review: the question set as it was, the contracts, the settings, who began it and when (UTC, ISO)."""

    review_id: str
    name: str
    question_set: QuestionSet
    contracts: tuple[ReviewedContract, ...]
    settings: ReviewSettings
    actor: str
    at: str

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.contracts) * len(self.question_set.questions)

    @property
    def places(self) -> tuple["CellPlace", ...]:
        """Every cell's place, row by row: a contract is finished before the next is begun."""
        return tuple(
            CellPlace(contract.contract_id, question)
            for contract in self.contracts
            for question in range(len(self.question_set.questions))
        )


@dataclass(frozen=True, slots=True, order=True)
class CellPlace:
    """Where a cell stands: a contract, and the question's index in the set, counted from 0."""

    contract_id: str
    question: int


class CellStatus(StrEnum):
    """How much a cell says."""

    ANSWERED = "answered"
    WEAK = "weak"
    SILENT = "silent"
    UNREAD = "unread pages"
    FAILED = "failed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one question found in one contract.

    Args:
        place: the contract and the question.
        status: how much it says; see ``core.review.fill.status_of``.
        best: the passage with the highest relevance, numbered 1; in a silent cell the one that came nearest.
        second_relevance: relevance of the runner-up, None when there is none.
        kept: all that the answer may rest on, numbered from 1.
        answer: extract or model answer; its citations point into ``kept``.
        cautions: what must be said beside it, such as pages read by OCR.
        failure: why there is no answer, in a sentence.
        unread_pages: pages of the contract that hold no text that could be read.
        contract_version: when the contract was indexed; another value later means that the cell is stale.
        at: when the cell was filled, UTC, ISO.
        seconds: how long that took.
    """

    place: CellPlace
    status: CellStatus = CellStatus.PENDING
    best: Passage | None = None
    second_relevance: float | None = None
    kept: tuple[Passage, ...] = ()
    answer: Answer | None = None
    cautions: tuple[str, ...] = ()
    failure: str = ""
    unread_pages: tuple[int, ...] = ()
    contract_version: str = ""
    at: str = ""
    seconds: float = 0.0

    @property
    def relevance(self) -> float | None:
        """Relevance of the best passage, 0 to 1."""
        return None if self.best is None else self.best.relevance

    @property
    def margin(self) -> float | None:
        """How far the best passage is ahead of the runner-up."""
        if self.best is None or self.second_relevance is None:
            return None
        return self.best.relevance - self.second_relevance


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One candidate of a cell as it was judged, without its text; ranks count from 1 (None: that leg missed it)."""

    chunk_id: str
    logit: float
    relevance: float
    rank: int
    truncated: bool
    fused_rank: int
    fused_score: float
    dense_rank: int | None
    dense_score: float | None
    bm25_rank: int | None
    bm25_score: float | None


class ConfirmationKind(StrEnum):
    """What a reviewer says of a cell."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a reviewer said of a cell. ``text`` is the correction, ``note`` the reason; ``at`` is UTC, ISO.

    The latest one counts; ``withdrawn`` takes the earlier ones back. None is ever changed or removed.
    """

    place: CellPlace
    kind: ConfirmationKind
    actor: str
    at: str
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A review with every cell, row by row (``pending`` where none is filled yet), and what counts of the
    reviewers' words, by place.
    """

    review: Review
    cells: tuple[Cell, ...]
    confirmations: dict[CellPlace, Confirmation]

    def row(self, contract_id: str) -> tuple[Cell, ...]:
        """The cells of one contract in the order of the questions."""
        return tuple(cell for cell in self.cells if cell.place.contract_id == contract_id)

    @property
    def counts(self) -> dict[CellStatus, int]:
        """How many cells have each status."""
        found = Counter(cell.status for cell in self.cells)
        return {status: found[status] for status in CellStatus}


def _hold(what: str, value: str, longest: int) -> None:
    if not value.strip():
        _refuse(what, f"is empty: {value!r}.")
    if len(value) > longest:
        _refuse(what, f"has {len(value)} characters; {longest} are the most: {value[:60]!r}...")


def _distinct(what: str, values: list[str]) -> None:
    seen: set[str] = set()
    for value in values:
        key = " ".join(value.casefold().split())
        if key in seen:
            _refuse(f"The {what} {value!r}", "appears twice.")
        seen.add(key)


def _refuse(subject: str, reason: str) -> None:
    raise InvalidQuestionSet(subject, reason, "Correct it and save again.")
