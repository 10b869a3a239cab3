"""What a grid's files say of a cell and of the review, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from core.export.sentences import moment
from core.page_words import pages
from core.records import Contract
from core.review.export import spoken
from core.review.grid import outdated, stale
from core.review.records import Cell, CellStatus, Confirmation, ConfirmationKind, Grid

# A matrix is looked over; the sheet of cells has the whole text.
LONGEST: Final = 600
STATUS_WORDS: Final = {
    CellStatus.ANSWERED: "Answered",
    CellStatus.WEAK: "Weak",
    CellStatus.SILENT: "Silent",
    CellStatus.UNREAD: "Unread pages",
    CellStatus.FAILED: "FAILED",
    CellStatus.PENDING: "Not filled yet",
}


def status_words(grid: Grid, cell: Cell) -> str:
    """The status and what a reviewer said, such as ``Weak, confirmed``."""
    said = grid.confirmations.get(cell.place)
    return STATUS_WORDS[cell.status] + ("" if said is None else f", {said.kind.value}")


def finding_words(grid: Grid, cell: Cell) -> str:
    """A reviewer's correction, else the answer, else why there is none."""
    said = grid.confirmations.get(cell.place)
    if said is not None and said.kind is ConfirmationKind.CORRECTED:
        return said.text
    if cell.status is CellStatus.UNREAD:
        return f"Pages {', '.join(map(str, cell.unread_pages))} hold no text that could be read."
    if cell.status is CellStatus.SILENT:
        return "No passage reached the minimum relevance."
    return spoken(cell) or cell.failure


def doubts(grid: Grid, cell: Cell, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """Why a cell may not be relied on as it stands; empty for most."""
    said = grid.confirmations.get(cell.place)
    answer = cell.answer
    unsupported = 0 if answer is None else sum(not one.supported for one in answer.statements)
    return tuple(
        filter(
            None,
            (
                stale(cell, contracts),
                "The reviewer spoke before the cell was filled again." if outdated(cell, said) else "",
                "" if answer is None or answer.complete else "The answer is missing or breaks off.",
                f"NOT SUPPORTED: {unsupported} of {len(answer.statements)} statements."
                if answer is not None and unsupported
                else "",
                *cell.cautions,
            ),
        )
    )


def source_words(cell: Cell) -> str:
    """Where the best passage stands, and its relevance."""
    if cell.best is None:
        return ""
    place = pages(cell.best.page_start, cell.best.page_end)
    near = "nearest, " if cell.status in (CellStatus.SILENT, CellStatus.UNREAD) else ""
    return ", ".join(filter(None, (place, cell.best.heading, f"{near}relevance {cell.best.relevance:.3f}")))


def reviewer_words(said: Confirmation | None) -> str:
    """Who said what of a cell and when."""
    if said is None:
        return ""
    note = f": {said.note}" if said.note else ""
    return f"{said.kind.value} by {said.actor}, {said.at}{note}"


def matrix_words(grid: Grid, cell: Cell, contracts: Mapping[str, Contract]) -> str:
    """One cell of the matrix: status, relevance, finding, and a mark where it is in doubt."""
    relevance = "" if cell.relevance is None else f" {cell.relevance:.2f}"
    doubt = " [see its cautions]" if doubts(grid, cell, contracts) else ""
    finding = finding_words(grid, cell)
    short = finding if len(finding) <= LONGEST else f"{finding[:LONGEST].rstrip()}\u2026"
    return f"{status_words(grid, cell)}{relevance}{doubt}{': ' if short else ''}{short}"


def review_facts(grid: Grid, made_at: datetime, actor: str) -> Iterator[tuple[str, str]]:
    """Name and value of everything about the review that is not a cell."""
    review, settings = grid.review, grid.review.settings
    yield "Review", review.name
    yield "Question set", review.question_set.name
    yield "Begun", f"{review.at} by {review.actor}"
    yield "File made", f"{moment(made_at)} by {actor}"
    counted = [f"{STATUS_WORDS[status]} {count}" for status, count in grid.counts.items() if count]
    yield "Cells", f"{review.size}: {', '.join(counted)}"
    yield "Confirmed or corrected", str(len(grid.confirmations))
    yield (
        "Settings",
        f"pipeline {settings.pipeline}, {settings.candidates} candidates a cell,"
        f" at most {settings.keep} kept, minimum relevance"
        f" {settings.minimum_relevance:g}, answered from {settings.answered_from:g}",
    )
    yield (
        "Answers by",
        f"{settings.model} at {settings.endpoint}" if settings.model else "extracts, on this machine",
    )
    yield (
        "How to read this",
        "Weak: the best passage scores below the figure for answered. Silent: no passage reached the minimum"
        " relevance; the nearest is named. Check each finding against the original before you rely on it.",
    )
