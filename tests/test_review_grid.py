"""The grid looked at: staleness, sorting and filtering, the table's words, and CSV."""

import csv
import io
from dataclasses import replace

import pytest

from core.export.grid_files import grid_csv
from core.records import Answer, AnswerKind, Contract, Passage, Profile, Quote, Statement
from core.review.export import COLUMNS, grid_json
from core.review.grid import DELETED, INDEXED_AGAIN, View, outdated, rows, stale
from core.review.records import (
    Cell,
    CellPlace,
    CellStatus,
    Confirmation,
    ConfirmationKind,
    Grid,
    Review,
    ReviewedContract,
)
from pages.parts.review_table import cell_text, coloured, table
from tests.review_kit import AT, QUESTIONS, SETTINGS

LATER = "2026-11-25T05:00:00+00:00"


def cell(contract_id: str, question: int, status: CellStatus, relevance: float | None = None) -> Cell:
    best = (
        None
        if relevance is None
        else Passage(1, f"{contract_id}-k", contract_id, contract_id, "8 Cap", 2, 3, "The cap.", relevance)
    )
    answer = None
    kept: tuple[Passage, ...] = ()
    if status in (CellStatus.ANSWERED, CellStatus.WEAK) and best is not None:
        kept = (best,)
        words = f"{contract_id} says {question}"
        answer = Answer(
            AnswerKind.EXTRACT,
            f"\u201c{words}\u201d [1]",
            (Statement("s", (), (Quote(words, verbatim=True),)),),
            "e",
            "",
        )
    return Cell(
        CellPlace(contract_id, question), status, best, None, kept, answer, contract_version="v1", at=AT
    )


NAMES = ("Beta lease", "alpha supply", "Gamma licence")
REVIEW = Review(
    "r1",
    "November",
    QUESTIONS,
    tuple(ReviewedContract(f"c{number}", name, f"file{number}.pdf") for number, name in enumerate(NAMES)),
    SETTINGS,
    "ann",
    AT,
)
CELLS = (
    cell("c0", 0, CellStatus.WEAK, 0.2),
    cell("c0", 1, CellStatus.SILENT, 0.01),
    cell("c1", 0, CellStatus.ANSWERED, 0.4),
    cell("c1", 1, CellStatus.UNREAD),
    cell("c2", 0, CellStatus.ANSWERED, 0.9),
    Cell(CellPlace("c2", 1)),
)
SAID = {
    CellPlace("c0", 0): Confirmation(CellPlace("c0", 0), ConfirmationKind.CORRECTED, "bea", LATER, "Six."),
    CellPlace("c2", 0): Confirmation(CellPlace("c2", 0), ConfirmationKind.CONFIRMED, "bea", LATER, "", "ok"),
}
GRID = Grid(REVIEW, CELLS, SAID)


def contract(contract_id: str, added_at: str = "v1") -> Contract:
    return Contract(contract_id, "f.pdf", Profile(contract_id), 3, 4, added_at=added_at)


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        (View(), ["alpha supply", "Beta lease", "Gamma licence"]),
        (View(descending=True), ["Gamma licence", "Beta lease", "alpha supply"]),
        (View(question=0), ["Gamma licence", "alpha supply", "Beta lease"]),
        (View(question=0, descending=True), ["Beta lease", "alpha supply", "Gamma licence"]),
        (View(question=1), ["Beta lease", "alpha supply", "Gamma licence"]),
        (View(words="LEASE"), ["Beta lease"]),
        (View(words="file1"), ["alpha supply"]),
        (View(statuses=(CellStatus.ANSWERED,)), ["alpha supply", "Gamma licence"]),
        (View(statuses=(CellStatus.FAILED,)), []),
        (View(said="corrected"), ["Beta lease"]),
        (View(said="confirmed"), ["Gamma licence"]),
        (View(said="open", words="licence"), ["Gamma licence"]),
    ],
    ids=str,
)
def test_rows_are_chosen_and_sorted(view: View, shown: list[str]) -> None:
    assert [row.title for row in rows(GRID, view)] == shown


def test_cells_that_do_not_fit_the_filter_are_empty() -> None:
    (row,) = rows(GRID, View(said="open", words="licence"))
    assert row.cells == (None, CELLS[5])


def test_a_cell_is_stale_when_its_contract_changed() -> None:
    assert stale(CELLS[0], {"c0": contract("c0")}) == ""
    assert stale(CELLS[0], {"c0": contract("c0", "v2")}) == INDEXED_AGAIN
    assert stale(CELLS[0], {}) == DELETED
    assert stale(CELLS[5], {}) == ""


def test_a_word_about_an_earlier_state_is_known() -> None:
    said = SAID[CellPlace("c0", 0)]
    assert not outdated(CELLS[0], said)
    assert outdated(replace(CELLS[0], at="2026-11-25T06:00:00+00:00"), said)
    assert not outdated(CELLS[0], None)


@pytest.mark.parametrize(
    ("number", "said", "why", "text"),
    [
        (2, None, "", "Answered 0.40: c1 says 0"),
        (0, None, "", "Weak 0.20: c0 says 0"),
        (1, None, "", "Silent, nearest 0.010"),
        (3, None, "", "Unread pages: pages 7 hold no text that could be read"),
        (5, None, "", "Pending"),
        (4, SAID[CellPlace("c2", 0)], "", "Confirmed, answered 0.90: c2 says 0"),
        (0, SAID[CellPlace("c0", 0)], "", "Corrected: Six."),
        (2, None, DELETED, "Answered 0.40, stale: c1 says 0"),
    ],
)
def test_a_cell_says_its_status_in_words(number: int, said: Confirmation | None, why: str, text: str) -> None:
    one = replace(CELLS[number], unread_pages=(7,) if number == 3 else ())
    assert cell_text(one, said, why) == text


def test_the_table_has_a_row_a_contract_and_a_column_a_question() -> None:
    shown = rows(GRID, View())
    frame = table(shown, GRID, {f"c{number}": contract(f"c{number}") for number in range(3)})
    assert list(frame.columns) == ["Contract", "1 Cap", "2 Law"]
    assert list(frame["Contract"]) == ["alpha supply", "Beta lease", "Gamma licence"]
    assert frame["1 Cap"][1] == "Corrected: Six."
    styles = coloured(frame, shown, GRID).to_html()
    assert styles.count("background-color") >= 4


def test_csv_has_one_line_a_cell_and_no_formula() -> None:
    evil = replace(CELLS[2], answer=Answer(AnswerKind.GENERATED, "=cmd()\x1b[2J", (), "m", ""))
    grid = Grid(REVIEW, (*CELLS[:2], evil, *CELLS[3:]), SAID)
    lines = list(csv.DictReader(io.StringIO(grid_csv(grid, {}))))
    assert tuple(lines[0]) == COLUMNS
    assert len(lines) == 6
    assert lines[0]["correction"] == "Six."
    assert (lines[0]["status"], lines[0]["relevance"], lines[0]["pages"]) == ("weak", "0.2", "2-3")
    assert lines[2]["answer"] == "'=cmd()[2J"
    assert lines[2]["stale"] == DELETED
    assert (lines[4]["reviewer_says"], lines[4]["reviewer"], lines[4]["note"]) == ("confirmed", "bea", "ok")
    assert lines[5]["status"] == "pending"


def test_json_names_set_settings_and_cells() -> None:
    data = grid_json(GRID, {})
    assert data["name"] == "November"
    assert isinstance(data["cells"], list)
    assert [one["status"] for one in data["cells"]] == [one.status.value for one in CELLS]
