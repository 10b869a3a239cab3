"""Finding the numbering of a contract among all that looks like a number at the beginning of a line.

A number is believed because of its neighbours: 4.1 before 4.2, (a) before (b). Every marker is either taken
into the numbering, as the next number of an open level or the first of a new one, or left as plain text, and
each of these has a price. A beam search keeps the cheapest readings of the whole contract, so what follows
decides whether "(i)" is the letter after (h) or the first roman numeral, and "4.2" at a line break a clause or a
reference.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.clauses.levels import (
    KEYWORDS,
    UNNUMBERED,
    Level,
    Levels,
    continued,
    group_of,
    is_numeric,
    opened,
    with_heading,
)
from ingest.clauses.lines import Gap
from ingest.clauses.records import Marker, Reading

_BEAM = 8
# Far more markers than any contract has: read them with less care rather than for minutes.
_MANY_MARKERS, _NARROW_BEAM = 50_000, 2
_MARGIN = 4.0
# What it costs to take a number that stands so, and to leave it as plain text.
_STRAIN = {Gap.PARAGRAPH: 0.0, Gap.SENTENCE: 0.3, Gap.PAUSE: 0.9, Gap.INSIDE: 2.5}
_EVIDENCE = {Gap.PARAGRAPH: 2.0, Gap.SENTENCE: 1.4, Gap.PAUSE: 0.5, Gap.INSIDE: 0.1}


class _State(NamedTuple):
    """One reading of the contract so far; ``last`` are the last numbers of the styles that count throughout."""

    cost: float
    levels: Levels
    before: "_State | None"
    taken: bool
    last: dict[str, int]


def number_clauses(markers: Sequence[Marker], resets: frozenset[int] = frozenset()) -> list[Levels | None]:
    """For each marker the levels open at it, outermost first and itself last, or None when it is plain text.

    ``resets`` are indices of markers before which all levels are closed.
    """
    width = _BEAM if len(markers) <= _MANY_MARKERS else _NARROW_BEAM
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
        cheapest = sorted(after.values(), key=lambda state: state.cost)[:width]
        beam = [state for state in cheapest if state.cost <= cheapest[0].cost + _MARGIN]
    return _trace(beam[0], len(markers))


def _counted(last: dict[str, int], levels: Levels) -> dict[str, int]:
    reading = levels[-1].reading
    if reading.style == "schedule":
        return {}
    if is_numeric(reading.style) and not reading.parent:
        return {**last, reading.style: reading.value}
    return last


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
    """All that may be made of a marker: (cost, levels afterwards, whether it was taken as a heading)."""
    levels = state.levels
    if marker.style in UNNUMBERED:
        yield 0.0, with_heading(levels, Level(marker.readings[0], index, marker.look)), True
        return
    titled = marker.look != "none"
    yield _evidence(marker, titled), levels, False
    strain = _STRAIN[marker.gap] * (0.5 if titled else 1.6 if is_numeric(marker.style) else 1.0)
    for reading in marker.readings:
        for cost, depth, kept in continued(levels, marker, reading):
            group = group_of(levels, depth, index, markers)
            yield strain + cost, (*levels[:kept], Level(reading, index, marker.look, group)), True
        for cost, below in opened(levels, reading, titled, state.last.get(reading.style, 0)):
            yield strain + cost, (*below, Level(reading, index, marker.look)), True


def _evidence(marker: Marker, titled: bool) -> float:
    evidence = _EVIDENCE[marker.gap] + (titled and marker.gap >= Gap.SENTENCE)
    evidence += marker.style.startswith(KEYWORDS)
    # A bare number without a full stop may be anything, a street number for one.
    return max(0.0, evidence - (marker.style == "1"))
