"""Records of a review as JSON for the workbench's file, and back."""

from dataclasses import replace

from pydantic import TypeAdapter

from core.records import Answer, Citation, Passage
from core.review.records import Cell, LedgerLine, QuestionSet, Review

_REVIEW = TypeAdapter(Review)
_SET = TypeAdapter(QuestionSet)
_CELL = TypeAdapter(Cell)
_LEDGER = TypeAdapter(tuple[LedgerLine, ...])


def review_json(review: Review) -> str:
    """A review as JSON."""
    return _REVIEW.dump_json(review).decode()


def review_of(text: str) -> Review:
    """The review that ``review_json`` wrote."""
    return _REVIEW.validate_json(text)


def set_json(question_set: QuestionSet) -> str:
    """A question set as JSON."""
    return _SET.dump_json(question_set).decode()


def set_of(text: str) -> QuestionSet:
    """The question set that ``set_json`` wrote."""
    return _SET.validate_json(text)


def cell_json(cell: Cell) -> str:
    """A cell as JSON, each passage once: citations and the best passage point into the kept ones."""
    answer = None if cell.answer is None else _cited(cell.answer, {})
    return _CELL.dump_json(replace(cell, answer=answer, best=None if cell.kept else cell.best)).decode()


def cell_of(text: str) -> Cell:
    """The cell that ``cell_json`` wrote."""
    cell = _CELL.validate_json(text)
    kept = {passage.number: passage for passage in cell.kept}
    answer = None if cell.answer is None else _cited(cell.answer, kept)
    return replace(cell, answer=answer, best=cell.kept[0] if cell.kept else cell.best)


def ledger_json(ledger: tuple[LedgerLine, ...]) -> str:
    """Every candidate of a cell as JSON."""
    return _LEDGER.dump_json(ledger).decode()


def ledger_of(text: str) -> tuple[LedgerLine, ...]:
    """The candidates that ``ledger_json`` wrote."""
    return _LEDGER.validate_json(text)


def _cited(answer: Answer, kept: dict[int, Passage]) -> Answer:
    """The answer with its markers resolved among ``kept`` and nowhere else."""
    statements = tuple(
        replace(
            statement,
            citations=tuple(Citation(one.marker, kept.get(one.marker)) for one in statement.citations),
        )
        for statement in answer.statements
    )
    return replace(answer, statements=statements)
