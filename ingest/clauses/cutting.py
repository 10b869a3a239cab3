"""Cutting a text that is too long for one chunk at the best places near equal parts."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from ingest.clauses.lines import sentence_starts
from ingest.clauses.packing import MOST_WORDS, measure
from ingest.clauses.records import Clause

Span = tuple[int, int]

_PARAGRAPH, _SENTENCE, _ITEM, _WORD = 0.0, 0.1, 0.3, 1.0
# How far from the ideal place a cut may stand, as shares of a part's length.
_NEAREST, _FARTHEST = 0.55, 1.3
_ITEM_START = re.compile(r"[;:]\s+(?:and\s+|or\s+)?(?=\S)")
_SPACE = re.compile(r"\s+")


def cut(text: str, clauses: Sequence[Clause], tokens: int, fits: Callable[[int, int], bool]) -> list[Span]:
    """Cuts the text of neighbouring clauses into spans that each satisfy ``fits(start, end)``.

    ``tokens`` is the number of tokens for which equal parts are planned. No cut separates a heading from the
    beginning of its text, unless the heading alone is too long. A single character always counts as fitting.
    """
    start, end = clauses[0].start, clauses[-1].end
    parts = measure(text[start:end]).parts(tokens)
    if parts == 1 and fits(start, end):
        return [(start, end)]
    places = _places(text, clauses)
    return [
        span
        for part in _equal_parts(text, (start, end), parts, places)
        for span in _fitting(text, part, places, fits)
    ]


def _fitting(
    text: str, span: Span, places: Sequence[tuple[int, float]], fits: Callable[[int, int], bool]
) -> list[Span]:
    body = text[span[0] : span[1]].strip()
    if len(body) <= 1 or (len(body.split()) <= MOST_WORDS and fits(*span)):
        return [span]
    halves = _equal_parts(text, span, 2, places)
    return [smaller for half in halves for smaller in _fitting(text, half, places, fits)]


def _equal_parts(text: str, span: Span, parts: int, places: Sequence[tuple[int, float]]) -> list[Span]:
    spans: list[Span] = []
    start, end = span
    while parts > 1:
        length = (end - start) / parts
        place = _best_place(text, start, end, length, places)
        spans.append((start, place))
        start, parts = place, parts - 1
    return [*spans, (start, end)]


def _best_place(text: str, start: int, end: int, length: float, places: Sequence[tuple[int, float]]) -> int:
    nearest, farthest = int(start + _NEAREST * length), min(end - 1, int(start + _FARTHEST * length))
    inside = places[
        bisect_left(places, (max(nearest, start + 1), 0.0)) : bisect_right(places, (farthest, 9.0))
    ]
    if inside:
        return min(inside, key=lambda place: place[1] + abs(place[0] - start - length) / length)[0]
    spaces = [match.end() for match in _SPACE.finditer(text, nearest, farthest) if start < match.end() < end]
    ideal = start + length
    return (
        min(spaces, key=lambda space: abs(space - ideal))
        if spaces
        else max(start + 1, min(end - 1, round(ideal)))
    )


def _places(text: str, clauses: Sequence[Clause]) -> list[tuple[int, float]]:
    """Offsets at which a chunk may begin, with the price of cutting there, in order."""
    prices: dict[int, float] = {}
    for index, clause in enumerate(clauses):
        if index and not clauses[index - 1].bare:
            prices[clause.start] = _PARAGRAPH
        if clause.bare:
            continue
        own = [
            (offset, _ITEM)
            for match in _ITEM_START.finditer(text, clause.body, clause.end)
            for offset in [match.end()]
        ]
        own += [(offset, _SENTENCE) for offset in sentence_starts(text, clause.body, clause.end)]
        own += [(offset, _PARAGRAPH) for offset in clause.breaks]
        opening = (
            clause.body + len(text[clause.body : clause.end]) - len(text[clause.body : clause.end].lstrip())
        )
        prices.update((offset, price) for offset, price in own if opening < offset < clause.end)
    return sorted(prices.items())
