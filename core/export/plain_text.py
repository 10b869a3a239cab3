"""Text from outside made fit for documents and spreadsheets: nothing in it acts, nothing in it breaks the file."""

import re
from typing import Final

from core.redact import printable

# Excel takes no more in one cell, counted in UTF-16 units.
LONGEST_CELL: Final = 32_767
CUT: Final = " \u2026 [cut here; the JSON file holds the whole text]"
# A spreadsheet runs a cell that begins so as a formula; it may skip blanks before it.
_FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# How a workbook writes a character that XML has no room for; in a text it must not be read as one.
_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def document_text(text: str) -> str:
    """``text`` as it may stand in XML and on paper: without control characters and what cannot be seen."""
    return printable(text).replace("\u2028", "\n").replace("\u2029", "\n")


def workbook_text(text: str) -> str:
    """``text`` for a cell that is marked as text, at most as long as Excel takes."""
    # Cut before escaping, and again: every escape makes the text longer.
    return _fitting(_ESCAPED.sub("_x005F_", _fitting(document_text(text))))


def csv_text(text: str) -> str:
    """``text`` for a CSV cell; one that a spreadsheet would run gets an apostrophe in front."""
    shown = document_text(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def _fitting(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    room = units[: 2 * (LONGEST_CELL - len(CUT))]
    # Half of a pair at the end is dropped.
    return room.decode("utf-16-le", "ignore").rstrip() + CUT
