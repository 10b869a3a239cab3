"""A review's grid as a file: what each kind holds, and that nothing from a contract acts."""

import csv
import io
import json

import openpyxl
import pytest
from docx import Document

from core.errors import InvalidSettings
from core.export.grid_files import grid_file
from core.export.records import Format
from core.records import Answer, AnswerKind, Citation, Contract, Passage, Profile, Quote, Statement
from core.review.records import (
    Cell,
    CellPlace,
    CellStatus,
    Confirmation,
    ConfirmationKind,
    Grid,
    QuestionSet,
    Review,
    ReviewedContract,
    ReviewQuestion,
    ReviewSettings,
)
from tests.export_kit import CAP, MADE_AT

SUPPLY, LEASE = "a" * 64, "b" * 64
FORMULA = '=HYPERLINK("http://192.0.2.1","x")'


def passage(text: str, relevance: float = 0.9) -> Passage:
    return Passage(1, "chunk-1", SUPPLY, "Supply", "8 Cap", 4, 5, text, relevance)


def extract(one: Passage) -> Answer:
    statement = Statement(f"\u201c{one.text}\u201d [1]", (Citation(1, one),), (Quote(one.text, True),))
    return Answer(AnswerKind.EXTRACT, statement.text, (statement,), "extract", "An extract.")


def make_grid() -> Grid:
    """Two contracts by two questions: answered, silent; corrected by a reviewer, pending."""
    questions = (ReviewQuestion("Cap", "What is the cap?"), ReviewQuestion(FORMULA, "Which law governs?"))
    contracts = (
        ReviewedContract(SUPPLY, "Supply", "supply.pdf"),
        ReviewedContract(LEASE, FORMULA, "=lease.pdf"),
    )
    review = Review(
        "r" * 32,
        "Basics",
        QuestionSet("Basics", "", questions),
        contracts,
        ReviewSettings(20, 3, 0.05, 0.3),
        "ann",
        "2026-11-25T04:00:00+00:00",
    )
    at = "2026-11-25T04:01:00+00:00"
    best = passage(CAP)
    corrected = CellPlace(LEASE, 0)
    cells = (
        Cell(
            CellPlace(SUPPLY, 0),
            CellStatus.ANSWERED,
            best,
            0.5,
            (best,),
            extract(best),
            contract_version="v1",
            at=at,
        ),
        Cell(CellPlace(SUPPLY, 1), CellStatus.SILENT, passage("Near.", 0.01), at=at),
        Cell(
            corrected, CellStatus.WEAK, passage(FORMULA, 0.1), None, (), extract(passage(FORMULA, 0.1)), at=at
        ),
        Cell(CellPlace(LEASE, 1)),
    )
    said = Confirmation(
        corrected, ConfirmationKind.CORRECTED, "bob", "2026-11-25T04:02:00+00:00", "-No cap", "read it"
    )
    return Grid(review, cells, {corrected: said})


CONTRACTS = {SUPPLY: Contract(SUPPLY, "supply.pdf", Profile("Supply"), 9, 9, added_at="v1")}


def made(kind: Format, contracts: dict[str, Contract] = CONTRACTS) -> bytes:
    return grid_file(make_grid(), contracts, kind, MADE_AT, "cleo")


def test_a_workbook_has_the_matrix_and_a_row_for_every_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(Format.XLSX)))
    assert book.sheetnames == ["Review", "Matrix", "Cells"]
    matrix = list(book["Matrix"].iter_rows(values_only=True))
    assert matrix[0] == ("Contract", "File", "1 Cap", f"2 {FORMULA}")
    assert matrix[1] == (
        "Supply",
        "supply.pdf",
        f"Answered 0.90: {CAP}",
        "Silent 0.01: No passage reached the minimum relevance.",
    )
    assert matrix[2] == (FORMULA, "=lease.pdf", "Weak, corrected 0.10: -No cap", "Not filled yet")
    cells = list(book["Cells"].iter_rows(values_only=True))
    assert len(cells) == 5
    first = dict(zip(cells[0], cells[1], strict=True))
    assert (first["Relevance"], first["Second relevance"], first["Pages"]) == (0.9, 0.5, "4-5")
    kinds = {
        cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value
    }
    assert kinds == {"s", "n"}
    assert (book["Matrix"].freeze_panes, book["Cells"].auto_filter.ref) == ("C2", "A1:U5")


def test_a_stale_cell_says_so_in_every_place() -> None:
    again = {SUPPLY: Contract(SUPPLY, "supply.pdf", Profile("Supply"), 9, 9, added_at="v2")}
    book = openpyxl.load_workbook(io.BytesIO(made(Format.XLSX, again)))
    assert str(book["Matrix"]["C2"].value).startswith("Answered 0.90 [see its cautions]")
    assert "indexed again" in str(book["Cells"]["U2"].value)


def test_a_document_has_a_section_a_contract_and_a_row_a_question() -> None:
    document = Document(io.BytesIO(made(Format.DOCX)))
    sections = [
        one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 1"
    ]
    assert sections == ["Questions", "Supply", FORMULA]
    rows = [tuple(cell.text for cell in row.cells) for row in document.tables[1].rows]
    assert rows[1] == ("1. Cap", "Answered", CAP, "pp. 4\u20135, 8 Cap, relevance 0.900", "")
    assert rows[2][3] == "pp. 4\u20135, 8 Cap, nearest, relevance 0.010"
    lease = [tuple(cell.text for cell in row.cells) for row in document.tables[2].rows]
    assert lease[1][2] == "-No cap"
    assert lease[1][4] == "corrected by bob, 2026-11-25T04:02:00+00:00: read it"


def test_csv_runs_no_formula_and_json_holds_every_cell() -> None:
    table = list(csv.DictReader(io.StringIO(made(Format.CSV).decode("utf-8-sig"))))
    assert [row["status"] for row in table] == ["answered", "silent", "weak", "pending"]
    assert table[2]["contract"] == f"'{FORMULA}"
    assert table[2]["correction"] == "'-No cap"
    assert len(json.loads(made(Format.JSON))["cells"]) == 4


def test_a_grid_has_no_pages_to_cite() -> None:
    with pytest.raises(InvalidSettings, match="has no file of the kind pdf"):
        made(Format.PDF)
