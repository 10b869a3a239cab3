"""PDF bytes -> ContractText: check, read in a process of its own, OCR what has no text, assemble."""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final

from core.records import ContractText
from core.settings import OcrEngine
from ingest.reading.assemble_text import assemble_text
from ingest.reading.check_upload import check_upload
from ingest.reading.ocr import ocr_available
from ingest.reading.ocrmypdf import OcrFailed, find_program, with_text_layer
from ingest.reading.reading_warnings import reading_warnings
from ingest.reading.records import (
    NEEDS_OCR,
    Opened,
    PageCondition,
    PageRead,
    PageReading,
    ReadLimits,
    ReadTask,
    Rejected,
    Rejection,
)
from ingest.reading.rejections import rejected
from ingest.reading.run_reader import run_reader

__all__ = ["OnProgress", "ReadLimits", "read_contract"]

OnProgress = Callable[[str, float], None]
"""Told what is being done and how far it is (0-1); it may raise to stop the reading."""

_PROGRESS_SECONDS: Final = 0.2


def read_contract(
    content: bytes,
    file_name: str,
    limits: ReadLimits,
    *,
    password: str | None = None,
    ocr: bool | OcrEngine = True,
    on_progress: OnProgress | None = None,
) -> ContractText:
    """Read one PDF.

    Args:
        content: the bytes of the file, from an untrusted source.
        file_name: the user's name for it, used in messages only.
        limits: what it may cost.
        password: opens the file where it is protected by one.
        ocr: whether pages without text are read by OCR: by the built-in recogniser where that is installed
            (True, "rapidocr"), by the program ocrmypdf, or not at all.
        on_progress: see ``OnProgress``.

    Raises:
        RejectedFile: the file cannot become a contract; the message says why and what to do.
        ModelUnavailable: OCR by ocrmypdf is configured and the program is not installed.
    """
    check_upload(content, file_name, limits)
    if ocr == "ocrmypdf":
        find_program()
    report = _Reporter(on_progress)
    try:
        opened, pages = _read_text(content, file_name, limits, password, report)
    except _Crashed:
        # The trees of bookmarks and labels are what crashes the library; the text may be sound without them.
        opened, pages = _read_text(content, file_name, limits, password, report, plain=True)
    note = ""
    if ocr == "ocrmypdf":
        pages, note = _read_by_program(content, pages, limits, password, report)
    elif ocr and ocr_available():
        pages, note = _read_pictures(content, pages, limits, password, report)
    elif not any(page.lines for page in pages) and any(page.condition in NEEDS_OCR for page in pages):
        raise rejected(file_name, Rejection.NEEDS_OCR, limits)
    text, placed = assemble_text(pages)
    if not text.strip():
        raise rejected(file_name, Rejection.NO_TEXT, limits)
    return ContractText(
        contract_id=hashlib.sha256(content).hexdigest(),
        file_name=file_name,
        text=text,
        pages=placed,
        outline=opened.outline,
        document_title=opened.title,
        warnings=(*reading_warnings(opened, pages), *filter(None, (note,))),
    )


class _Crashed(Exception):
    """The reader process ended without a word."""


def _read_text(
    content: bytes,
    file_name: str,
    limits: ReadLimits,
    password: str | None,
    report: "_Reporter",
    *,
    plain: bool = False,
) -> tuple[Opened, list[PageReading]]:
    task = ReadTask(
        limits.wall_seconds, limits.memory, limits.max_pages, limits.max_characters, password, plain=plain
    )
    opened: Opened | None = None
    pages: list[PageReading] = []
    with closing(run_reader(content, task)) as messages:
        for message in messages:
            if isinstance(message, Rejected):
                if message.reason is Rejection.CRASHED and not plain:
                    raise _Crashed
                raise rejected(file_name, message.reason, limits, found=message.found)
            if isinstance(message, Opened):
                opened = message
            elif isinstance(message, PageRead) and opened is not None:
                pages.append(message.page)
                report("reading", len(pages), opened.page_count)
    if opened is None or len(pages) != opened.page_count:
        raise rejected(file_name, Rejection.DAMAGED, limits)
    return opened, pages


def _read_pictures(
    content: bytes,
    pages: Sequence[PageReading],
    limits: ReadLimits,
    password: str | None,
    report: "_Reporter",
) -> tuple[list[PageReading], str]:
    """The pages with what OCR found on those without text, and a warning when OCR did not get to all."""
    numbers = tuple(page.number for page in pages if page.condition in NEEDS_OCR)
    if not numbers:
        return list(pages), ""
    seconds = limits.ocr_start_seconds + limits.ocr_page_seconds * len(numbers)
    task = ReadTask(seconds, limits.ocr_memory, len(pages), limits.max_characters, password, numbers)
    found: dict[int, PageReading] = {}
    note = ""
    with closing(run_reader(content, task)) as messages:
        report("reading scanned pages", 0, len(numbers))
        for message in messages:
            if isinstance(message, PageRead):
                found[message.page.number] = message.page
                report("reading scanned pages", len(found), len(numbers))
            elif isinstance(message, Rejected):
                note = f"OCR stopped after {len(found)} of {len(numbers)} pages ({message.reason})."
    return [_better(page, found.get(page.number)) for page in pages], note


def _read_by_program(
    content: bytes,
    pages: Sequence[PageReading],
    limits: ReadLimits,
    password: str | None,
    report: "_Reporter",
) -> tuple[list[PageReading], str]:
    """The pages with what ocrmypdf found on those without text, and a warning when it did not work."""
    numbers = tuple(page.number for page in pages if page.condition in NEEDS_OCR)
    if not numbers:
        return list(pages), ""
    seconds = limits.ocr_start_seconds + limits.ocr_page_seconds * len(numbers)
    report("reading scanned pages", 0, len(numbers))
    try:
        layered = with_text_layer(content, numbers, seconds, password)
    except OcrFailed as error:
        return list(pages), f"OCR by ocrmypdf failed: {error}."
    task = ReadTask(
        limits.wall_seconds,
        limits.memory,
        limits.max_pages,
        limits.max_characters,
        plain=True,
        word_boxes=True,
    )
    with closing(run_reader(layered, task)) as messages:
        found = {message.page.number: message.page for message in messages if isinstance(message, PageRead)}
    report("reading scanned pages", len(numbers), len(numbers))
    return [_better(page, found.get(page.number)) if page.number in numbers else page for page in pages], ""


def _better(page: PageReading, scanned: PageReading | None) -> PageReading:
    """What OCR found, where that is more than the few words that stand beside the picture."""
    if scanned is None or _length(scanned) <= _length(page):
        return page
    return replace(
        page, condition=PageCondition.READ_BY_OCR, lines=scanned.lines, confidence=scanned.confidence
    )


def _length(page: PageReading) -> int:
    return sum(len(line.text) for line in page.lines)


class _Reporter:
    """Passes progress on, though not more often than anybody can see."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._last = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self._on_progress is not None and (done in (0, total) or now - self._last >= _PROGRESS_SECONDS):
            self._last = now
            self._on_progress(f"{step} (page {done} of {total})", done / total)
