"""Export on the pages and the command line: which kinds are offered, and what the audit log says first."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from docx import Document
from pypdf import PdfReader

from cli.ask import answer_one, write_record
from core.audit.log import AuditLog
from core.errors import AuditUnavailable
from core.export.records import Format
from core.records import Inquiry
from core.review.open_desk import review_settings
from core.review.records import QuestionSet, ReviewQuestion
from core.settings import Settings
from pages.parts.export_menu import export, record_of
from pages.parts.review_export import exported_review
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import add_contract, open_test_library
from tests.pages_kit import (
    CLAUSES,
    QUESTION,
    FullDisk,
    add_pdf,
    ask,
    make_desk,
    opened,
    provided,
)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given
        given.review_worker.wait()


def logged(directory: Path) -> list[tuple[str, str, str]]:
    rows = AuditLog(directory / "audit.sqlite3").rows()
    entries = [json.loads(row.entry) for row in rows]
    return [(one["actor"], one["action"], one.get("subject", "")) for one in entries]


def test_an_answer_is_offered_in_five_kinds(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened())
    assert [(one.key, one.label) for one in app.download_button] == [
        ("export_docx", "Word document"),
        ("export_pdf", "PDF of the cited pages"),
        ("export_xlsx", "Excel workbook"),
        ("export_csv", "CSV"),
        ("export_json", "JSON"),
    ]


def test_nothing_is_offered_before_a_question(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    assert not opened().download_button


def test_the_cited_page_of_a_real_file_is_drawn_with_its_passage(services: Services, tmp_path: Path) -> None:
    add_pdf(
        services.library,
        services,
        "supply.pdf",
        "Supply Agreement\n1. Cap\nThe cap on liability is one million.",
    )
    turn = ask(opened()).session_state[KEY].turn
    content = export(record_of(turn, turn.finding, services, "ann"), Format.PDF, services)
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 2
    picture = pages[1].images[0].image
    assert picture is not None
    # The highlighter's yellow, give or take what JPEG does to it.
    colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    assert ((colours[:, 0] > 240) & (colours[:, 1] > 215) & (colours[:, 2] < 140)).any()
    assert logged(tmp_path)[-1] == ("ann", "exported", "record of a question (pdf)")


def test_an_original_that_is_gone_is_told_on_its_page(services: Services) -> None:
    contract_id = add_pdf(
        services.library, services, "supply.pdf", "1. Cap\nThe cap on liability is one million."
    )
    turn = ask(opened()).session_state[KEY].turn
    services.library.originals.remove(contract_id)
    content = export(record_of(turn, turn.finding, services, "ann"), Format.PDF, services)
    assert "the stored original is missing" in PdfReader(io.BytesIO(content)).pages[1].extract_text()


def test_a_review_is_offered_in_four_kinds_and_logged_before_it_is_given(
    services: Services, tmp_path: Path
) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    questions = QuestionSet("Basics", "", (ReviewQuestion("Cap", QUESTION),))
    contracts = services.library.catalogue.contracts()
    review = services.reviews.begin("Nov", questions, contracts, review_settings(services.settings), "ann")
    services.reviews.resume(review, "ann")
    services.review_worker.wait()
    app = opened("pages/6_Review.py", review=review.review_id)
    kinds = [one.key for one in app.download_button]
    assert kinds == [f"export_review_{kind}" for kind in ("docx", "xlsx", "csv", "json")]
    content = exported_review(review, Format.DOCX, services, "bob")
    assert CLAUSES[0] in "".join(
        cell.text for row in Document(io.BytesIO(content)).tables[1].rows for cell in row.cells
    )
    assert logged(tmp_path)[-1] == ("bob", "exported", f"review {review.review_id} (docx)")
    full = replace(services, trail=replace(services.trail, log=FullDisk()))
    with pytest.raises(AuditUnavailable):
        exported_review(review, Format.CSV, full, "bob")


def test_the_command_writes_the_record_to_a_file_and_logs_it_first(tmp_path: Path) -> None:
    data = tmp_path / "library"
    library = open_test_library(data)
    add_contract(library, "Supply", CLAUSES)
    desk = make_desk(Settings(data_dir=data), library)
    path = tmp_path / "record.csv"
    code = answer_one(
        desk, Inquiry(QUESTION), as_json=False, write=partial(write_record, desk, path, Format.CSV)
    )
    assert code == 0
    assert path.read_bytes().count(b"\r\n") == 8
    assert logged(data)[-1][1:] == ("exported", "record of a question (csv)")
    full = replace(desk, trail=replace(desk.trail, log=FullDisk()))
    finding, given = desk.ask(Inquiry(QUESTION))
    with pytest.raises(AuditUnavailable):
        write_record(full, tmp_path / "other.csv", Format.CSV, finding, given)
    assert not (tmp_path / "other.csv").exists()
    library.close()
