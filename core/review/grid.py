"""A filled grid looked at: which cells are stale, and how rows are chosen and sorted."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.records import Contract
from core.review.records import Cell, CellPlace, CellStatus, Confirmation, ConfirmationKind, Grid

DELETED = "The contract was deleted after this cell was filled."
INDEXED_AGAIN = "The contract was indexed again after this cell was filled."
# From what a reader looks for to what is missing.
ORDER = (
    CellStatus.ANSWERED,
    CellStatus.WEAK,
    CellStatus.SILENT,
    CellStatus.UNREAD,
    CellStatus.FAILED,
    CellStatus.PENDING,
)


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen of a grid.

    Args:
        words: each must stand in a contract's title or file name.
        statuses: of the cells to be seen; none means all.
        said: of the cells to be seen: ``confirmed``, ``corrected``, ``open`` (nobody said anything); empty means
            all.
        question: index of the column that rows are sorted by, the cells that say most first; None sorts by the
            contract's title.
        descending: turns the order round.
    """

    words: str = ""
    statuses: tuple[CellStatus, ...] = ()
    said: str = ""
    question: int | None = None
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One contract with the cells that are to be seen, None for the others, in the order of the questions."""

    contract_id: str
    title: str
    file_name: str
    cells: tuple[Cell | None, ...]


def stale(cell: Cell, contracts: Mapping[str, Contract]) -> str:
    """Why what a filled cell says may no longer hold, in a sentence; empty where it holds.

    Args:
        cell: the cell.
        contracts: the contracts of the library by id.
    """
    if cell.status is CellStatus.PENDING or not cell.contract_version:
        return ""
    contract = contracts.get(cell.place.contract_id)
    if contract is None:
        return DELETED
    return "" if contract.added_at == cell.contract_version else INDEXED_AGAIN


def outdated(cell: Cell, said: Confirmation | None) -> bool:
    """True when a reviewer's word is about what stood in the cell before it was filled again."""
    return said is not None and said.at < cell.at


def rows(grid: Grid, view: View) -> tuple[Row, ...]:
    """The contracts that are to be seen, in order; one without any cell to be seen is left out."""
    width = len(grid.review.question_set.questions)
    chosen = []
    for number, contract in enumerate(grid.review.contracts):
        known = f"{contract.title}\n{contract.file_name}".casefold()
        if not all(word in known for word in view.words.casefold().split()):
            continue
        cells = grid.cells[number * width : (number + 1) * width]
        seen = tuple(cell if _seen(cell, grid.confirmations, view) else None for cell in cells)
        if any(cell is not None for cell in seen):
            chosen.append((cells, Row(contract.contract_id, contract.title, contract.file_name, seen)))
    chosen.sort(key=lambda one: one[1].title.casefold(), reverse=view.descending and view.question is None)
    column = view.question
    if column is not None:
        chosen.sort(key=lambda one: _weight(one[0][column]), reverse=view.descending)
    return tuple(row for _, row in chosen)


def _seen(cell: Cell, confirmations: Mapping[CellPlace, Confirmation], view: View) -> bool:
    if view.statuses and cell.status not in view.statuses:
        return False
    said = confirmations.get(cell.place)
    if view.said == "open":
        return said is None
    return not view.said or (said is not None and said.kind is ConfirmationKind(view.said))


def _weight(cell: Cell) -> tuple[int, float]:
    return ORDER.index(cell.status), -(cell.relevance or 0.0)
