"""Reading an answer back against its evidence: what each sentence cites, and whether it quotes truly.

Pure: what a marker means is decided by the evidence at hand and by nothing else.
"""

import re
from collections.abc import Iterator

from core.answering.quotations import quoted_spans, stands_verbatim
from core.answering.sentences import MARKER, split_answer
from core.records import Citation, Evidence, Passage, Quote, Statement

# Fewer words in quotation marks are a defined term, unless they hold a figure.
FEWEST_WORDS = 3
# A longer range of markers is not read out number by number.
LONGEST_RANGE = 50

_RANGE = re.compile(r"(\d{1,3})\s*[-\u2013]\s*(\d{1,3})|(\d{1,3})")
_OPENING_MARK = re.compile(r"[\u201c\u201e\u00ab]|(?<!\w)\"(?=\w)")
_SINGLE_QUOTES = re.compile(
    r"\u2018([^\u2018\n]{1,600}?)\u2019(?!\w)|(?<![\w'])'(?=\w)((?:[^'\n]|'(?=\w)){1,600})'(?!\w)"
)


def resolve(text: str, evidence: Evidence) -> tuple[Statement, ...]:
    """The answer ``text`` as statements: each sentence or list item with its citations and quotations.

    A marker whose number the evidence does not have gives ``Citation(number, None)``. A quotation counts as
    verbatim when one passage that the same statement cites holds it word for word.
    """
    return tuple(_statement(span.of(text), evidence) for span in split_answer(text))


def _statement(sentence: str, evidence: Evidence) -> Statement:
    by_number = {passage.number: passage for passage in evidence.passages}
    spans = quoted_spans(sentence)
    markers = [
        found
        for found in MARKER.finditer(sentence)
        if not _is_quoted(found.start(), sentence, spans, evidence)
    ]
    numbers = dict.fromkeys(number for found in markers for number in _numbers(found.group()))
    citations = tuple(Citation(number, by_number.get(number)) for number in numbers)
    cited = [citation.passage for citation in citations if citation.passage is not None]
    quotes = tuple(Quote(quote, _is_verbatim(quote, cited)) for quote in _quotations(sentence, spans))
    return Statement(sentence, citations, quotes)


def _is_quoted(marker: int, sentence: str, spans: list[tuple[int, int]], evidence: Evidence) -> bool:
    """True when the brackets belong to the contract's own words."""
    inside = [sentence[start + 1 : end - 1] for start, end in spans if start < marker < end]
    return any(stands_verbatim(quote, passage.text) for quote in inside for passage in evidence.passages)


def _numbers(marker: str) -> Iterator[int]:
    # What follows a dagger or a "p." is a place inside the source.
    listed = re.split(r"\u2020|,\s*pp?\.", marker, maxsplit=1)[0]
    for found in _RANGE.finditer(listed):
        if found[3] is not None:
            yield int(found[3])
            continue
        first, last = int(found[1]), int(found[2])
        if first <= last <= first + LONGEST_RANGE:
            yield from range(first, last + 1)
        else:
            yield from (first, last)


def _quotations(sentence: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    outside = list(sentence)
    for start, end in spans:
        outside[start:end] = " " * (end - start)
        yield from _checkable(sentence[start + 1 : end - 1])
    rest = "".join(outside)
    for found in _SINGLE_QUOTES.finditer(rest):
        yield from _checkable(found[1] or found[2])
    # A quotation that is never closed must not go unchecked.
    unclosed = _OPENING_MARK.search(rest)
    if unclosed is not None:
        yield from _checkable(sentence[unclosed.end() :])


def _checkable(quote: str) -> Iterator[str]:
    words = quote.split()
    if len(words) >= FEWEST_WORDS or any(character.isdigit() for character in quote):
        yield quote.strip()


def _is_verbatim(quote: str, cited: list[Passage]) -> bool:
    without_markers = MARKER.sub("", quote)
    return any(
        stands_verbatim(version, passage.text) for passage in cited for version in (quote, without_markers)
    )
