"""Reading scans: the arrangement of what was recognised, and once the real recogniser."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from core.errors import ModelUnavailable
from core.records import TextSource
from core.settings import Settings
from ingest.index_contract import Tools
from ingest.read_contract import ReadLimits, read_contract
from ingest.reading.ocr import DOTS_PER_INCH, ocr_available, read_by_ocr
from ingest.reading.ocr_layout import Picture, Recognised, in_rows, ink_bands, word_places
from ingest.reading.reading_warnings import reading_warnings
from ingest.reading.records import Finished, Opened, PageCondition, PageLine, PageRead, PageReading, ReadTask
from tests.fakes import WordEncoder
from tests.pdf_samples import HEIGHT, WIDTH, drawn_pdf, lines_page, picture_of, scanned_page, with_boxes

SCALE = DOTS_PER_INCH / 72


def box(text: str, left: float, top: float, width: float = 100, height: float = 30) -> Recognised:
    return Recognised(text, 0.9, left, top, left + width, top + height)


def rows(*found: Recognised) -> list[list[str]]:
    return [[one.text for one in row] for row in in_rows(found)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([box("b", 0, 40), box("a", 0, 0)], [["a"], ["b"]], id="top to bottom"),
        pytest.param([box("b", 110, 2), box("a", 0, 0)], [["a", "b"]], id="side by side"),
        pytest.param([box("a", 0, 6), box("b", 110, 0)], [["a", "b"]], id="slightly askew"),
        pytest.param([box("b", 280, 0), box("1.1", 0, 0, 40)], [["1.1", "b"]], id="number and heading"),
        pytest.param([box("b", 280, 0), box("(iv)", 0, 0, 40)], [["(iv)", "b"]], id="item"),
        pytest.param([box("Fee", 0, 0), box("$5", 280, 0)], [["Fee"], ["$5"]], id="cells of a table"),
        pytest.param([box("a", 0, 0), box("b", 110, 14)], [["a", "b"]], id="half a line lower"),
        pytest.param([box("a", 0, 0), box("b", 110, 18)], [["a"], ["b"]], id="the next line"),
    ],
)
def test_boxes_make_lines(found: Sequence[Recognised], expected: list[list[str]]) -> None:
    assert rows(*found) == expected


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        pytest.param("ab cd", (), [(0, "ab", 0, 40), (3, "cd", 60, 100)], id="shared out"),
        pytest.param(" ab ", (), [(0, "ab", 0, 100)], id="edges stripped"),
        pytest.param(
            "ab cd",
            (("ab", 0, 30), ("cd", 50, 100)),
            [(0, "ab", 0, 30), (3, "cd", 50, 100)],
            id="pieces are words",
        ),
        pytest.param(
            "MENT of",
            (("ME", 0, 20), ("NT", 30, 50), ("of", 70, 90)),
            [(0, "MENT", 0, 50), (5, "of", 70, 90)],
            id="a word in two pieces",
        ),
        pytest.param(
            "a bc", (("abc", 0, 60),), [(0, "a", 0, 20), (2, "bc", 20, 60)], id="two words in one piece"
        ),
        pytest.param(
            "a b", (("zz", 0, 9),), [(0, "a", 0, 100 / 3), (2, "b", 200 / 3, 100)], id="pieces differ"
        ),
    ],
)
def test_words_get_their_place_in_the_box(
    text: str, pieces: tuple[tuple[str, float, float], ...], expected: list[tuple[int, str, float, float]]
) -> None:
    places = list(word_places(Recognised(text, 1, 0, 0, 100, 30, pieces)))
    assert [place[:2] for place in places] == [place[:2] for place in expected]
    for place, wanted in zip(places, expected, strict=True):
        assert place[2:] == pytest.approx(wanted[2:])


@given(st.text(min_size=1, max_size=40))
def test_words_cover_the_text(text: str) -> None:
    places = list(word_places(Recognised(text, 1, 0, 0, 100, 30)))
    assert [word for _, word, _, _ in places] == text.split()
    assert all(text.strip()[start : start + len(word)] == word for start, word, _, _ in places)


def picture(*ink: tuple[int, int, int, int]) -> Picture:
    """White, 100 wide and 200 high, with black parts: left, top, right, bottom."""
    drawn = np.full((200, 100, 3), 255, np.uint8)
    for left, top, right, bottom in ink:
        drawn[top:bottom, left:right] = 0
    return drawn


@pytest.mark.parametrize(
    ("ink", "expected"),
    [
        pytest.param([], [], id="white"),
        pytest.param([(20, 30, 40, 50)], [(15, 25, 45, 55)], id="one part"),
        pytest.param([(0, 0, 100, 200)], [(0, 0, 100, 200)], id="all of it"),
        pytest.param([(20, 30, 40, 40), (50, 59, 60, 70)], [(15, 25, 65, 75)], id="19 blank rows"),
        pytest.param(
            [(20, 30, 40, 40), (50, 60, 60, 70)], [(15, 25, 45, 45), (45, 55, 65, 75)], id="20 blank rows"
        ),
        pytest.param([(20, 30, 21, 31)], [], id="a speck"),
    ],
)
def test_only_what_holds_ink_is_looked_at(
    ink: list[tuple[int, int, int, int]], expected: list[tuple[int, int, int, int]]
) -> None:
    assert ink_bands(picture(*ink), blank=20, margin=5) == expected


def one_line(part: Picture) -> list[Recognised]:
    """Takes whatever is on the picture for one line of two words."""
    rows, columns = np.nonzero(part.min(axis=2) < 200)
    return [
        Recognised("two words", 0.8, columns.min(), rows.min(), columns.max() + 1, rows.max() + 1),
        Recognised(" ", 0.1, 0, 0, 1, 1),
    ]


def ocr_page(content: bytes) -> PageReading:
    messages = list(read_by_ocr(content, ReadTask(1, 1, 1, 1, ocr_pages=(1,)), one_line))
    assert isinstance(messages[-1], Finished)
    assert isinstance(messages[0], PageRead)
    return messages[0].page


def black_bar(left: float, bottom: float, right: float, top: float) -> bytes:
    return drawn_pdf(lambda canvas: canvas.rect(left, bottom, right - left, top - bottom, stroke=0, fill=1))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (50.0, 100.0, 500.0, 800.0)], ids=["whole page", "cropped"])
def test_boxes_are_in_the_points_of_the_page(rotate: int, crop: tuple[float, ...] | None) -> None:
    content = with_boxes(black_bar(100, 600, 300, 620), media=(0, 0, WIDTH, HEIGHT), crop=crop, rotate=rotate)
    (line,) = ocr_page(content).lines
    assert line.text == "two words"
    whole = (
        min(word.left for word in line.words),
        min(word.bottom for word in line.words),
        max(word.right for word in line.words),
        max(word.top for word in line.words),
    )
    assert whole == pytest.approx((100, 600, 300, 620), abs=1.5 / SCALE + 0.5)
    assert [(word.start, word.length) for word in line.words] == [(0, 3), (4, 5)]


def test_confidence_is_that_of_the_characters() -> None:
    assert ocr_page(black_bar(100, 600, 300, 620)).confidence == pytest.approx(0.8)


def test_a_page_with_nothing_on_it_stays_unread() -> None:
    page = ocr_page(drawn_pdf(lambda canvas: canvas.setFont("Helvetica", 11)))
    assert (page.condition, page.lines, page.confidence) == (PageCondition.PICTURE, (), None)


@pytest.mark.skipif(not ocr_available(), reason="the OCR extra is not installed")
def test_a_scanned_page_is_read_and_marked_so() -> None:
    content = drawn_pdf(
        lines_page(
            ["The Supplier shall deliver the Goods to the Premises of the Buyer on the Delivery Date."]
        ),
        scanned_page(["8. LIMITATION OF LIABILITY", "The aggregate liability shall not exceed $500,000."]),
    )
    contract = read_contract(content, "scan.pdf", ReadLimits())
    page = contract.pages[1]
    assert contract.text[page.start : page.end].splitlines() == [
        "8. LIMITATION OF LIABILITY",
        "The aggregate liability shall not exceed $500,000.",
    ]
    assert page.source is TextSource.OCR
    assert page.confidence is not None
    assert page.confidence > 0.8
    words = [contract.text[word.start : word.start + word.length] for word in page.words]
    assert words == contract.text[page.start : page.end].split()
    assert len(contract.warnings) == 1
    assert contract.warnings[0].startswith("Page 2 was read by OCR (confidence 9")


CLAUSE = ["8. LIMITATION OF LIABILITY", "The aggregate liability shall not exceed $500,000 in any one year."]


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.skipif(not ocr_available(), reason="the OCR extra is not installed")
def test_a_sheet_that_lay_askew_in_the_scanner_is_turned(degrees: int) -> None:
    sheet = picture_of(CLAUSE).rotate(degrees, expand=True)
    size = (WIDTH, HEIGHT) if degrees == 180 else (HEIGHT, WIDTH)

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(sheet), 0, 0, *size)

    content = drawn_pdf(draw, size=size)
    contract = read_contract(content, "scan.pdf", ReadLimits())
    assert contract.text.splitlines() == CLAUSE
    first = contract.pages[0].words[0]
    # The text begins at the top left of the sheet, wherever that lies on the page.
    corner = {90: (0, 0), 180: (1, 0), 270: (1, 1)}[degrees]
    across, up = (first.left + first.right) / 2 / size[0], (first.bottom + first.top) / 2 / size[1]
    assert (round(across), round(up)) == corner


def layered(*lines: str) -> bytes:
    """A page as ocrmypdf leaves it: the scan, and over it text that is not painted."""

    def draw(canvas: Canvas) -> None:
        scanned_page(lines)(canvas)
        text = canvas.beginText(72, 700)
        text.setTextRenderMode(3)
        for line in lines:
            text.textLine(line)
        canvas.drawText(text)

    return drawn_pdf(lines_page(["Some other first page."]), draw)


def installed(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program named ocrmypdf before all others."""
    program = directory / "ocrmypdf"
    program.write_text(f"#!{sys.executable}\n{script}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")


SCANNED = drawn_pdf(lines_page([CLAUSE[1]]), scanned_page(CLAUSE))


def test_ocrmypdf_is_used_where_it_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "layered.pdf").write_bytes(layered(*CLAUSE))
    script = (
        "import os, pathlib, shutil, sys\n"
        "assert pathlib.Path(sys.argv[-2]).read_bytes().startswith(b'%PDF-')\n"
        "assert 'OPENAI_API_KEY' not in os.environ\n"
        f"shutil.copy({str(tmp_path / 'layered.pdf')!r}, sys.argv[-1])\n"
        f"pathlib.Path({str(tmp_path / 'arguments')!r}).write_text(' '.join(sys.argv[1:-2]))\n"
    )
    installed(tmp_path, monkeypatch, script)
    monkeypatch.setenv("OPENAI_API_KEY", "secret-value")
    contract = read_contract(SCANNED, "scan.pdf", ReadLimits(), ocr="ocrmypdf")
    first, second = contract.pages
    assert contract.text[first.start : first.end] == CLAUSE[1]
    assert contract.text[second.start : second.end].splitlines() == CLAUSE
    assert (second.source, second.confidence, second.runs) == (TextSource.OCR, None, ())
    words = [contract.text[word.start : word.start + word.length] for word in second.words]
    assert words == " ".join(CLAUSE).split()
    assert all(
        70 < word.left < word.right < 500 and 670 < word.bottom < word.top < 720 for word in second.words
    )
    assert contract.warnings == ("Page 2 was read by OCR.",)
    assert "--pages 2" in (tmp_path / "arguments").read_text()


@pytest.mark.parametrize(
    ("script", "seconds", "reason"),
    [
        ("import sys; sys.exit(7)", 60.0, "it ended with code 7"),
        ("import time; time.sleep(60)", 0.3, "it took longer than"),
        ("", 60.0, "it wrote no file"),
    ],
    ids=["fails", "too slow", "nothing"],
)
def test_when_ocrmypdf_fails_the_page_is_named_as_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, seconds: float, reason: str
) -> None:
    installed(tmp_path, monkeypatch, script)
    limits = ReadLimits(ocr_start_seconds=seconds / 2, ocr_page_seconds=seconds / 2)
    contract = read_contract(SCANNED, "scan.pdf", limits, ocr="ocrmypdf")
    unread, failed = contract.warnings
    assert unread == "Page 2 has no text and is not searched."
    assert reason in failed


def test_ocrmypdf_configured_and_not_installed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelUnavailable, match=r"PROVISO_OCR=ocrmypdf.* not installed"):
        read_contract(SCANNED, "scan.pdf", ReadLimits(), ocr="ocrmypdf")
    with pytest.raises(ModelUnavailable):
        Tools.of(Settings(ocr="ocrmypdf"), WordEncoder, len)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("true", True), ("false", False), ("ocrmypdf", "ocrmypdf"), ("rapidocr", "rapidocr")],
)
def test_the_setting_takes_a_switch_or_a_name(
    given: str, expected: bool | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISO_OCR", given)
    assert Settings().ocr == expected


def test_poorly_read_pages_are_named() -> None:
    text = (PageLine("Some text"),)
    readings = [
        PageReading(1, "", PageCondition.READ_BY_OCR, text, confidence=0.95),
        PageReading(2, "", PageCondition.READ_BY_OCR, text, confidence=0.6),
    ]
    assert "Page 2 is hard to read (OCR confidence below 80%); compare the original." in reading_warnings(
        Opened(2), readings
    )
