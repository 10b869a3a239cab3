"""Markers that are not meant: definitions in running text, running headers, schedules that are only listed."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ingest.clauses.lines import Line
from ingest.clauses.records import Marker

# Distances in lines: between definitions of one list, and between schedules that are only listed.
_NEAR_DEFINITION = 8
_LISTED = 3
_RUNNING_HEADER = 3


def without_lists(markers: Sequence[Marker], lines: Sequence[Line]) -> list[Marker]:
    """``markers`` without those that only look like a heading."""
    dropped = (
        _listed_schedules(markers) | _single_definitions(markers, len(lines)) | _running_headers(markers)
    )
    return [marker for marker in markers if marker.start not in dropped]


def _running_headers(markers: Sequence[Marker]) -> set[int]:
    headings = [marker for marker in markers if marker.style in ("capitals", "words")]
    times = Counter(marker.title for marker in headings)
    return {marker.start for marker in headings if times[marker.title] >= _RUNNING_HEADER}


def _single_definitions(markers: Sequence[Marker], line_count: int) -> set[int]:
    definitions = [marker for marker in markers if marker.style == "definition"]
    at = [-line_count, *(marker.line for marker in definitions), 2 * line_count]
    return {
        marker.start
        for before, marker, after in zip(at, definitions, at[2:], strict=False)
        if min(marker.line - before, after - marker.line) > _NEAR_DEFINITION
    }


def _listed_schedules(markers: Sequence[Marker]) -> set[int]:
    """Schedules named in a list and set out later, and the repeated headers of a schedule's further pages."""
    schedules = [marker for marker in markers if marker.style == "schedule"]
    last_line = {_bare(marker): marker.line for marker in schedules}
    following = {before.start: after for before, after in pairwise(schedules)}
    dropped: set[int] = set()
    open_label, listed_line = "", -_LISTED - 1
    for marker in schedules:
        label, after = _bare(marker), following.get(marker.start)
        close = after is not None and after.line - marker.line <= _LISTED and _bare(after) != label
        if label == open_label:
            dropped.add(marker.start)
        elif (close or marker.line - listed_line <= _LISTED) and last_line[label] > marker.line:
            listed_line = marker.line
            dropped.add(marker.start)
        else:
            open_label = label
    return dropped


def _bare(marker: Marker) -> str:
    return "".join(character for character in marker.label.casefold() if character.isalnum())
