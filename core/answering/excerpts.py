"""What of a passage can stand alone as an answer: whole sentences, list items with their lead-in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.answering.sentences import Span, split_contract
from core.records import Passage

# In words. Below the first a sentence says too little alone, above the second it is cut at its semicolons,
# and up to the third a list is given whole.
SHORTEST = 6
LONGEST = 120
LONGEST_LIST = 90

_ITEM = re.compile(r"\(?(?:[a-z]{1,4}|[A-Z]|\d{1,2})\)|[\u2022\u25aa\u25cf*\u2013-]\s")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of one passage, in one piece, or in two with words left out between them."""

    passage: Passage
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words on one line, ``...`` for those left out."""
        return " ... ".join(" ".join(piece.split()) for piece in self.pieces)

    @property
    def reading(self) -> str:
        """The words as one sentence, as if nothing were left out."""
        return " ".join(" ".join(self.pieces).split())

    @property
    def situated(self) -> str:
        """The passage's heading and then the words, for a model to judge."""
        return f"{self.passage.heading}\n{self.reading}" if self.passage.heading else self.reading


def excerpts(passage: Passage) -> tuple[Excerpt, ...]:
    """The excerpts of ``passage`` in their order; together they hold all of its words."""
    text = passage.text
    spans = _join_short(text, [part for span in split_contract(text) for part in _cut(text, span)])
    return tuple(
        Excerpt(passage, tuple(piece.of(text) for piece in pieces)) for pieces in _with_lead_in(text, spans)
    )


def _cut(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    if _words(text, span) > LONGEST:
        for found in re.finditer(r";\s+", span.of(text)):
            yield Span(start, span.start + found.start() + 1)
            start = span.start + found.end()
    yield Span(start, span.end)


def _join_short(text: str, spans: Sequence[Span]) -> list[Span]:
    """Headings and fragments go with the sentence they introduce, the last one with the one before."""
    joined: list[Span] = []
    start: int | None = None
    nothing = Span(0, 0)
    for before, span, after in zip((nothing, *spans), spans, (*spans[1:], nothing), strict=False):
        start = span.start if start is None else start
        if _leads_in(text, span, after) or _stands_alone(text, before, span):
            joined.append(Span(start, span.end))
            start = None
    if start is not None:
        rest = Span(start, spans[-1].end)
        joined = [*joined[:-1], Span(joined[-1].start, rest.end)] if joined else [rest]
    return joined


def _stands_alone(text: str, before: Span, span: Span) -> bool:
    words = span.of(text)
    if _ITEM.match(words) and (_goes_on(words) or _goes_on(before.of(text))):
        return True
    length = len(words.split())
    is_heading = length < 2 * SHORTEST and words[-1] not in ".;:,!?\"'\u201d\u2019)"
    return length >= SHORTEST and not is_heading


def _leads_in(text: str, span: Span, after: Span) -> bool:
    return span.of(text).endswith((":", ":-", "\u2014")) and bool(_ITEM.match(after.of(text)))


def _goes_on(words: str) -> bool:
    return words.rstrip(" \"'\u201d").endswith((";", ",", ":", "\u2014", " and", " or", "\nand", "\nor"))


def _with_lead_in(text: str, spans: Sequence[Span]) -> Iterator[tuple[Span, ...]]:
    position = 0
    while position < len(spans):
        lead = spans[position]
        items = _items_after(text, spans, position)
        position += 1 + len(items)
        if not items:
            yield (lead,)
        elif _words(text, Span(lead.start, items[-1].end)) <= LONGEST_LIST:
            yield (Span(lead.start, items[-1].end),)
        else:
            yield (Span(lead.start, items[0].end),)
            yield from ((lead, item) for item in items[1:])


def _items_after(text: str, spans: Sequence[Span], position: int) -> list[Span]:
    items: list[Span] = []
    following = spans[position + 1 : position + 2]
    if not following or not _leads_in(text, spans[position], following[0]):
        return items
    for before, span in pairwise(spans[position:]):
        if not (_ITEM.match(span.of(text)) and _goes_on(before.of(text))):
            break
        items.append(span)
    return items


def _words(text: str, span: Span) -> int:
    return len(span.of(text).split())
