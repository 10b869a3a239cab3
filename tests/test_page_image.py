"""The picture of a page: what is painted must be what was meant, on every kind of page."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.colors import black, red
from reportlab.pdfgen.canvas import Canvas

from core.pdf.page_image import (
    MARKER,
    PageImage,
    PageNotShown,
    Rect,
    character_spans,
    highlight_rects,
    render_page,
)
from core.records import Page, TextRun, TextSource, WordBox
from ingest.reading.assemble_text import assemble_text
from ingest.reading.read_pdf import read_document
from ingest.reading.records import PageRead, ReadTask
from tests.pdf_samples import HEIGHT, WIDTH, drawn_pdf, encrypted, text_pdf, with_boxes

TARGET = "liability cap"


def read(content: bytes, password: str | None = None) -> tuple[str, tuple[Page, ...]]:
    messages = read_document(content, ReadTask(9, 1, 99, 99_999, password))
    return assemble_text([message.page for message in messages if isinstance(message, PageRead)])


def red_words(turn: int) -> bytes:
    """Black words around red ones, written upright for a reader of a page with /Rotate ``turn``."""

    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.setFont("Helvetica", 12)
        canvas.drawString(-120, 40, "Another line stands above")
        text = canvas.beginText(-120, 20)
        for words, colour in (("The ", black), (TARGET, red), (" is agreed.", black)):
            text.setFillColor(colour)
            text.textOut(words)
        canvas.drawText(text)
        canvas.drawString(-120, 0, "and another one below.")

    return drawn_pdf(draw)


def pixels(image: PageImage) -> NDArray[np.int_]:
    picture = np.asarray(Image.open(io.BytesIO(image.png)).convert("RGB")).astype(int)
    assert picture.shape == (image.height, image.width, 3)
    return picture


def extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom pixel of what the mask holds."""
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def marked(picture: NDArray[np.int_]) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = (picture == MARKER).all(axis=2)
    return mask


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("media", "crop"),
    [
        pytest.param((0, 0, 600, 800), None, id="plain"),
        pytest.param((0, 0, 600, 800), (40, 90, 590, 700), id="cropped"),
        pytest.param((50, 60, 600, 800), None, id="origin elsewhere"),
        pytest.param((-100, -200, 600, 800), (-40, -90, 500, 720), id="negative origin, cropped"),
    ],
)
def test_the_marker_covers_the_words_and_nothing_else(
    rotate: int, media: tuple[float, ...], crop: tuple[float, ...] | None
) -> None:
    content = with_boxes(red_words(rotate), media=media, crop=crop, rotate=rotate)
    text, (page,) = read(content)
    start = text.index(TARGET)
    picture = pixels(render_page(content, page, start, start + len(TARGET), scale=2))
    letters = (picture[:, :, 0] > 200) & (picture[:, :, 1] < 120) & (picture[:, :, 2] < 120)
    inner, outer = extent(letters), extent(marked(picture))
    assert outer[0] <= inner[0]
    assert outer[1] <= inner[1]
    assert outer[2] >= inner[2]
    assert outer[3] >= inner[3]
    assert max(abs(outer_edge - inner_edge) for outer_edge, inner_edge in zip(outer, inner, strict=True)) <= 8


def test_letters_stay_black_under_the_marker() -> None:
    content = text_pdf(["The liability cap is agreed."])
    text, (page,) = read(content)
    plain = pixels(render_page(content, page, 0, 0))
    painted = pixels(render_page(content, page, 0, len(text)))
    assert (painted[(plain == 0).all(axis=2)] == 0).all()
    assert (painted == np.minimum(plain, painted)).all()


@pytest.mark.parametrize(
    ("start", "end", "highlighted"),
    [(0, 5, True), (0, 0, False), (3, 3, False), (500, 600, False), (-9, 1, True)],
)
def test_it_says_whether_anything_is_marked(start: int, end: int, highlighted: bool) -> None:
    content = text_pdf(["alpha beta"])
    _, (page,) = read(content)
    image = render_page(content, page, start, end)
    assert image.highlighted is highlighted
    assert marked(pixels(image)).any() == highlighted


def test_a_passage_over_two_pages_is_marked_on_both() -> None:
    content = text_pdf(["first page", "ends here"], ["goes on", "second page"])
    text, pages = read(content)
    start, end = text.index("ends"), text.index("second") - 1
    first, second = (highlight_rects(content, page, start, end) for page in pages)
    assert len(first) == len(second) == 1
    assert first[0].left == second[0].left == pytest.approx(72, abs=1)
    assert first[0].bottom < second[0].bottom


def test_every_line_of_a_passage_gets_its_rectangle() -> None:
    content = text_pdf(["one two", "three four", "five six"])
    text, (page,) = read(content)
    rects = highlight_rects(content, page, text.index("two"), text.index("six"))
    assert len(rects) == 3
    assert rects[0].left > rects[1].left == pytest.approx(72, abs=1)
    assert rects[0].bottom > rects[1].top > rects[1].bottom > rects[2].top


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 100, [(7, 5), (20, 4)]),
        (2, 4, [(9, 2)]),
        (4, 12, [(11, 1), (20, 2)]),
        (5, 10, []),
        (14, 20, []),
    ],
)
def test_offsets_become_character_indices(start: int, end: int, expected: list[tuple[int, int]]) -> None:
    page = Page(1, "", 0, 14, TextSource.TEXT, (TextRun(0, 5, 7), TextRun(10, 4, 20)))
    assert list(character_spans(page, start, end)) == expected


SCANNED = Page(
    1,
    "",
    0,
    13,
    TextSource.OCR,
    words=(WordBox(0, 9, 100, 600, 180, 615), WordBox(10, 3, 190, 600, 220, 615)),
    confidence=0.9,
)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 13, [Rect(100, 600, 180, 615), Rect(190, 600, 220, 615)]),
        (4, 6, [Rect(100, 600, 180, 615)]),
        (9, 10, []),
        (10, 11, [Rect(190, 600, 220, 615)]),
    ],
)
def test_words_of_a_scan_are_marked_whole(start: int, end: int, expected: list[Rect]) -> None:
    assert list(highlight_rects(b"", SCANNED, start, end)) == expected


def test_a_scan_is_marked_where_its_words_stand() -> None:
    content = drawn_pdf(lambda canvas: canvas.setFont("Helvetica", 11))
    picture = pixels(render_page(content, SCANNED, 10, 13, scale=1))
    expected = (190, HEIGHT - 615, 220, HEIGHT - 600)
    assert extent(marked(picture)) == pytest.approx(expected, abs=2)


def test_protected_files_are_shown_with_their_password() -> None:
    content = encrypted(text_pdf(["alpha beta"]), "secret")
    _, (page,) = read(content, "secret")
    assert render_page(content, page, 0, 5, password="secret").highlighted
    with pytest.raises(PageNotShown):
        render_page(content, page, 0, 5)


def test_junk_before_the_header_does_not_matter() -> None:
    content = text_pdf(["alpha beta"])
    _, (page,) = read(content)
    junk = b"x\n" * 1000
    assert render_page(junk + content, page, 0, 5) == render_page(content, page, 0, 5)


def test_a_giant_page_is_drawn_small() -> None:
    content = drawn_pdf(lambda canvas: canvas.drawString(72, 72, "small print"), size=(14_000, 14_000))
    _, (page,) = read(content)
    image = render_page(content, page, 0, 5)
    assert image.width * image.height <= 16_100_000
    assert image.highlighted


@pytest.mark.parametrize("number", [2, 0])
def test_a_page_that_does_not_exist_is_not_shown(number: int) -> None:
    content = text_pdf(["alpha"])
    with pytest.raises(PageNotShown, match=f"Page {number}"):
        render_page(content, Page(number, "", 0, 5, TextSource.NONE), 0, 5)


def test_the_scale_must_be_positive() -> None:
    _, (page,) = read(text_pdf(["alpha"]))
    with pytest.raises(ValueError, match="above 0, not 0"):
        render_page(text_pdf(["alpha"]), page, 0, 5, scale=0)


def test_many_threads_get_the_same_picture() -> None:
    contents = [text_pdf([f"contract {number}", "alpha beta"] * 20) for number in range(4)]
    pages = [read(content)[1][0] for content in contents]
    alone = [
        render_page(content, page, 0, 30, scale=0.5).png
        for content, page in zip(contents, pages, strict=True)
    ]
    with ThreadPoolExecutor(8) as pool:
        drawn = pool.map(
            lambda turn: render_page(contents[turn % 4], pages[turn % 4], 0, 30, scale=0.5).png, range(24)
        )
    assert [png == alone[turn % 4] for turn, png in enumerate(drawn)] == [True] * 24


def test_the_size_follows_the_scale() -> None:
    content = text_pdf(["alpha"])
    _, (page,) = read(content)
    image = render_page(content, page, 0, 5, scale=1.5)
    assert (image.width, image.height) == pytest.approx((WIDTH * 1.5, HEIGHT * 1.5), abs=1)
