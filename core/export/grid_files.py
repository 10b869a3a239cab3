"""A review's grid as a file of the kind that is asked for."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from core.errors import InvalidSettings
from core.export.csv_file import csv_bytes, csv_table
from core.export.records import Format
from core.export.tables import Value
from core.records import Contract
from core.redact import json_text
from core.review.export import COLUMNS, grid_json, grid_lines
from core.review.records import Grid

KINDS: Final = (Format.DOCX, Format.XLSX, Format.CSV, Format.JSON)


def grid_file(
    grid: Grid, contracts: Mapping[str, Contract], kind: Format, made_at: datetime, actor: str
) -> bytes:
    """The file's bytes. The export must be in the audit log before this is called.

    Args:
        grid: the review with every cell.
        contracts: the contracts of the library by id, for cells that are stale.
        kind: one of ``KINDS``.
        made_at: when the file is made, with its time zone.
        actor: who exports it.

    Raises:
        InvalidSettings: a kind that a grid has no file of.
    """
    match kind:
        case Format.DOCX:
            from core.export.grid_docx import grid_docx

            return grid_docx(grid, contracts, made_at, actor)
        case Format.XLSX:
            from core.export.grid_xlsx import grid_xlsx

            return grid_xlsx(grid, contracts, made_at, actor)
        case Format.CSV:
            return csv_bytes(COLUMNS, _rows(grid, contracts))
        case Format.JSON:
            return json_text(grid_json(grid, contracts), indent=2).encode()
        case _:
            raise InvalidSettings("A review", f"has no file of the kind {kind.value}.", "Choose another.")


def grid_csv(grid: Grid, contracts: Mapping[str, Contract]) -> str:
    """One line a cell as CSV with a heading, for the terminal."""
    return csv_table(COLUMNS, _rows(grid, contracts))


def _rows(grid: Grid, contracts: Mapping[str, Contract]) -> Iterator[list[Value]]:
    return ([line[name] for name in COLUMNS] for line in grid_lines(grid, contracts))
