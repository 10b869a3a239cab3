"""One answer as a file: what each kind holds, and that nothing from a contract acts or breaks it."""

import csv
import dataclasses
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from pypdf import PdfReader

from cli.export import checked_kind, write_file
from core.answering.chat import Message
from core.conversation.records import Rewriter, StandAlone
from core.errors import InvalidSettings, ProvisoError
from core.export.answer_docx import answer_docx
from core.export.answer_files import answer_file
from core.export.answer_xlsx import answer_xlsx
from core.export.cited_pages import CitedPage, cited_pages, cited_pages_pdf
from core.export.csv_file import answer_csv, csv_bytes
from core.export.json_file import answer_json
from core.export.plain_text import LONGEST_CELL, csv_text, document_text, workbook_text
from core.export.records import Format, file_name
from core.export.sentences import facts
from core.pdf.page_image import PageImage
from core.records import (
    Answer,
    AnswerKind,
    Finding,
    FoundBy,
    Layer,
    Override,
    Part,
    TraceStep,
    Verdict,
    Wording,
)
from core.report import finding_as_json
from pages.parts.answer_view import answer_html
from tests.export_kit import (
    CAP,
    LAW,
    POST,
    answered,
    finding_of,
    judged,
    plain_finding,
    record_of,
    white_page,
)

HOSTILE = [
    '=HYPERLINK("http://192.0.2.1","x")',
    "+1+1",
    "-2+3|cmd",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "\uff1d1+1",
    "#REF!",
    "a\x00\x0b\x1b[31mb\ud800\ufffe",
    "_x0041_",
    '{ HYPERLINK "http://192.0.2.1" }',
    "<w:p>&amp;</w:p>",
    "\u202egnp.exe",
]


def words_of(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_a_document_holds_the_answer_its_source_and_every_candidate() -> None:
    finding = plain_finding()
    said = words_of(answer_docx(record_of(finding, answered(finding.evidence))))
    for words in (
        "What is the cap?",
        'It is "one million dollars" [1].',
        "[1] Supply",
        "pp. 1\u20132, 8 Cap; relevance 0.900",
        "Quoted: \u201cone million dollars\u201d",
        CAP,
        "all contracts of the library, 3 in number",
        "20 candidates to be reranked, at most 2 kept, minimum relevance 0.02, best passages",
        "3 candidates reranked: 2 kept, 1 discarded",
        "25 November 2026, 04:30 UTC",
        "Kept: 2",
        "Discarded: 1",
        LAW,
        POST,
        "kept; its end was not read",
        "rank beyond the number kept",
        "3, 0.2500",
        "0.7000",
    ):
        assert words in said, words
    # Passage 2 is kept and not cited: it stands in the appendix alone.
    assert "[2] Supply" not in said


def test_a_statement_that_does_not_hold_says_so() -> None:
    finding = plain_finding()
    said = words_of(answer_docx(record_of(finding, answered(finding.evidence))))
    assert (
        'It has "no end" [9]. [NOT SUPPORTED: cites [9], which is not in the evidence; words not found verbatim:'
        " \u201cno end\u201d]" in said
    )
    assert said.count("NOT SUPPORTED") == 1


def test_what_a_reader_changed_stands_in_the_file_and_numbers_follow_the_evidence() -> None:
    first, second, third = judged(1, CAP), judged(2, LAW), judged(3, POST)
    finding = finding_of(
        dataclasses.replace(first, verdict=Verdict.REMOVED),
        second,
        dataclasses.replace(third, verdict=Verdict.PROMOTED),
        override=Override(("chunk-3",), ("chunk-1",), "off the point", "ann", "2026-11-25T04:00:00+00:00"),
    )
    record = record_of(finding, None)
    change = "1 promoted, 1 removed by ann, 2026-11-25T04:00:00+00:00: \u201coff the point\u201d"
    assert dict(facts(record))["Changed by a reader"] == change
    rows = list(csv.DictReader(io.StringIO(answer_csv(record).decode("utf-8-sig"))))
    assert [(row["Rank"], row["Citation"], row["Verdict"]) for row in rows] == [
        ("1", "", "removed by a reader"),
        ("2", "1", "kept"),
        ("3", "2", "promoted by a reader"),
    ]
    assert [(one.number, one.page) for one in cited_pages(record)] == [(1, 2), (1, 3), (2, 3), (2, 4)]


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (AnswerKind.GENERATED, "Answer"),
        (AnswerKind.INCOMPLETE, "INCOMPLETE answer"),
        (AnswerKind.UNAVAILABLE, "No answer from the model: UNAVAILABLE"),
        (AnswerKind.REFUSED, "No answer in these contracts"),
    ],
    ids=lambda value: str(value),
)
def test_every_kind_of_answer_is_called_what_it_is(kind: AnswerKind, heading: str) -> None:
    finding = plain_finding()
    answer = Answer(kind, "", (), "a-model", "Said plainly.")
    document = Document(io.BytesIO(answer_docx(record_of(finding, answer))))
    styles = {one.text: one.style.name for one in document.paragraphs if one.style is not None}
    assert styles[heading] == "Heading 1"
    assert styles["Said plainly."] == ("Source" if answer.complete else "Warning")
    book = openpyxl.load_workbook(io.BytesIO(answer_xlsx(record_of(finding, answer))))
    facts = {row[0]: row[1] for row in book["Answer"].iter_rows(values_only=True)}
    assert (facts["Kind of answer"], facts["Complete"]) == (heading, "yes" if answer.complete else "no")


def test_without_an_answer_the_passages_kept_are_there_and_it_is_said() -> None:
    said = words_of(answer_docx(record_of(plain_finding(), None)))
    assert "No answer was asked for, or none came; these are the passages alone." in said
    assert "[2] Supply" in said


def test_a_question_without_a_passage_makes_every_kind_of_file() -> None:
    record = record_of(finding_of(), Answer(AnswerKind.REFUSED, "", (), "", "Nothing was found."))
    assert "No passage reached the minimum relevance." in words_of(
        answer_file(record, Format.DOCX, white_page)
    )
    assert len(PdfReader(io.BytesIO(answer_file(record, Format.PDF, white_page))).pages) == 1
    assert answer_file(record, Format.CSV, white_page).count(b"\r\n") == 1
    assert json.loads(answer_file(record, Format.JSON, white_page))["kept"] == []
    assert (
        openpyxl.load_workbook(io.BytesIO(answer_file(record, Format.XLSX, white_page)))["Passages"].max_row
        == 1
    )


def test_pages_are_numbered_by_fields_and_by_nothing_from_outside() -> None:
    hostile = finding_of(judged(1, "{ PAGE } MERGEFIELD", "HYPERLINK"), judged(2, LAW), judged(3, POST))
    with zipfile.ZipFile(io.BytesIO(answer_docx(record_of(hostile, None)))) as file:
        parts = {
            name: file.read(name).decode() for name in file.namelist() if name.endswith((".xml", ".rels"))
        }
    fields = {name: text.count("<w:instrText") for name, text in parts.items() if "<w:instrText" in text}
    assert list(fields.values()) == [2]
    assert not [
        name for name, text in parts.items() if "<w:hyperlink" in text or 'TargetMode="External"' in text
    ]


def test_a_workbook_holds_numbers_as_numbers_and_is_ready_to_filter() -> None:
    finding = plain_finding()
    book = openpyxl.load_workbook(io.BytesIO(answer_xlsx(record_of(finding, answered(finding.evidence)))))
    assert book.sheetnames == ["Answer", "Statements", "Passages"]
    sheet = book["Passages"]
    rows = list(sheet.iter_rows(values_only=True))
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["Rank"], first["Citation"], first["First page"], first["Last page"]) == (1, 1, 1, 2)
    assert (first["Relevance"], first["Logit"], first["Dense rank"], first["Dense score"]) == (
        0.9,
        1.0,
        3,
        0.25,
    )
    assert (first["BM25 rank"], first["BM25 score"], first["Fused score"]) == (None, None, 0.016)
    assert dict(zip(rows[0], rows[3], strict=True))["Citation"] is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("D2", "A1:T4")
    statements = list(book["Statements"].iter_rows(values_only=True, min_row=2))
    assert [row[1] for row in statements] == ["yes", "NO"]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text) for text in HOSTILE])
def test_nothing_from_a_contract_acts_in_any_file(text: str) -> None:
    finding = finding_of(
        judged(1, text, text, text), judged(2, LAW), judged(3, POST), question=f"{text} x", cautions=(text,)
    )
    record = record_of(finding, answered(finding.evidence, AnswerKind.INCOMPLETE))
    book = openpyxl.load_workbook(io.BytesIO(answer_file(record, Format.XLSX, white_page)))
    cells = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert all(cell.hyperlink is None for cell in cells)
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s")
    table = list(csv.reader(io.StringIO(answer_csv(record).decode("utf-8-sig"))))
    texts = [one for row in table[1:] for one in row if not _is_number(one)]
    assert not [one for one in texts if one.lstrip().startswith(("=", "+", "-", "@", "\uff1d"))]
    assert document_text(text).strip() in words_of(answer_file(record, Format.DOCX, white_page))
    assert len(PdfReader(io.BytesIO(answer_file(record, Format.PDF, white_page))).pages) > 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain", "plain"),
        ("=1", "'=1"),
        ("  @x", "'  @x"),
        ("\n=1", "'\n=1"),
        ("\x00=1", "'=1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
    ids=repr,
)
def test_a_csv_text_that_a_spreadsheet_would_run_is_quoted(text: str, cell: str) -> None:
    assert csv_text(text) == cell


def test_a_negative_number_stays_a_number_in_csv() -> None:
    assert csv_bytes(["a"], [[-1.5]]).decode("utf-8-sig") == "a\r\n-1.5\r\n"


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("x" * 40_000, 32_767),
        ("\U0001f600" * 20_000, 32_767),
        ("x" * 32_767, 32_767),
        ("_x0041_" * 4_600, 32_767),
    ],
    ids=["letters", "two units each", "just fits", "escapes"],
)
def test_a_text_is_cut_to_what_excel_takes(text: str, units: int) -> None:
    cell = workbook_text(text)
    assert units - 40 <= len(cell.encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert cell.endswith("the whole text]") == (text != "x" * 32_767)


def test_csv_has_the_question_on_every_row() -> None:
    table = list(
        csv.DictReader(io.StringIO(answer_csv(record_of(plain_finding(), None)).decode("utf-8-sig")))
    )
    assert [(row["Question"], row["Rank"], row["Verdict"], row["Passage"]) for row in table] == [
        ("What is the cap?", "1", "kept", CAP),
        ("What is the cap?", "2", "kept", LAW),
        ("What is the cap?", "3", "rank beyond the number kept", POST),
    ]


def test_json_is_the_object_of_the_command_line() -> None:
    finding = plain_finding()
    record = record_of(finding, answered(finding.evidence))
    assert json.loads(answer_file(record, Format.JSON, white_page)) == finding_as_json(
        finding, record.answer, record.models
    )


def test_the_pages_of_the_cited_passages_are_shown_with_a_caption_each() -> None:
    finding = plain_finding()
    record = record_of(finding, answered(finding.evidence))
    assert [(one.number, one.page) for one in cited_pages(record)] == [(1, 1), (1, 2)]
    pages = PdfReader(io.BytesIO(cited_pages_pdf(record, white_page))).pages
    said = [page.extract_text() for page in pages]
    assert len(said) == 3
    assert "These pages are pictures" in said[0]
    assert "[1] Supply, pp. 1\u20132" in said[0]
    assert "[1] Supply, page 1" in said[1]
    assert "[1] Supply, page 2" in said[2]
    assert [len(page.images) for page in pages] == [0, 1, 1]


def test_without_citations_the_pages_of_all_kept_passages_are_shown() -> None:
    assert [(one.number, one.page) for one in cited_pages(record_of(plain_finding(), None))] == [
        (1, 1),
        (1, 2),
        (2, 2),
        (2, 3),
    ]


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        (AnswerKind.EXTRACT, (), "nothing"),
        (AnswerKind.GENERATED, (), "the question and 2 passages, to a-model at model.example"),
        (
            AnswerKind.REFUSED,
            (Message("user", "and who pays?"),),
            "the follow-up with the questions before it and the titles in scope, to model.example, to be put in full",
        ),
    ],
    ids=["extract", "generated", "a follow-up put in full by the model"],
)
def test_a_file_says_what_left_the_machine(kind: AnswerKind, sent: tuple[Message, ...], words: str) -> None:
    finding = plain_finding()
    follow_up = StandAlone("and who pays?", "What is the cap?", (), Rewriter.MODEL, sent=sent)
    record = dataclasses.replace(
        record_of(finding, answered(finding.evidence, kind)), endpoint="model.example", follow_up=follow_up
    )
    told = dict(facts(record))
    assert told["What left the machine"] == words
    assert told["Typed"] == "\u201cand who pays?\u201d, a follow-up; searched in full as above"


def test_what_a_module_of_the_pipeline_sent_is_told_as_well() -> None:
    step = TraceStep(Layer.PRE_RETRIEVAL, "rewrite", "in", "out", 0.1, 1, 7, ("the question",))
    finding = dataclasses.replace(plain_finding(), trace=(step,))
    answer = answered(finding.evidence, AnswerKind.REFUSED)
    told = dict(facts(dataclasses.replace(record_of(finding, answer), endpoint="model.example")))
    assert told["What left the machine"] == "what the module rewrite asked, to model.example"
    assert told["What left the machine"] in answer_html(answer, finding, "model.example")


def unavailable(_: CitedPage) -> PageImage:
    raise ProvisoError("Page 1", "the file is protected by a password.", "Give it.")


def no_picture(_: CitedPage) -> PageImage:
    return PageImage(b"GIF89a", 1, 1, True)


def huge_picture(cited: CitedPage) -> PageImage:
    # A header that claims 30,000 by 30,000 pixels.
    png = bytearray(white_page(cited).png)
    png[16:24] = (30_000).to_bytes(4, "big") * 2
    return dataclasses.replace(white_page(cited), png=bytes(png))


@pytest.mark.parametrize(
    ("draw", "reason"),
    [
        (unavailable, "protected by a password"),
        (no_picture, "its picture is damaged"),
        (huge_picture, "its picture is damaged"),
    ],
    ids=["locked", "no picture", "a picture too large"],
)
def test_a_page_that_cannot_be_drawn_is_there_with_the_reason_and_the_text(draw, reason: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    finding = plain_finding()
    pages = PdfReader(io.BytesIO(cited_pages_pdf(record_of(finding, None), draw))).pages
    said = pages[1].extract_text()
    assert "This page could not be drawn" in said
    assert reason in said
    assert CAP in said


@pytest.mark.parametrize(
    ("answer", "kind", "name"),
    [
        (None, Format.DOCX, "proviso-question-4-without-answer.docx"),
        (Answer(AnswerKind.INCOMPLETE, "", (), "", ""), Format.CSV, "proviso-question-4-incomplete.csv"),
        (Answer(AnswerKind.EXTRACT, "", (), "", ""), Format.PDF, "proviso-question-4-cited-pages.pdf"),
    ],
    ids=["none", "incomplete", "whole"],
)
def test_the_name_of_a_file_says_when_its_answer_is_not_whole(
    answer: Answer | None, kind: Format, name: str
) -> None:
    assert file_name(4, answer, kind) == name


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("record.txt", "ends in none of"),
        ("missing/record.docx", "its folder is not there"),
        ("folder.csv", "is a folder"),
    ],
)
def test_an_export_that_cannot_work_is_refused_before_the_question(
    name: str, fault: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidSettings, match=fault):
        checked_kind(tmp_path / name, None)
    with pytest.raises(InvalidSettings, match="Leave --batch out"):
        checked_kind(tmp_path / "record.docx", tmp_path / "batch")


def test_a_file_is_replaced_whole_and_is_its_owners_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["record.json"]
    assert capsys.readouterr().err == f"Written: {path}\n"


def searched_finding() -> Finding:
    """One that was searched with a pipeline that wrote a wording and narrowed the scope."""
    found = (FoundBy("graph", "What is the cap?", "question", 2, 0.5, ("a", "b")),)
    first = judged(1, CAP)
    first = dataclasses.replace(first, candidate=dataclasses.replace(first.candidate, found_by=found))
    finding = finding_of(first, judged(2, LAW), judged(3, POST))
    return dataclasses.replace(
        finding,
        inquiry=dataclasses.replace(finding.inquiry, pipeline="graph"),
        trace=(TraceStep(Layer.PRE_RETRIEVAL, "rewrite", "in", "out", 0.1, 2, 7, ("the question",)),),
        wordings=(Wording("the limit", "rewrite", bm25=False),),
        notes=("Only Supply was searched.",),
        parts=(Part("Supply", "What is the cap?", ("s",)), Part("p2", "Which law governs?")),
    )


HOW = (
    "graph (rewrite); the model service was asked 2 times for the search",
    "\u201cthe limit\u201d (rewrite; searched by its meaning alone)",
    "Only Supply was searched.",
)


def test_every_kind_of_file_says_how_was_searched() -> None:
    record = record_of(searched_finding(), None)
    told = list(facts(record))
    assert [value for name, value in told if name == "Judged by the part"] == ["Supply", "Which law governs?"]
    for name, value in zip(("Pipeline", "Searched as well", "Note of the search"), HOW, strict=True):
        assert (name, value) in told
    document = Document(io.BytesIO(answer_docx(record)))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert {*HOW, "Found by", "graph 2"} <= cells
    book = openpyxl.load_workbook(io.BytesIO(answer_xlsx(record)))
    assert set(HOW) <= {row[1].value for row in book["Answer"].rows}
    rows = list(csv.DictReader(io.StringIO(answer_csv(record).decode("utf-8-sig"))))
    assert (rows[0]["Pipeline"], rows[0]["Searched as well"], rows[0]["Notes"]) == HOW
    # Those that no module is known for were found by their dense rank, as records of earlier versions have it.
    assert [row["Found by"] for row in rows] == ["graph 2", "dense 2", "dense 1"]
    told_json = json.loads(answer_json(record))
    assert told_json["parts"][0] == {"name": "Supply", "text": "What is the cap?", "contract_ids": ["s"]}
    assert (told_json["pipeline"], told_json["notes"]) == ("graph", ["Only Supply was searched."])
    assert told_json["formulations"][0]["text"] == "the limit"
    assert told_json["trace"][0]["sent"] == ["the question"]
    assert told_json["kept"][0]["found_by"][0]["path"] == ["a", "b"]


def test_the_cover_of_the_cited_pages_says_how_was_searched() -> None:
    pages = cited_pages_pdf(record_of(searched_finding(), None), white_page)
    cover = " ".join(PdfReader(io.BytesIO(pages)).pages[0].extract_text().split())
    for words in ("Pipeline: graph (rewrite)", "Searched as well: ", "Only Supply was searched."):
        assert words in cover
