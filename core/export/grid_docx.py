"""A grid as a document: one section a contract, one row a question."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from core.export.document import (
    data_table,
    facts_table,
    new_document,
    paragraph,
    running_lines,
    saved,
    turn_page,
)
from core.export.grid_cells import (
    doubts,
    finding_words,
    review_facts,
    reviewer_words,
    source_words,
    status_words,
)
from core.export.plain_text import document_text
from core.export.sentences import moment
from core.records import Contract
from core.reflow import reflowed
from core.review.records import Cell, Grid

HEADINGS: Final = ("Question", "Status", "Finding", "Source", "Reviewer and cautions")
WIDTHS: Final = (48, 24, 105, 48, 42)


def grid_docx(grid: Grid, contracts: Mapping[str, Contract], made_at: datetime, actor: str) -> bytes:
    """The review, its questions, and for each contract what was found."""
    review = grid.review
    document = new_document(review.name, made_at)
    running_lines(document, f"Review: {review.name}", f"Proviso \u00b7 {moment(made_at)}")
    paragraph(document, "Contract review", "Title")
    paragraph(document, review.name, "Subtitle")
    facts_table(document, review_facts(grid, made_at, actor))
    document.add_heading("Questions", 1)
    for number, question in enumerate(review.question_set.questions, start=1):
        paragraph(document, f"{number}. {question.label}: {question.text}")
    turn_page(document)
    for contract in review.contracts:
        document.add_heading("", 1).add_run(document_text(contract.title))
        paragraph(document, contract.file_name, "Source")
        rows = [_row(grid, cell, contracts) for cell in grid.row(contract.contract_id)]
        data_table(document, HEADINGS, rows, WIDTHS)
    return saved(document)


def _row(grid: Grid, cell: Cell, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    question = grid.review.question_set.questions[cell.place.question]
    said = reviewer_words(grid.confirmations.get(cell.place))
    return (
        f"{cell.place.question + 1}. {question.label}",
        status_words(grid, cell),
        reflowed(finding_words(grid, cell)),
        source_words(cell),
        "\n".join(filter(None, (said, *doubts(grid, cell, contracts)))),
    )
