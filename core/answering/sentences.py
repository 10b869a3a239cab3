"""Sentences of contracts and of answers, with exact offsets.

Splitting is lossless: the spans are in order, do not overlap, and only white space lies between them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.answering.abbreviations import is_abbreviation
from core.answering.quotations import quoted_spans

# How many characters around a full stop are looked at.
_CONTEXT = 60

_NUMBERS = r"(?:passages?\s+)?\^?\d{1,3}"
MARKER: Final = re.compile(
    rf"\[\s*{_NUMBERS}(?:\s*(?:,|;|-|\u2013|and|&)\s*{_NUMBERS})*(?:\s*,\s*pp?\.\s*\d+(?:\s*[-\u2013]\s*\d+)?)?\s*\]"
    r"|\u3010\s*\d{1,3}[^\u3011\n]{0,40}\u3011",
    re.IGNORECASE,
)
_MARKERS = re.compile(rf"(?:[ \t]*(?:{MARKER.pattern}))+[ \t]*[.,;]?", re.IGNORECASE)
_END = re.compile(r"(?:[.!?]+|\u2026)[\"'\u201d\u2019\u00bb)\]]*")
_ENUMERATOR = re.compile(
    r"(?:section|clause|article|schedule|exhibit|annex|part|item|paragraph)?\s*"
    r"(?:\(?(?:\d+(?:\.\d+)*|[a-z]|[ivxlc]+)\)?)\.",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_SUB_CLAUSE = re.compile(r"\n[ \t]*(?=\([A-Za-z0-9]{1,4}\)\s|[\u2022\u25aa\u25cf]\s)")
_NUMBERED_LINE = re.compile(r"\n[ \t]*(?=(?:\d{1,2}(?:\.\d{1,2})*[.)]?|[A-Za-z]\)|[A-Z]\.|[-\u2013*])\s)")
_REFERENCE = re.compile(
    r"(?:\b(?:section|clause|article|paragraph|sub-?clause|subsection|schedule|item|under|in)s?"
    r"|\b\d+(?:\.\d+)*(?:\([a-z]+\))*|\([a-z]{1,4}\)(?:,| and| or| to)?)[ \t]*$",
    re.IGNORECASE,
)
_CLOSED_LINE = re.compile(r"(?:[.;:!?,][\"'\u201d\u2019)]*|\b(?:and|or))[ \t]*$")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]


def split_contract(text: str) -> tuple[Span, ...]:
    """The sentences of contract text.

    A single newline is a soft line break; a blank line and a sub-clause such as ``(a)`` at the start of a
    line end what comes before. A numbered line does so too where the line before it is closed by punctuation.
    """
    breaks = [(found.start(), found.end()) for found in _BLANK_LINE.finditer(text)]
    breaks += [
        (found.start(), found.end())
        for found in _SUB_CLAUSE.finditer(text)
        if not _REFERENCE.search(text, max(0, found.start() - _CONTEXT), found.start())
    ]
    breaks += [
        (found.start(), found.end())
        for found in _NUMBERED_LINE.finditer(text)
        if _CLOSED_LINE.search(text, max(0, found.start() - _CONTEXT), found.start())
    ]
    return _split(text, sorted(set(breaks)))


def split_answer(text: str) -> tuple[Span, ...]:
    """The sentences and list items of an answer.

    Every newline outside a quotation ends what comes before. Citation markers after a full stop belong to the
    sentence before them, and so does a line of nothing but markers.
    """
    quotes = quoted_spans(text)
    breaks = [
        (found.start(), found.end())
        for found in re.finditer(r"\n\s*", text)
        if not _inside(quotes, found.start())
    ]
    return _join_markers(text, _split(text, breaks))


def _join_markers(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in spans:
        if joined and _MARKERS.fullmatch(span.of(text)):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return tuple(joined)


def _split(text: str, breaks: list[tuple[int, int]]) -> tuple[Span, ...]:
    quotes = quoted_spans(text)
    spans: list[Span] = []
    start = 0
    for end, following in [*breaks, (len(text), len(text))]:
        for sentence in _sentences(text, start, end, quotes):
            trimmed = _trim(text, sentence)
            if trimmed.start < trimmed.end:
                spans.append(trimmed)
        start = max(start, following)
    return tuple(spans)


def _sentences(text: str, start: int, end: int, quotes: list[tuple[int, int]]) -> Iterator[Span]:
    begin = start
    for found in _END.finditer(text, start, end):
        boundary = _boundary(text, begin, found, end)
        if boundary is not None and boundary >= begin and not _inside(quotes, boundary):
            yield Span(begin, boundary)
            begin = boundary
    if begin < end:
        yield Span(begin, end)


def _boundary(text: str, begin: int, found: re.Match[str], end: int) -> int | None:
    """Where the sentence that began at ``begin`` ends if it ends at the punctuation ``found``, else None."""
    markers = _MARKERS.match(text, found.end(), end)
    after = markers.end() if markers else found.end()
    if after < end and not text[after].isspace() and not markers:
        return None
    following = text[after : min(end, after + _CONTEXT)].lstrip()
    if not following:
        return after
    if _is_ellipsis(text, found) or _is_enumerator(text, begin, found):
        return None
    if markers:
        # "[1] says so. [2] says more": a marker that goes on in lower case opens the next sentence.
        return found.end() if following[0].islower() else after
    if following[0].islower():
        return None
    if found.group() == "." and is_abbreviation(
        text[max(begin, found.start() - _CONTEXT) : found.start()], following
    ):
        return None
    return after


def _is_ellipsis(text: str, found: re.Match[str]) -> bool:
    dots = found.group().startswith(("...", "\u2026"))
    return dots and (found.start() == 0 or text[found.start() - 1] in " \t\n[(\"'\u201c")


def _is_enumerator(text: str, begin: int, found: re.Match[str]) -> bool:
    is_short = found.group() == "." and found.end() - begin <= _CONTEXT
    return is_short and bool(_ENUMERATOR.fullmatch(text[begin : found.end()].strip()))


def _inside(spans: list[tuple[int, int]], position: int) -> bool:
    index = bisect_right(spans, (position, -1)) - 1
    return index >= 0 and spans[index][0] < position < spans[index][1]


def _trim(text: str, span: Span) -> Span:
    piece = span.of(text)
    return Span(span.start + len(piece) - len(piece.lstrip()), span.end - len(piece) + len(piece.rstrip()))
