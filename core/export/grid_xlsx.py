"""A grid as a workbook: the review, the matrix, and one row a cell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from core.export.grid_cells import doubts, matrix_words, review_facts
from core.export.tables import Column, Value
from core.export.workbook import add_facts, add_table, new_workbook, saved
from core.records import Contract
from core.review.export import COLUMNS, grid_lines
from core.review.records import CellStatus, Grid

_COLOURS: Final = {
    CellStatus.ANSWERED: "E4F0E6",
    CellStatus.WEAK: "FBF3E1",
    CellStatus.SILENT: "F1F0EC",
    CellStatus.UNREAD: "F3E8F5",
    CellStatus.FAILED: "FBECEC",
}
_WIDTHS: Final = {
    "contract": 34,
    "file": 30,
    "question": 44,
    "heading": 34,
    "answer": 60,
    "passage": 80,
    "correction": 44,
    "note": 34,
    "cautions": 44,
}


def grid_xlsx(grid: Grid, contracts: Mapping[str, Contract], made_at: datetime, actor: str) -> bytes:
    """Sheets Review, Matrix and Cells."""
    book = new_workbook(grid.review.name, made_at)
    add_facts(book, "Review", review_facts(grid, made_at, actor))
    matrix = add_table(book, "Matrix", *_matrix_rows(grid, contracts), frozen="C2")
    _colour(matrix, grid)
    columns = [Column(_heading(name), _WIDTHS.get(name, 14)) for name in (*COLUMNS, "cautions")]
    add_table(book, "Cells", columns, _cell_rows(grid, contracts), frozen="B2")
    book.active = book.index(matrix)
    return saved(book)


def _matrix_rows(
    grid: Grid, contracts: Mapping[str, Contract]
) -> tuple[list[Column], list[tuple[Value, ...]]]:
    columns = [Column("Contract", 34), Column("File", 24)]
    columns += [
        Column(f"{number} {one.label}", 44)
        for number, one in enumerate(grid.review.question_set.questions, 1)
    ]
    rows: list[tuple[Value, ...]] = [
        (
            contract.title,
            contract.file_name,
            *(matrix_words(grid, cell, contracts) for cell in grid.row(contract.contract_id)),
        )
        for contract in grid.review.contracts
    ]
    return columns, rows


def _colour(sheet: Worksheet, grid: Grid) -> None:
    for row, contract in enumerate(grid.review.contracts, start=2):
        for column, cell in enumerate(grid.row(contract.contract_id), start=3):
            if cell.status in _COLOURS:
                sheet.cell(row, column).fill = PatternFill("solid", fgColor=_COLOURS[cell.status])


def _cell_rows(grid: Grid, contracts: Mapping[str, Contract]) -> list[tuple[Value, ...]]:
    lines = grid_lines(grid, contracts)
    return [
        (*(line[name] for name in COLUMNS), " ".join(doubts(grid, cell, contracts)))
        for line, cell in zip(lines, grid.cells, strict=True)
    ]


def _heading(name: str) -> str:
    return name.replace("_", " ").capitalize()
