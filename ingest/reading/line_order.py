"""Lines that stand side by side on the page but apart in the file: clause numbers and their text."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.records import TextRun

_SAME_BASELINE: Final = 2.0
_CLAUSE_NUMBER: Final = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3}){0,4}|[A-Za-z]|[ivxlcIVXLC]{1,7})[.)]{1,2}|(?:\d{1,3}\.){1,3}\d{1,3}"
)


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line and where it begins on the page as a reader sees it: points from the left, and downwards."""

    text: str
    runs: tuple[TextRun, ...]
    across: float
    down: float


def join_clause_numbers(lines: Sequence[PlacedLine]) -> list[PlacedLine]:
    """Put every clause number that is a line of its own before the text to its right on the page.

    Some files hold all numbers of a page after its text, as a column of their own.
    """
    numbers = [index for index, line in enumerate(lines) if _CLAUSE_NUMBER.fullmatch(line.text)]
    if not numbers:
        return list(lines)
    on_baseline: defaultdict[int, list[int]] = defaultdict(list)
    for index in sorted(set(range(len(lines))) - set(numbers)):
        on_baseline[round(lines[index].down / _SAME_BASELINE)].append(index)
    number_of: dict[int, int] = {}
    for number in numbers:
        text = _text_beside(lines, number, on_baseline)
        if text is not None:
            number_of.setdefault(text, number)
    moved = set(number_of.values())
    return [
        _joined(lines[number_of[index]], line) if index in number_of else line
        for index, line in enumerate(lines)
        if index not in moved
    ]


def _text_beside(lines: Sequence[PlacedLine], number: int, on_baseline: dict[int, list[int]]) -> int | None:
    """The nearest line to the right on the same baseline."""
    place = lines[number]
    row = round(place.down / _SAME_BASELINE)
    beside = [
        index
        for near in (row - 1, row, row + 1)
        for index in on_baseline.get(near, ())
        if lines[index].across > place.across and abs(lines[index].down - place.down) < _SAME_BASELINE
    ]
    return min(beside, key=lambda index: lines[index].across, default=None)


def _joined(number: PlacedLine, text: PlacedLine) -> PlacedLine:
    shift = len(number.text) + 1
    runs = tuple(replace(run, start=run.start + shift) for run in text.runs)
    return PlacedLine(f"{number.text} {text.text}", number.runs + runs, number.across, number.down)
