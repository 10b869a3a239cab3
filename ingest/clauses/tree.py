"""From the text of a contract to its clauses: one after another, each with its heading path and kind."""

from collections.abc import Sequence
from dataclasses import replace

from core.records import ChunkKind
from ingest.clauses.contents import find_contents
from ingest.clauses.front import find_front_end, is_definitions, is_recitals, without_last_title
from ingest.clauses.headings import find_markers
from ingest.clauses.levels import Levels, is_numeric
from ingest.clauses.lines import read_lines
from ingest.clauses.listed import without_lists
from ingest.clauses.numbering import number_clauses
from ingest.clauses.records import CONTENTS_KEY, FRONT_KEY, Clause, Marker
from ingest.clauses.settle import settled, with_breaks, without_flush_text


def read_clauses(text: str, page_starts: Sequence[int] = ()) -> tuple[Clause, ...]:
    """The clauses of ``text`` (see ``plain_signs``) in order; together they cover it without a gap."""
    lines = read_lines(text, page_starts)
    if not lines:
        whole = Clause(0, 0, len(text), (), (FRONT_KEY,), ChunkKind.CLAUSE)
        return (whole,) if text.strip() else ()
    contents = find_contents(lines)
    listed = {index for first, end in contents for index in range(first, end)}
    markers = without_lists([mark for mark in find_markers(text, lines) if mark.line not in listed], lines)
    front_end = find_front_end(
        text, markers, [(lines[first].start, lines[end - 1].end) for first, end in contents]
    )
    markers = [marker for marker in markers if marker.start >= front_end or is_recitals(marker)]
    first = next((index for index, marker in enumerate(markers) if marker.start >= front_end), len(markers))
    numbered = number_clauses(markers, frozenset({first}))
    clauses = without_last_title(lines, _clauses(text, markers, numbered, front_end))
    for start, end in contents:
        span = lines[start].start, lines[end].start if end < len(lines) else len(text)
        clauses = _insert_contents(clauses, span, lines[start].text)
    return tuple(without_flush_text(text, with_breaks(settled(text, clauses), lines)))


def _clauses(
    text: str, markers: Sequence[Marker], numbered: Sequence[Levels | None], front_end: int
) -> list[Clause]:
    kind = ChunkKind.FRONT if front_end > 0 else ChunkKind.CLAUSE
    clauses = [Clause(0, 0, len(text), (), (FRONT_KEY,), kind)]
    for marker, levels in zip(markers, numbered, strict=True):
        if levels is None:
            continue
        keys = _keys(levels, markers)
        path = tuple(markers[key].name for key in keys)
        kind = ChunkKind.FRONT if marker.start < front_end else _kind(levels, path, markers)
        clauses[-1] = replace(clauses[-1], end=marker.start)
        clauses.append(Clause(marker.start, marker.body, len(text), path, keys, kind))
    return [clause for clause in clauses if clause.start < clause.end]


def _keys(levels: Levels, markers: Sequence[Marker]) -> tuple[int, ...]:
    """The markers that make up the heading path.

    A plain heading among lettered items ends them, one in capitals ends all but the schedule it stands in,
    although the numbering may go on after it.
    """
    keys: list[int] = []
    for level in levels:
        style = level.reading.style
        if style == "capitals":
            keys = [key for key in keys if markers[key].style == "schedule"]
        elif style in ("words", "definition"):
            while keys and _is_item(markers[keys[-1]]):
                keys.pop()
            if keys and style == "words" and markers[keys[-1]].style == "words":
                keys.pop()
        keys = [key for key in keys if markers[key].style != "signatures"]
        keys.extend(key for key in (level.group, level.marker) if key >= 0 and key not in keys)
    return tuple(keys)


def _is_item(marker: Marker) -> bool:
    """True for an item of a list, which a plain heading ends: (a), or 1. without a title."""
    if is_numeric(marker.style):
        return marker.look == "none" and not marker.readings[0].parent and marker.style[0] == "1"
    return marker.style not in ("schedule", "capitals", "words", "signatures")


def _kind(levels: Levels, path: tuple[str, ...], markers: Sequence[Marker]) -> ChunkKind:
    if levels[0].reading.style == "schedule":
        return ChunkKind.SCHEDULE
    defined = any(markers[level.marker].look == "definition" for level in levels)
    if defined or any(is_definitions(name) for name in path):
        return ChunkKind.DEFINITIONS
    return ChunkKind.CLAUSE


def _insert_contents(clauses: list[Clause], span: tuple[int, int], title: str) -> list[Clause]:
    """Cuts the table of contents out of the clause, always a bare stretch of text, that it lies in."""
    start, end = span
    result: list[Clause] = []
    for clause in clauses:
        if clause.start <= start and end <= clause.end:
            name = title if len(title) < 40 else "Contents"
            listed = Clause(start, start, end, (name,), (CONTENTS_KEY,), ChunkKind.FRONT)
            rest = replace(clause, start=end, body=end)
            result.extend([replace(clause, end=start), listed, rest])
        else:
            result.append(clause)
    return [clause for clause in result if clause.start < clause.end]
