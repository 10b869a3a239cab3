"""Reading scans: the arrangement of what was recognised, and once the real recogniser."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records import TextSource
from ingest.read_contract import ReadLimits, read_contract
from ingest.reading.ocr import DOTS_PER_INCH, ocr_available, read_by_ocr
from ingest.reading.ocr_layout import Picture, Recognised, in_rows, ink_bands, word_places
from ingest.reading.records import Finished, PageCondition, PageRead, PageReading, ReadTask
from tests.pdf_samples import HEIGHT, WIDTH, drawn_pdf, lines_page, scanned_page, with_boxes

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
