"""Sheets of a workbook: numbers as numbers, texts as texts whatever they begin with."""

import io
import math
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from core.export.plain_text import workbook_text
from core.export.tables import Column, Value

_TOP = Alignment(vertical="top", wrap_text=True)
_PLAIN = Alignment(vertical="top")
_HEAD = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1C4A6E")
_NUMBER = "0.0000"
WRAPPED_FROM = 24
LINE_POINTS = 15
# A table stays a table; a long text is read in the cell or in the document.
MOST_LINES = 6
# Excel's highest row.
MOST_POINTS = 405


def new_workbook(title: str, made_at: datetime) -> Workbook:
    """A workbook without a sheet; ``title`` is what its properties say."""
    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    book.properties.title = workbook_text(title)[:250]
    book.properties.creator = "Proviso"
    # The format knows no time zone.
    book.properties.created = made_at.replace(tzinfo=None)
    return book


def add_table(
    book: Workbook, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]], frozen: str = "A2"
) -> Worksheet:
    """A sheet with headings that stay in sight and a filter on each column."""
    sheet: Worksheet = book.create_sheet(name)
    for number, column in enumerate(columns, start=1):
        cell = put(sheet, 1, number, column.heading)
        cell.font, cell.fill, cell.alignment = _HEAD, _HEAD_FILL, _TOP
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    last = 1
    for last, row in enumerate(rows, start=2):
        widths = [column.width for column in columns]
        sheet.row_dimensions[last].height = LINE_POINTS * min(MOST_LINES, _lines(widths, row))
        for number, value in enumerate(row, start=1):
            wide = columns[number - 1].width >= WRAPPED_FROM
            put(sheet, last, number, value).alignment = _TOP if wide else _PLAIN
    sheet.freeze_panes = frozen
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _for_paper(sheet)
    return sheet


def add_facts(book: Workbook, name: str, rows: Iterable[tuple[str, Value]]) -> Worksheet:
    """A sheet of two columns: what, and its value."""
    sheet: Worksheet = book.create_sheet(name)
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 110
    for number, (what, value) in enumerate(rows, start=1):
        head = put(sheet, number, 1, what)
        head.font, head.alignment = Font(bold=True), _TOP
        sheet.row_dimensions[number].height = min(MOST_POINTS, LINE_POINTS * _lines((24, 110), (what, value)))
        put(sheet, number, 2, value).alignment = Alignment(vertical="top", wrap_text=True, horizontal="left")
    _for_paper(sheet)
    return sheet


def put(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    """Write a value; a text is a text, also one that looks like a formula, a link or an error."""
    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError(f"Row {row}, column {column} is part of a merged cell.")
    if isinstance(value, str):
        cell.value = workbook_text(value)
        # Set again: a text that looks like a formula or an error has become one.
        cell.data_type = "s"
        # As an apostrophe that the user types: editing the cell makes no formula of it either.
        cell.quotePrefix = True
    else:
        cell.value = value
        if isinstance(value, float):
            cell.number_format = _NUMBER
    return cell


def saved(book: Workbook) -> bytes:
    """The file."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _lines(widths: Sequence[int], row: Sequence[Value]) -> int:
    """How many lines the longest text of a row takes; programs that open the file do not count for themselves."""
    return max(
        (
            sum(math.ceil(max(1, len(line)) / width) for line in value.split("\n"))
            for value, width in zip(row, widths, strict=True)
            if isinstance(value, str) and width >= WRAPPED_FROM
        ),
        default=1,
    )


def _for_paper(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = "9"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
