"""The pages that an answer cites, as pictures with the passages highlighted, in one PDF.

The pictures come from the confined process that also draws pages for the screen; no part of a stranger's file is
copied into the PDF.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from core.errors import ProvisoError
from core.export.paper import Pen
from core.export.records import AnswerRecord
from core.export.sentences import cited, facts, moment
from core.page_words import pages
from core.pdf.page_image import PageImage
from core.records import Chunk

# A picture of one page takes about a third of a second and up to a megabyte.
MOST_PAGES: Final = 60
_MOST_PIXELS: Final = 20_000_000
_QUALITY: Final = 85
NATURE: Final = (
    "These pages are pictures, drawn by Proviso from the stored originals with the cited passages highlighted."
    " They are not the original files and hold no text that can be searched."
)


@dataclass(frozen=True, slots=True)
class CitedPage:
    """One page to be shown: the citation's number, the passage, its contract's title, and the page from 1."""

    number: int
    chunk: Chunk
    title: str
    page: int


# Draws a page with its passage highlighted; raises ProvisoError where it cannot.
DrawPage = Callable[[CitedPage], PageImage]


def cited_pages(record: AnswerRecord) -> tuple[CitedPage, ...]:
    """The pages of the passages cited, by number; of all passages kept where nothing is cited."""
    numbers = {passage.number for passage in cited(record)}
    return tuple(
        CitedPage(number, judged.candidate.chunk, judged.candidate.contract_title, page)
        # A reader's changes part the numbers of the evidence from the ranks.
        for number, judged in enumerate(record.finding.ranking.kept, start=1)
        if not numbers or number in numbers
        for page in range(judged.candidate.chunk.page_start, judged.candidate.chunk.page_end + 1)
    )


def cited_pages_pdf(record: AnswerRecord, draw: DrawPage) -> bytes:
    """A first page that says what this is, then every cited page with a caption.

    A page that cannot be drawn is there with the reason in its place.
    """
    shown = cited_pages(record)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    pen = Pen(canvas, A4)
    canvas.setTitle(pen.drawable(record.finding.inquiry.question)[:250])
    canvas.setAuthor("Proviso")
    canvas.setCreator("Proviso")
    _cover(pen, record, shown)
    for number, page in enumerate(shown[:MOST_PAGES], start=1):
        _page(pen, record, page, f"{number} of {min(len(shown), MOST_PAGES)}", draw)
    canvas.save()
    return buffer.getvalue()


def _cover(pen: Pen, record: AnswerRecord, shown: tuple[CitedPage, ...]) -> None:
    cites = bool(cited(record))
    pen.line("Cited pages" if cites else "Pages of the passages kept", size=18)
    pen.line(record.finding.inquiry.question, size=12, most=12)
    pen.gap()
    if record.answer is None or not record.answer.complete:
        pen.line("The answer is missing or breaks off; see the record of the question.", size=10)
    pen.line(NATURE, size=9)
    if len(shown) > MOST_PAGES:
        pen.line(f"{len(shown)} pages are cited; the first {MOST_PAGES} are shown.", size=10)
    if not shown:
        pen.line("No passage reached the minimum relevance, so there is no page to show.", size=10)
    pen.gap()
    for number, (title, first, last) in _listed(shown).items():
        pen.line(f"[{number}] {title}, {pages(first, last)}", size=10, most=2)
    pen.gap()
    for what, value in facts(record):
        pen.line(f"{what}: {value}", size=9, most=3)
    pen.end_page()


def _listed(shown: tuple[CitedPage, ...]) -> Mapping[int, tuple[str, int, int]]:
    return {page.number: (page.title, page.chunk.page_start, page.chunk.page_end) for page in shown}


def _page(pen: Pen, record: AnswerRecord, page: CitedPage, count: str, draw: DrawPage) -> None:
    pen.line(f"[{page.number}] {page.title}, page {page.page}", size=11, most=2)
    if page.chunk.heading:
        pen.line(page.chunk.heading, size=9, most=1)
    try:
        picture = draw(page)
        image = _opened(picture)
    except (ProvisoError, ValueError, OSError) as error:
        reason = str(error) if isinstance(error, ProvisoError) else "its picture is damaged."
        pen.gap()
        pen.line(f"This page could not be drawn: {reason}", size=11, most=6)
        pen.line("The passage as it was read:", size=9)
        pen.line(page.chunk.text, size=9, most=40)
    else:
        if not picture.highlighted:
            pen.line("Nothing of the passage could be highlighted on this page.", size=9)
        pen.picture(image)
    pen.foot(
        f"Picture {count} \u00b7 Proviso \u00b7 {moment(record.made_at)} \u00b7 file {page.chunk.contract_id[:16]}"
    )
    pen.end_page()


def _opened(picture: PageImage) -> ImageReader:
    """The picture as JPEG.

    Raises:
        ValueError, OSError: it is not what its maker said it is.
    """
    with Image.open(io.BytesIO(picture.png), formats=["PNG"]) as image:
        # The process that drew it opened a stranger's file, so its word is not taken for it.
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"The picture is too large: {image.size}.")
        small = io.BytesIO()
        image.convert("RGB").save(small, "JPEG", quality=_QUALITY)
    return ImageReader(small)
