"""The picture of a page with a passage marked on it, like a highlighter on paper."""

import io
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image, ImageChops, ImageDraw

from core.errors import ProvisoError
from core.pdf.pdf_document import open_document
from core.records import Page

MARKER: Final = (255, 233, 110)
_MARGIN_POINTS: Final = 1.0
_MAX_PIXELS: Final = 16_000_000
_MAX_PICTURE_PIXELS: Final = 150_000_000
_MAX_RECTS: Final = 2_000

# pdfium keeps global state: two threads inside it, even with two documents, corrupt each other.
_PDFIUM: Final = threading.Lock()


class PageNotShown(ProvisoError):
    """A page of which no picture can be made; its text stays usable."""


class PageLocked(PageNotShown):
    """A page of a file whose password is not known."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in PDF points of the page's own, unrotated coordinates; the origin is bottom left."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as PNG with its size in pixels. ``highlighted`` is False when none of the passage is on it."""

    png: bytes
    width: int
    height: int
    highlighted: bool


def render_page(
    content: bytes,
    page: Page,
    start: int,
    end: int,
    *,
    scale: float = 1.5,
    password: str | None = None,
) -> PageImage:
    """Draw a page and mark the part of the passage that stands on it.

    Args:
        content: the PDF the page was read from.
        page: which page, and where its characters stand.
        start: offset of the passage in the contract's text.
        end: offset after its last character; a passage may begin or end on another page.
        scale: pixels a point; lowered for pages so large that the picture would be unreasonable.
        password: opens the file where it is protected by one.

    Raises:
        ValueError: a scale that is not above 0.
        PageLocked: the password is missing or wrong.
        PageNotShown: the page cannot be drawn.
    """
    if not scale > 0:
        raise ValueError(f"The scale must be above 0, not {scale}.")
    with _PDFIUM:
        try:
            with open_document(content, password) as document:
                drawn = document[page.number - 1]
                rects = _rects(drawn, page, start, end)
                return _draw(drawn, page, rects, scale)
        except (pdfium.PdfiumError, IndexError) as error:
            if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
                raise locked(page) from None
            raise not_shown(page, "the page cannot be drawn.") from error


def highlight_rects(
    content: bytes, page: Page, start: int, end: int, *, password: str | None = None
) -> tuple[Rect, ...]:
    """Where the characters ``[start, end)`` of the contract's text stand on ``page``, a rectangle a line or
    less. Empty when none of them is on it, or the page has no text.

    Raises:
        PageNotShown: the page cannot be opened.
    """
    if page.words or not page.runs:
        return _word_rects(page, start, end)
    with _PDFIUM:
        try:
            with open_document(content, password) as document:
                return _rects(document[page.number - 1], page, start, end)
        except (pdfium.PdfiumError, IndexError) as error:
            raise not_shown(page, "the page cannot be opened.") from error


def _rects(drawn: pdfium.PdfPage, page: Page, start: int, end: int) -> tuple[Rect, ...]:
    if page.words or not page.runs:
        return _word_rects(page, start, end)
    text_page = drawn.get_textpage()
    rects: list[Rect] = []
    for char_index, length in character_spans(page, start, end):
        for index in range(min(text_page.count_rects(char_index, length), _MAX_RECTS - len(rects))):
            rects.append(Rect(*text_page.get_rect(index)))
    return tuple(rects)


def character_spans(page: Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First character index, as pdfium counts, and number of characters of each part of the passage."""
    for run in page.runs:
        first = max(start, run.start)
        last = min(end, run.start + run.length)
        if first < last:
            yield run.char_index + first - run.start, last - first


def _word_rects(page: Page, start: int, end: int) -> tuple[Rect, ...]:
    return tuple(
        Rect(word.left, word.bottom, word.right, word.top)
        for word in page.words
        if word.start < end and start < word.start + word.length
    )


def _draw(drawn: pdfium.PdfPage, page: Page, rects: tuple[Rect, ...], scale: float) -> PageImage:
    _refuse_giant_pictures(drawn, page)
    width, height = drawn.get_size()
    fitting = min(scale, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
    bitmap = drawn.render(scale=fitting)
    image = bitmap.to_pil().convert("RGB")
    place = bitmap.get_posconv(drawn)
    marker = Image.new("RGB", image.size, (255, 255, 255))
    pen = ImageDraw.Draw(marker)
    for rect in rects:
        first = place.to_bitmap(rect.left - _MARGIN_POINTS, rect.bottom - _MARGIN_POINTS)
        second = place.to_bitmap(rect.right + _MARGIN_POINTS, rect.top + _MARGIN_POINTS)
        pen.rectangle((*map(min, first, second), *map(max, first, second)), fill=MARKER)
    # Multiplying keeps the letters black and colours only what is light.
    marked = ImageChops.multiply(image, marker)
    buffer = io.BytesIO()
    marked.save(buffer, "PNG")
    return PageImage(buffer.getvalue(), marked.width, marked.height, bool(rects))


def _refuse_giant_pictures(drawn: pdfium.PdfPage, page: Page) -> None:
    """A picture is unpacked in full before it is drawn small, in the memory of the application."""
    pixels = 0
    for picture in drawn.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        width, height = picture.get_px_size()
        pixels += width * height
        if pixels > _MAX_PICTURE_PIXELS:
            raise not_shown(page, f"its pictures have more than {_MAX_PICTURE_PIXELS:,} pixels.")


def locked(page: Page) -> PageLocked:
    """The error for a page of a protected file."""
    return PageLocked(
        f"Page {page.number}",
        "the file is protected by a password, which Proviso does not keep.",
        "Give the password to see its pages; their text is shown here.",
    )


def not_shown(page: Page, reason: str) -> PageNotShown:
    """The error for a page that cannot be drawn for ``reason``."""
    return PageNotShown(
        f"Page {page.number}", reason, "Open the original file to see it; its text is shown here."
    )
