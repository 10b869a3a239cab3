"""The text of a PDF page by page with pdfium. Runs in the reader process, never in the application's own."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from core.pdf.pdf_document import find_header, open_document
from ingest.reading.hidden_text import hidden_spans, mark_hidden
from ingest.reading.inspect_pdf import ContentExplodes, inspect_pdf
from ingest.reading.page_objects import Drawings, find_drawings
from ingest.reading.page_text import REPLACEMENT, page_characters, page_lines
from ingest.reading.records import (
    Finished,
    Message,
    Opened,
    PageCondition,
    PageLine,
    PageRead,
    PageReading,
    ReadTask,
    Rejected,
    Rejection,
)
from ingest.reading.word_boxes import with_word_boxes

_MAX_TITLE: Final = 300
_MAX_LABEL: Final = 20
_MAX_OUTLINE: Final = 2_000

_LITTLE_TEXT: Final = 100
_MOSTLY_PICTURE: Final = 0.5
_SOME_PICTURE: Final = 0.02
_MANY_SHAPES: Final = 20
_OUTLINED_LETTERS: Final = 300
_GARBLED_SHARE: Final = 0.3
_MEANINGLESS: Final = re.compile(f"[\ue000-\uf8ff{REPLACEMENT}]")


def read_document(content: bytes, task: ReadTask) -> Iterator[Message]:
    """Read the text of every page.

    Yields:
        ``Opened``, a ``PageRead`` for every page in order and ``Finished``; or ends with a ``Rejected``.
    """
    try:
        document = open_document(content, task.password)
    except pdfium.PdfiumError as error:
        yield Rejected(_reason(error, task.password))
        return
    with document:
        page_count = len(document)
        if not page_count:
            yield Rejected(Rejection.NO_PAGES)
        elif page_count > task.max_pages:
            yield Rejected(Rejection.TOO_MANY_PAGES, page_count)
        else:
            yield from _read_pages(document, content, task)


def _read_pages(document: pdfium.PdfDocument, content: bytes, task: ReadTask) -> Iterator[Message]:
    try:
        structure = inspect_pdf(content[find_header(content) :], task.password)
    except ContentExplodes:
        yield Rejected(Rejection.EXPLODES)
        return
    yield Opened(
        page_count=len(document),
        title="" if task.plain else _read_string(lambda: document.get_metadata_value("Title"), _MAX_TITLE),
        outline=() if task.plain else _outline(document),
        has_script=structure.has_script,
        has_attachment=structure.has_attachment or (not task.plain and document.count_attachments() > 0),
        structure_complete=structure.complete and not task.plain,
    )
    characters = readable = 0
    for index in range(len(document)):
        label = "" if task.plain else _read_string(partial(document.get_page_label, index), _MAX_LABEL)
        page = _read_page(document, index, label, word_boxes=task.word_boxes)
        characters += sum(len(line.text) for line in page.lines)
        if characters > task.max_characters:
            yield Rejected(Rejection.TOO_MUCH_TEXT, characters)
            return
        readable += page.condition is not PageCondition.DAMAGED
        yield PageRead(page)
    yield Finished() if readable else Rejected(Rejection.DAMAGED)


def _reason(error: pdfium.PdfiumError, password: str | None) -> Rejection:
    if error.err_code == raw.FPDF_ERR_PASSWORD:
        return Rejection.PASSWORD_WRONG if password else Rejection.PASSWORD_REQUIRED
    if error.err_code == raw.FPDF_ERR_SECURITY:
        return Rejection.PROTECTED_OTHERWISE
    # pdfium reports "success" for a document that is well formed and has no page.
    return Rejection.NO_PAGES if error.err_code == raw.FPDF_ERR_SUCCESS else Rejection.DAMAGED


def _read_page(
    document: pdfium.PdfDocument, index: int, label: str, *, word_boxes: bool = False
) -> PageReading:
    try:
        page = document[index]
        text_page = page.get_textpage()
    except pdfium.PdfiumError:
        return PageReading(index + 1, label, PageCondition.DAMAGED)
    try:
        characters = page_characters(text_page)
        lines = page_lines(text_page, characters, page.get_rotation())
        starts = [line.runs[0].char_index for line in lines]
        hidden = hidden_spans(page, text_page, sorted(starts))
        condition = _condition(page, lines)
        lines = with_word_boxes(text_page, lines) if word_boxes else mark_hidden(lines, hidden)
    finally:
        page.close()
    kept = () if condition is PageCondition.GARBLED else lines
    return PageReading(index + 1, label, condition, kept, hidden_text=bool(hidden))


def _condition(page: pdfium.PdfPage, lines: tuple[PageLine, ...]) -> PageCondition:
    text = "".join("".join(line.text.split()) for line in lines)
    if len(_MEANINGLESS.findall(text)) > _GARBLED_SHARE * len(text):
        return PageCondition.GARBLED
    if len(text) >= _LITTLE_TEXT:
        return PageCondition.TEXT
    drawings = find_drawings(page)
    if _is_picture(drawings, len(text)):
        return PageCondition.PICTURE
    return PageCondition.TEXT if text else PageCondition.BLANK


def _is_picture(drawings: Drawings, text_length: int) -> bool:
    """Whether what the page says is likely to stand in a picture or in letters drawn as outlines."""
    if text_length:
        return drawings.picture_share >= _MOSTLY_PICTURE or len(drawings.shapes) >= _OUTLINED_LETTERS
    return drawings.picture_share >= _SOME_PICTURE or len(drawings.shapes) >= _MANY_SHAPES


def _outline(document: pdfium.PdfDocument) -> tuple[str, ...]:
    titles = (
        _read_string(bookmark.get_title, _MAX_TITLE)
        for bookmark in islice(document.get_toc(max_depth=4), _MAX_OUTLINE)
    )
    return tuple(title for title in titles if title)


def _read_string(read: Callable[[], str], longest: int) -> str:
    """A string of the structure; "" when it is no valid text, as half a surrogate pair is not."""
    try:
        return plain_line(read(), longest)
    except (UnicodeDecodeError, pdfium.PdfiumError):
        return ""


def plain_line(text: str, longest: int) -> str:
    """``text`` from a PDF's structure as one printable line of at most ``longest`` characters."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:longest].rstrip()
