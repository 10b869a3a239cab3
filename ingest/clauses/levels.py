"""The open levels of a numbering, and what it costs to go on from them with another number.

Prices are in arbitrary units, chosen on contracts of many drafting styles: 0 is what a careful draftsman does,
about 2 is what leaving out a number at the beginning of a paragraph costs.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ingest.clauses.records import Marker, Reading

KEYWORDS = ("article", "section", "sec", "clause", "paragraph", "part", "chapter", "§")
_OUTER_KEYWORDS = ("part", "chapter")
_PARTS = ("schedule", "signatures", "capitals")
UNNUMBERED = (*_PARTS, "words", "definition")
# Styles that a careless draftsman mixes: 4. Payment, 5 Term.
_PLAIN_NUMBERS = ("1.", "1", "1.0", "1)")
_DEEPEST = 9
_LARGEST_SKIP = 4


class Level(NamedTuple):
    """An open level: its last number, the marker that bears it, and the marker of its group's heading."""

    reading: Reading
    marker: int
    look: str
    group: int = -1

    @property
    def number(self) -> tuple[int, ...]:
        """The full number, (4, 2) for 4.2; empty for letters and headings without a number."""
        return (*self.reading.parent, self.reading.value) if is_numeric(self.reading.style) else ()


Levels = tuple[Level, ...]


@cache
def is_numeric(style: str) -> bool:
    """True for styles counted in whole numbers (Article 4, 4., 4.2), False for (a), (i) and plain headings."""
    return style[0] == "1" or style.startswith(KEYWORDS)


def with_heading(levels: Levels, level: Level) -> Levels:
    """``levels`` after a heading without a number.

    A schedule closes everything, signatures all but the schedule; other headings replace their like.
    """
    style = level.reading.style
    if style == "schedule":
        return (level,)
    if style == "signatures":
        return (*(above for above in levels[:1] if above.reading.style == "schedule"), level)
    styles = [above.reading.style for above in levels]
    parts = [depth for depth, above in enumerate(styles) if above in _PARTS]
    if style in styles and (style == "capitals" or styles.index(style) > max(parts, default=-1)):
        return (*levels[: styles.index(style)], level)
    return (*levels[:_DEEPEST], level)


def continued(levels: Levels, marker: Marker, reading: Reading) -> Iterator[tuple[float, int, int]]:
    """The open levels that a number may count on from: (cost, depth of the level, how many levels are kept)."""
    for depth in range(len(levels) - 1, -1, -1):
        level = levels[depth]
        mixed = level.reading.style != reading.style
        if mixed and not (level.reading.style in _PLAIN_NUMBERS and reading.style in _PLAIN_NUMBERS):
            continue
        step = _step(level.reading, reading)
        if step is None or (mixed and step != 1) or not _believable(step, marker, reading):
            continue
        cost = _skip_price(step) + 0.6 * mixed + _unlike(level.look, marker.look)
        cost += 0.03 * (len(levels) - depth)
        if reading.parent == level.reading.parent:
            yield cost, depth, depth
        else:
            chapter = level.reading.parent
            kept = next((at for at, above in enumerate(levels) if above.number == chapter), depth)
            yield cost + 0.4 * (kept < depth), depth, kept


def _step(before: Reading, reading: Reading) -> int | None:
    """From 4.2 to 4.3 one step; from 4.7 to 5.1 one, too, where clause 5 has no heading of its own."""
    if reading.parent == before.parent:
        return reading.value - before.value
    if not reading.parent or reading.parent[:-1] != before.parent[:-1] or reading.value not in (0, 1):
        return None
    return reading.parent[-1] - before.parent[-1]


def _believable(step: int, marker: Marker, reading: Reading) -> bool:
    # A draftsman who gives a number twice has still written a titled clause.
    repeated = is_numeric(reading.style) and marker.look != "none" and -_LARGEST_SKIP < step <= 0
    return 0 < step <= _LARGEST_SKIP or repeated


def _skip_price(step: int) -> float:
    if step == 1:
        return 0.0
    return 0.8 + 0.5 * step if step > 1 else 1.5 - 0.2 * step


def opened(levels: Levels, reading: Reading, titled: bool, last: int) -> Iterator[tuple[float, Levels]]:
    """The ways in which a number begins a new level: (cost, levels kept).

    ``last`` is the last number of its style anywhere before, which may count on across articles and parts.
    """
    first = reading.value in (0, 1)
    if reading.parent:
        parents = [depth for depth, level in enumerate(levels) if level.number == reading.parent]
        if parents:
            yield (0.0 if first else 0.8), levels[: parents[-1] + 1]
        else:
            yield (1.0 if first else 2.0), _down_to(levels, _PARTS)
        return
    clause = (reading.value - 1,)
    if is_numeric(reading.style) and any(level.reading.parent == clause for level in levels):
        # 2. after 1.27, in a contract whose clause 1 has no line of its own.
        before = [clause in (level.reading.parent, level.number) for level in levels].index(True)
        yield 0.3, levels[:before]
    lateness = _lateness(reading, titled, last)
    if reading.style.startswith(KEYWORDS):
        yield 0.4 + lateness, _down_to(levels, _keepers(reading.style))
        return
    for depth in range(min(len(levels), _DEEPEST), -1, -1):
        if depth < len(levels) and levels[depth].reading.style in _PARTS:
            break
        # A number that does not begin at 1 is a clause of its own, not an item of a numbered clause.
        if first or not is_numeric(reading.style) or all(_is_part(level) for level in levels[:depth]):
            yield lateness + _depth_price(levels, depth, reading, titled), levels[:depth]


def _depth_price(levels: Levels, depth: int, reading: Reading, titled: bool) -> float:
    """What it costs that the new level closes those from ``depth`` on."""
    numeric, closed = is_numeric(reading.style), len(levels) - depth
    restarted = closed > 0 and levels[depth].reading.style == reading.style
    nested = any(level.reading.style == reading.style for level in levels[:depth])
    adrift = closed > 0 and depth == 0 and not numeric
    # A titled number is hardly ever a part of an untitled letter.
    lettered = depth > 0 and titled and numeric and levels[depth - 1].look == "none"
    again = (0.3 if closed == 1 else 1.0) * restarted
    return 0.5 + 0.2 * closed + again + 0.8 * nested + 0.6 * adrift + 0.7 * lettered


def _lateness(reading: Reading, titled: bool, last: int) -> float:
    """What it costs that a new level does not begin at 1."""
    if reading.value in (0, 1, last + 1):
        return 0.0
    if is_numeric(reading.style):
        return 2.5 if titled else 4.0
    # (a) often stands in the line of the clause itself.
    return 1.2 if reading.value == 2 else 4.0


def _keepers(style: str) -> tuple[str, ...]:
    """The styles below which an article, a section or the like may stand."""
    if style.startswith(_OUTER_KEYWORDS):
        return _PARTS
    return (
        (*_PARTS, *_OUTER_KEYWORDS) if style.startswith("article") else (*_PARTS, *_OUTER_KEYWORDS, "article")
    )


def _is_part(level: Level) -> bool:
    return level.reading.style in UNNUMBERED or level.reading.style.startswith(KEYWORDS)


def _down_to(levels: Levels, keepers: tuple[str, ...]) -> Levels:
    kept = [depth for depth, level in enumerate(levels) if level.reading.style.startswith(keepers)]
    return levels[: kept[-1] + 1] if kept else ()


def _unlike(look: str, other: str) -> float:
    if look == other:
        return 0.0
    return 0.5 if "none" in (look, other) else 0.2


def group_of(levels: Levels, depth: int, index: int, markers: Sequence[Marker]) -> int:
    """The plain heading right above a number that counts on: it names this number and those after it."""
    above = levels[-1]
    directly = above.marker == index - 1 and markers[index - 1].line >= markers[index].line - 2
    if directly and above.reading.style in ("capitals", "words") and len(levels) - 1 > depth:
        return above.marker
    return levels[depth].group
