"""The text of one page from pdfium: its lines, where each character stands, and where paragraphs begin."""

import ctypes
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from core.records import TextRun
from ingest.reading.line_order import PlacedLine, join_clause_numbers
from ingest.reading.records import PageLine

REPLACEMENT: Final = "\ufffd"
_HYPHEN_MARK: Final = "\ufffe"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE: Final = re.compile(r"[^\r\n]+")
_PAGE_NUMBER_BEFORE_HYPHEN: Final = re.compile(r"(?:^|[\r\n])\s*[-–—]\s?[ivxlc]{1,7}\Z")
_SPACES: Final = "\t\v\f\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SYMBOL_BULLETS: Final = "\uf0a7\uf0b7\uf0d8"

_CLEAN: Final[dict[int, str]] = (
    {code: REPLACEMENT for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\r\n"}
    | {ord(space): " " for space in _SPACES}
    | {ord(bullet): "•" for bullet in _SYMBOL_BULLETS}
    | {0xFFFF: REPLACEMENT}
)

_SMALLEST_STEP: Final = 0.5
_LARGEST_STEP: Final = 200.0
_SAME_SPACING: Final = 1.08
_COMMON_SHARE: Final = 0.2
_PARAGRAPH_FACTOR: Final = 1.3
_PARAGRAPH_POINTS: Final = 2.0


def page_characters(text_page: pdfium.PdfTextPage) -> str:
    """The page as one Python character for each of pdfium's character indices.

    Lines end in carriage return and newline, which pdfium counts too. A character beyond U+FFFF takes two
    indices and comes as its two surrogates; a hyphen at which pdfium joined two lines comes as ``-``.
    """
    count = text_page.count_chars()
    if not count:
        return ""
    buffer = (ctypes.c_ushort * (2 * count + 16))()
    written = raw.FPDFText_GetText(text_page, 0, count, buffer) - 1
    if written == count and raw.FPDFText_GetTextIndexFromCharIndex(text_page, count - 1) == count - 1:
        text = bytes(memoryview(buffer).cast("B")[: 2 * count]).decode("utf-16-le", "surrogatepass")
        if len(text) != count:
            text = "".join(map(chr, buffer[:count]))
    else:
        # pdfium left characters out of its text or put some in, so its text and its indices differ.
        text = "".join(_character(text_page, index) for index in range(count))
    return _resolve_hyphens(text, text_page).translate(_CLEAN)


def _character(text_page: pdfium.PdfTextPage, index: int) -> str:
    code = raw.FPDFText_GetUnicode(text_page, index)
    if raw.FPDFText_IsHyphen(text_page, index) == 1:
        return _HYPHEN_MARK
    return chr(code) if 0 < code <= 0x10FFFF and code != ord(_HYPHEN_MARK) else REPLACEMENT


def _resolve_hyphens(text: str, text_page: pdfium.PdfTextPage) -> str:
    def shown(mark: re.Match[str]) -> str:
        if raw.FPDFText_IsHyphen(text_page, mark.start()) != 1:
            return REPLACEMENT
        # "-iv-" at the foot of a page: the line below it is no continuation of a word.
        foot = _PAGE_NUMBER_BEFORE_HYPHEN.search(text, max(0, mark.start() - 20), mark.start())
        return "\n" if foot else "-"

    return re.sub(_HYPHEN_MARK, shown, text)


def page_lines(text_page: pdfium.PdfTextPage, characters: str, rotation: int) -> tuple[PageLine, ...]:
    """The lines of a page in pdfium's order, without white space at their edges, empty ones left out.

    Args:
        text_page: the page's text.
        characters: what ``page_characters`` gave for it.
        rotation: the page's /Rotate in degrees, which decides where "down" is.
    """
    spans = [span for match in _LINE.finditer(characters) if (span := _stripped(characters, *match.span()))]
    placed = join_clause_numbers([_placed(text_page, characters, span, rotation) for span in spans])
    starts = paragraph_starts([line.down for line in placed])
    return tuple(
        PageLine(line.text, starts_paragraph, line.runs)
        for line, starts_paragraph in zip(placed, starts, strict=True)
    )


def _placed(
    text_page: pdfium.PdfTextPage, characters: str, span: tuple[int, int], rotation: int
) -> PlacedLine:
    text, runs = _text_and_runs(characters, *span)
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text_page, span[0], x, y)
    # Points to the right and downwards as a reader of the turned page sees them.
    turned = {90: (y.value, x.value), 180: (-x.value, y.value), 270: (-y.value, -x.value)}
    return PlacedLine(text, runs, *turned.get(rotation % 360, (x.value, -y.value)))


def _stripped(characters: str, start: int, end: int) -> tuple[int, int] | None:
    text = characters[start:end]
    left = len(text) - len(text.lstrip())
    length = len(text.strip())
    return (start + left, start + left + length) if length else None


def _text_and_runs(characters: str, start: int, end: int) -> tuple[str, tuple[TextRun, ...]]:
    text = characters[start:end]
    if not _SURROGATE.search(text):
        return text, (TextRun(0, len(text), start),)
    shown = list(_whole_characters(text))
    runs: list[TextRun] = []
    for offset, (_, index) in enumerate(shown):
        last = runs[-1] if runs else None
        if last and start + index == last.char_index + last.length:
            runs[-1] = TextRun(last.start, last.length + 1, last.char_index)
        else:
            runs.append(TextRun(offset, 1, start + index))
    return "".join(character for character, _ in shown), tuple(runs)


def _whole_characters(text: str) -> Iterator[tuple[str, int]]:
    """Each character with its index in ``text``: surrogate pairs joined, lone surrogates replaced."""
    index = 0
    while index < len(text):
        pair = text[index : index + 2].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        joined = len(pair) == 1 and "\ud800" <= text[index] <= "\udbff" and index + 1 < len(text)
        character = pair if joined else text[index]
        yield (REPLACEMENT if unicodedata.category(character) == "Cs" else character), index
        index += 2 if joined else 1


def paragraph_starts(positions: Sequence[float]) -> list[bool]:
    """For every line, whether the gap above it is clearly larger than the line spacing of its page.

    Args:
        positions: how far down the page each line's baseline lies, in points, in reading order.
    """
    steps = [lower - upper for upper, lower in pairwise(positions)]
    spacing = _line_spacing([step for step in steps if _SMALLEST_STEP < step < _LARGEST_STEP])
    largest = max(_PARAGRAPH_FACTOR * spacing, spacing + _PARAGRAPH_POINTS) if spacing else float("inf")
    return [False, *(step > largest for step in steps)][: len(positions)]


def _line_spacing(steps: Sequence[float]) -> float:
    """The smallest step that is common on the page, or 0 when no step comes twice."""
    needed = max(2.0, _COMMON_SHARE * len(steps))
    ordered = sorted(steps)
    for index, step in enumerate(ordered):
        if bisect_right(ordered, step * _SAME_SPACING) - index >= needed:
            return step
    return 0.0
