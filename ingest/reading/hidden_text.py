"""Text that is in the file but that nobody sees on the page: a channel for words meant for a model alone."""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from core.records import TextRun
from ingest.reading.page_objects import (
    NEARLY_TRANSPARENT,
    NEARLY_WHITE,
    Box,
    Drawings,
    find_drawings,
    page_box,
)
from ingest.reading.records import PageLine

Span = tuple[int, int]
"""First of pdfium's character indices, and the one after the last."""

_SAMPLE_STEP: Final = 8
_CONFIRMING: Final = 12
_ENOUGH_HIDDEN: Final = 4
_TINY_POINTS: Final = 2.0
_OVERRUN: Final = 40
_LOOKS: Final = 20_000


def hidden_spans(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, starts: Sequence[int]) -> list[Span]:
    """Where text was made so that a reader does not see it: white or nearly white on white, transparent,
    smaller than 2 points, beside the page, or painted by no ink and over no picture.

    Every 8th character is looked at, and the first of every line; fewer than four hidden characters, as in a
    footnote mark, are not enough, nor are the last words of a line that runs over the edge of its page.

    Args:
        page: the page.
        text_page: its text.
        starts: pdfium's character index of the beginning of every line, in ascending order.
    """
    sight = _Sight(page, text_page)
    edges = [*starts, text_page.count_chars()]
    return [span for start, end in pairwise(edges) for span in _in_line(sight, start, end)]


def mark_hidden(lines: Sequence[PageLine], spans: Sequence[Span]) -> tuple[PageLine, ...]:
    """The lines with their runs cut at the edges of ``spans`` and those inside marked as hidden."""
    if not spans:
        return tuple(lines)
    return tuple(
        replace(line, runs=tuple(part for run in line.runs for part in _cut(run, spans))) for line in lines
    )


def _cut(run: TextRun, spans: Sequence[Span]) -> Iterator[TextRun]:
    first, last = run.char_index, run.char_index + run.length
    edges = sorted({first, last, *(edge for span in spans for edge in span if first < edge < last)})
    for start, end in pairwise(edges):
        hidden = any(span[0] <= start < span[1] for span in spans)
        yield TextRun(run.start + start - first, end - start, start, hidden)


def _in_line(sight: "_Sight", start: int, end: int) -> Iterator[Span]:
    index = start
    while index < end:
        if sight.is_hidden(index) and sight.confirms(index):
            span = sight.extent(index, start, end)
            if not sight.is_overrun(span, start):
                yield span
            index = span[1]
        else:
            index += _SAMPLE_STEP


@dataclass(slots=True)
class _Sight:
    """Tells whether a character of a page can be seen; looks for drawings only when one is in doubt."""

    page: pdfium.PdfPage
    text_page: pdfium.PdfTextPage
    visible: Box = field(init=False)
    drawings: Drawings | None = None
    looks_left: int = _LOOKS

    def __post_init__(self) -> None:
        self.visible = page_box(self.page)

    def is_hidden(self, index: int) -> bool:
        """True for a printing character that cannot be seen."""
        box = _character_box(self.text_page, index)
        if box is None:
            return False
        if _is_tiny(box) or not _touches(self.visible, box):
            return True
        if not _is_unpainted(self.text_page, index):
            return False
        self.drawings = self.drawings or find_drawings(self.page)
        return not self.drawings.behind((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)

    def confirms(self, index: int) -> bool:
        """True when the printing characters from ``index`` on are several and all hidden."""
        following = range(index, min(index + _CONFIRMING, self.text_page.count_chars()))
        printing = [near for near in following if _character_box(self.text_page, near) is not None]
        return len(printing) >= _ENOUGH_HIDDEN and all(self.is_hidden(near) for near in printing)

    def extent(self, index: int, start: int, end: int) -> Span:
        """The hidden characters around ``index`` within a line; the rest of the line once a page has had
        20,000 looks, so that a page made of hidden text costs no more than another.
        """
        first, last = index, index + 1
        while first > start and self._goes_on(first - 1):
            first -= 1
        while last < end and self._goes_on(last):
            last += 1
        return first, last if self.looks_left > 0 else end

    def is_overrun(self, span: Span, start: int) -> bool:
        """True for the last words of a line that is only too long for its page, which nobody hid."""
        box = _character_box(self.text_page, span[1] - 1)
        outside = box is not None and not _touches(self.visible, box)
        return outside and span[0] > start and span[1] - span[0] <= _OVERRUN

    def _goes_on(self, index: int) -> bool:
        self.looks_left -= 1
        if self.looks_left <= 0:
            return False
        return _character_box(self.text_page, index) is None or self.is_hidden(index)


def _character_box(text_page: pdfium.PdfTextPage, index: int) -> Box | None:
    if raw.FPDFText_GetUnicode(text_page, index) <= 0x20 or raw.FPDFText_IsGenerated(text_page, index) == 1:
        return None
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text_page, index, box):
        return None
    return box.left, box.bottom, box.right, box.top


def _is_tiny(box: Box) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) < _TINY_POINTS


def _touches(outer: Box, inner: Box) -> bool:
    return inner[0] <= outer[2] and inner[2] >= outer[0] and inner[1] <= outer[3] and inner[3] >= outer[1]


def _is_unpainted(text_page: pdfium.PdfTextPage, index: int) -> bool:
    """White, transparent, or in the mode that paints nothing, as the text layer over a scan is."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if raw.FPDFText_GetFillColor(text_page, index, red, green, blue, alpha):
        white = min(red.value, green.value, blue.value) >= NEARLY_WHITE
        if white or alpha.value <= NEARLY_TRANSPARENT:
            return True
    drawn = raw.FPDFText_GetTextObject(text_page, index)
    mode = raw.FPDFTextObj_GetTextRenderMode(drawn) if drawn else raw.FPDF_TEXTRENDERMODE_FILL
    return bool(mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE)
