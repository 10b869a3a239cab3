"""Finding the numbering of a contract among everything at the beginning of a line that looks like a number.

A number is believed because of its neighbours: 4.1 before 4.2, (a) before (b). Every marker is either taken into
the numbering, as the next number of an open level or the first of a new one, or left as plain text, and each of
these has a price. A beam search keeps the cheapest readings of the whole contract, so what follows decides
whether "(i)" is the letter after (h) or the first roman numeral, and "4.2" at a line break a clause or a
reference.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.clauses.headings import Marker, Reading
from ingest.clauses.lines import Gap

_BEAM = 8
_MARGIN = 4.0
_DEEPEST = 9
_LARGEST_SKIP = 4

_STRAIN = {Gap.PARAGRAPH: 0.0, Gap.SENTENCE: 0.3, Gap.PAUSE: 0.9, Gap.INSIDE: 2.5}
_EVIDENCE = {Gap.PARAGRAPH: 2.0, Gap.SENTENCE: 1.4, Gap.PAUSE: 0.5, Gap.INSIDE: 0.1}
_KEYWORDS = ("article", "section", "sec", "clause", "paragraph", "part", "chapter", "§")
# Styles that a careless draftsman mixes: 4. Payment, 5 Term.
_PLAIN_NUMBERS = ("1.", "1", "1.0", "1)")
_PARTS = ("schedule", "signatures", "capitals")
_UNNUMBERED = (*_PARTS, "words", "definition")


class Level(NamedTuple):
    """An open level of the numbering: its last number, the marker that bears it, and the heading of its group."""

    reading: Reading
    marker: int
    look: str
    group: int = -1

    @property
    def number(self) -> tuple[int, ...]:
        """The full number, (4, 2) for 4.2; empty for letters and headings without a number."""
        return (*self.reading.parent, self.reading.value) if is_numeric(self.reading.style) else ()


Levels = tuple[Level, ...]


class _State(NamedTuple):
    cost: float
    levels: Levels
    before: "_State | None"
    taken: bool
    last: dict[str, int]


def is_numeric(style: str) -> bool:
    """True for styles counted in whole numbers (Article 4, 4., 4.2), False for (a), (i) and plain headings."""
    return style[0] == "1" or style.startswith(_KEYWORDS)


def number_clauses(markers: Sequence[Marker], resets: frozenset[int] = frozenset()) -> list[Levels | None]:
    """For each marker the levels open at it, outermost first and itself last, or None when it is plain text.

    ``resets`` are indices of markers before which all levels are closed.
    """
    beam = [_State(0.0, (), None, False, {})]
    for index, marker in enumerate(markers):
        after: dict[tuple[Reading, ...], _State] = {}
        for state in beam:
            known = state._replace(levels=(), last={}) if index in resets else state
            for cost, reached, taken in _moves(known, marker, index, markers):
                key = tuple(level.reading for level in reached)
                if key not in after or state.cost + cost < after[key].cost:
                    last = _counted(known.last, reached) if taken else known.last
                    after[key] = _State(state.cost + cost, reached, state, taken, last)
        cheapest = sorted(after.values(), key=lambda state: state.cost)[:_BEAM]
        beam = [state for state in cheapest if state.cost <= cheapest[0].cost + _MARGIN]
    return _trace(beam[0], len(markers))


def _counted(last: dict[str, int], levels: Levels) -> dict[str, int]:
    """``last`` with the newest number, where numbers of its style may count on across articles and parts."""
    reading = levels[-1].reading
    if reading.style == "schedule":
        return {}
    return (
        {**last, reading.style: reading.value} if is_numeric(reading.style) and not reading.parent else last
    )


def _trace(state: _State, count: int) -> list[Levels | None]:
    taken: list[Levels | None] = []
    last: _State | None = state
    while last is not None and len(taken) < count:
        taken.append(last.levels if last.taken else None)
        last = last.before
    return taken[::-1]


def _moves(
    state: _State, marker: Marker, index: int, markers: Sequence[Marker]
) -> Iterator[tuple[float, Levels, bool]]:
    levels = state.levels
    if marker.style in _UNNUMBERED:
        yield 0.0, _unnumbered(levels, Level(marker.readings[0], index, marker.look)), True
        return
    titled = marker.look != "none"
    keyword = marker.style.startswith(_KEYWORDS)
    evidence = (
        _EVIDENCE[marker.gap] + (titled and marker.gap >= Gap.SENTENCE) + keyword - (marker.style == "1")
    )
    yield max(evidence, 0.0), levels, False
    strain = _STRAIN[marker.gap] * (0.5 if titled else 1.6 if is_numeric(marker.style) else 1.0)
    for reading in marker.readings:
        for cost, kept, group in _continued(levels, marker, reading, index, markers):
            yield strain + cost, (*kept, Level(reading, index, marker.look, group)), True
        for cost, kept in _opened(levels, reading, titled, state.last.get(reading.style, 0)):
            yield strain + cost, (*kept, Level(reading, index, marker.look)), True


def _unnumbered(levels: Levels, level: Level) -> Levels:
    """Schedules close everything, signatures all but the schedule; other headings replace their like."""
    style = level.reading.style
    if style == "schedule":
        return (level,)
    if style == "signatures":
        return (*(open_ for open_ in levels[:1] if open_.reading.style == "schedule"), level)
    styles = [open_.reading.style for open_ in levels]
    floor = (
        len(styles)
        if style == "capitals"
        else max((i for i, s in enumerate(styles) if s in _PARTS), default=-1)
    )
    if style in styles and (style == "capitals" or styles.index(style) > floor):
        return (*levels[: styles.index(style)], level)
    return (*levels[:_DEEPEST], level)


def _continued(
    levels: Levels, marker: Marker, reading: Reading, index: int, markers: Sequence[Marker]
) -> Iterator[tuple[float, Levels, int]]:
    """The ways in which a number follows the last number of an open level: (cost, levels kept, group)."""
    for depth in range(len(levels) - 1, -1, -1):
        level = levels[depth]
        other = level.reading.style != reading.style
        if other and not (level.reading.style in _PLAIN_NUMBERS and reading.style in _PLAIN_NUMBERS):
            continue
        step, kept = reading.value - level.reading.value, depth
        if reading.parent != level.reading.parent:
            # 4.7 then 5.1 in contracts whose clause 5 has no heading of its own.
            if (
                not reading.parent
                or reading.parent[:-1] != level.reading.parent[:-1]
                or not 0 <= reading.value <= 1
            ):
                continue
            step = reading.parent[-1] - level.reading.parent[-1]
            kept = next((i for i, above in enumerate(levels) if above.number == level.reading.parent), depth)
        if other and step != 1:
            continue
        if not 0 < step <= _LARGEST_SKIP and not (
            is_numeric(reading.style) and marker.look != "none" and -4 < step <= 0
        ):
            continue
        cost = _skip_price(step) + 0.6 * other
        cost += _unlike(level.look, marker.look) + 0.03 * (len(levels) - depth)
        yield cost + 0.4 * (kept < depth), levels[:kept], _group(levels, depth, index, markers)


def _skip_price(step: int) -> float:
    """What it costs to believe numbers that jump, or that a draftsman gave twice."""
    return 0.0 if step == 1 else 0.8 + 0.5 * step if step > 1 else 1.5 - 0.2 * step


def _group(levels: Levels, depth: int, index: int, markers: Sequence[Marker]) -> int:
    """The plain heading directly above a number that counts on: it names this number and those after it."""
    above = levels[-1]
    directly = above.marker == index - 1 and markers[index - 1].line >= markers[index].line - 2
    if directly and above.reading.style in ("capitals", "words") and len(levels) - 1 > depth:
        return above.marker
    return levels[depth].group


def _opened(levels: Levels, reading: Reading, titled: bool, last: int) -> Iterator[tuple[float, Levels]]:
    """The ways in which a number begins a new level: (cost, levels kept)."""
    first = reading.value in (0, 1)
    if reading.parent:
        parents = [depth for depth, level in enumerate(levels) if level.number == reading.parent]
        if parents:
            yield (0.0 if first else 0.8), levels[: parents[-1] + 1]
        else:
            yield (1.0 if first else 2.0), _above(levels, _PARTS)
        return
    # 2. after 1.27, in a contract whose clause 1 has no line of its own.
    clause = (reading.value - 1,)
    before = [depth for depth, level in enumerate(levels) if clause in (level.reading.parent, level.number)]
    if is_numeric(reading.style) and any(level.reading.parent == clause for level in levels):
        yield 0.3, levels[: before[0]]
    lateness = _lateness(reading, titled, last)
    if reading.style.startswith(_KEYWORDS):
        keepers: tuple[str, ...] = (
            _PARTS if reading.style.startswith(("part", "chapter")) else (*_PARTS, "part", "chapter")
        )
        keepers += () if reading.style.startswith(("part", "chapter", "article")) else ("article",)
        yield 0.4 + lateness, _above(levels, keepers)
        return
    for depth in range(len(levels), -1, -1):
        if depth >= _DEEPEST or (depth < len(levels) and levels[depth].reading.style in _PARTS):
            break
        restarted = depth < len(levels) and levels[depth].reading.style == reading.style
        nested = any(level.reading.style == reading.style for level in levels[:depth])
        popped = len(levels) - depth
        adrift = popped > 0 and depth == 0 and not is_numeric(reading.style)
        # A titled number is hardly ever a part of an untitled letter.
        lettered = depth > 0 and titled and is_numeric(reading.style) and levels[depth - 1].look == "none"
        cost = (
            0.5
            + 0.7 * lettered
            + 0.2 * popped
            + 0.6 * adrift
            + 0.8 * nested
            + (0.3 if popped == 1 else 1.0) * restarted
        )
        # A number that does not begin at 1 is a clause of its own, not an item of a numbered clause.
        if first or not is_numeric(reading.style) or all(_is_part(level) for level in levels[:depth]):
            yield cost + lateness, levels[:depth]


def _lateness(reading: Reading, titled: bool, last: int) -> float:
    """What it costs that a new level does not begin at 1."""
    if reading.value in (0, 1) or reading.value == last + 1:
        return 0.0
    if is_numeric(reading.style):
        return 2.5 if titled else 4.0
    # (a) often stands in the line of the clause itself.
    return 1.2 if reading.value == 2 else 4.0


def _is_part(level: Level) -> bool:
    return level.reading.style in _UNNUMBERED or level.reading.style.startswith(_KEYWORDS)


def _above(levels: Levels, keepers: tuple[str, ...]) -> Levels:
    kept = [depth for depth, level in enumerate(levels) if level.reading.style.startswith(keepers)]
    return levels[: kept[-1] + 1] if kept else ()


def _unlike(look: str, other: str) -> float:
    if look == other:
        return 0.0
    return 0.5 if "none" in (look, other) else 0.2
