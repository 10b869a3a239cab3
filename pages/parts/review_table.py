"""The grid as a table: what stands in each cell, and its colour."""

from collections.abc import Mapping, Sequence

import pandas as pd
from pandas.io.formats.style import Styler

from core.answering.sentences import MARKER
from core.records import Contract
from core.redact import printable_line
from core.review.export import spoken
from core.review.grid import Row, outdated, stale
from core.review.records import Cell, CellStatus, Confirmation, ConfirmationKind, Grid
from pages.parts.markup import one_line

CONTRACT = "Contract"
LONGEST_EXTRACT = 118
COLOURS = {
    CellStatus.ANSWERED: "#e4f0e6",
    CellStatus.WEAK: "#fbf3e1",
    CellStatus.SILENT: "#f1f0ec",
    CellStatus.UNREAD: "#f3e8f5",
    CellStatus.FAILED: "#fbecec",
    CellStatus.PENDING: "#ffffff",
}
CONFIRMED_COLOUR = "#cfe3d4"
WORDS = {
    CellStatus.ANSWERED: "Answered",
    CellStatus.WEAK: "Weak",
    CellStatus.SILENT: "Silent",
    CellStatus.UNREAD: "Unread pages",
    CellStatus.FAILED: "Failed",
    CellStatus.PENDING: "Pending",
}


def cell_text(cell: Cell, said: Confirmation | None, why_stale: str) -> str:
    """What stands in a cell of the table, on one line: the status in words, the relevance, and an extract."""
    if said is not None and said.kind is ConfirmationKind.CORRECTED:
        return _line(f"Corrected{_doubt(cell, said, why_stale)}: {said.text}")
    word = WORDS[cell.status]
    if said is not None:
        word = f"Confirmed, {word.lower()}"
    relevance = "" if cell.relevance is None else f" {cell.relevance:.2f}"
    if cell.status in (CellStatus.SILENT, CellStatus.UNREAD):
        relevance = "" if cell.relevance is None else f", nearest {cell.relevance:.3f}"
    said_here = content(cell)
    return _line(f"{word}{relevance}{_doubt(cell, said, why_stale)}{': ' if said_here else ''}{said_here}")


def content(cell: Cell) -> str:
    """The words that a cell has to say: its answer without markers, or why there is none."""
    if cell.status is CellStatus.FAILED:
        return cell.failure
    if cell.status is CellStatus.UNREAD:
        return f"pages {', '.join(map(str, cell.unread_pages))} hold no text that could be read"
    return MARKER.sub("", spoken(cell))


def table(rows: Sequence[Row], grid: Grid, contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """The rows as they are shown, one a contract; a cell that is not to be seen is empty."""
    columns: dict[str, list[str]] = {CONTRACT: row_names(rows)}
    for number, question in enumerate(grid.review.question_set.questions):
        cells = [row.cells[number] for row in rows]
        columns[column_name(number, question.label)] = [
            ""
            if cell is None
            else cell_text(cell, grid.confirmations.get(cell.place), stale(cell, contracts))
            for cell in cells
        ]
    return pd.DataFrame(columns)


def column_name(number: int, label: str) -> str:
    """The heading of a question's column; the number keeps it apart from the contracts' own column."""
    return f"{number + 1} {printable_line(label)}"


def row_names(rows: Sequence[Row]) -> list[str]:
    """What the contracts are called; like titles are told apart by the file."""
    titles = [row.title for row in rows]
    return [
        printable_line(row.title if titles.count(row.title) == 1 else f"{row.title} ({row.file_name})")
        for row in rows
    ]


def coloured(frame: pd.DataFrame, rows: Sequence[Row], grid: Grid) -> Styler:
    """The table with the colour of each cell's status, which its words say as well."""

    def colours(_: pd.DataFrame) -> pd.DataFrame:
        styles = [["", *(_style(cell, grid) for cell in row.cells)] for row in rows]
        return pd.DataFrame(styles, index=frame.index, columns=frame.columns)

    return frame.style.apply(colours, axis=None)


def _style(cell: Cell | None, grid: Grid) -> str:
    if cell is None:
        return ""
    colour = CONFIRMED_COLOUR if cell.place in grid.confirmations else COLOURS[cell.status]
    return f"background-color: {colour}; color: #22252a"


def _doubt(cell: Cell, said: Confirmation | None, why_stale: str) -> str:
    if why_stale:
        return ", stale"
    return ", of an earlier state" if outdated(cell, said) else ""


def _line(text: str) -> str:
    return one_line(text, LONGEST_EXTRACT)
