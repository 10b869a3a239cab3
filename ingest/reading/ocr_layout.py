"""Where recognised words stand: bands of ink on a picture, boxes into lines, lines into words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height, width, 3 colours."""

_DARK: Final = 200
_FEWEST_DARK: Final = 2
_SAME_ROW: Final = 0.5
_ROWS_IN_REACH: Final = 6
_WIDEST_SPACE: Final = 3.0
_WIDEST_AFTER_NUMBER: Final = 10.0
_CLAUSE_NUMBER: Final = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]{1,2}|[ivxlcIVXLC]{1,6})[.)]{0,2}|[•*–-]"
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """Words that stand together on a picture: text, confidence (0-1), and a box in pixels from the top left.

    ``pieces`` are parts of the text in order, each with its left and right edge; they say where words stand.
    """

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float
    pieces: tuple[tuple[str, float, float], ...] = ()


def ink_bands(picture: Picture, blank: int, margin: int) -> list[tuple[int, int, int, int]]:
    """The parts of a picture that hold something, from top to bottom: left, top, right, bottom in pixels.

    Parts are apart when ``blank`` empty rows lie between them; each is widened by ``margin`` on every side.
    """
    dark = picture.min(axis=2) < _DARK
    rows = np.flatnonzero(dark.sum(axis=1) >= _FEWEST_DARK)
    if not rows.size:
        return []
    height, width = dark.shape
    cuts = np.flatnonzero(np.diff(rows) > blank)
    bands = []
    for first, last in zip([0, *(cuts + 1)], [*cuts, rows.size - 1], strict=True):
        top, bottom = int(rows[first]), int(rows[last]) + 1
        columns = np.flatnonzero(dark[top:bottom].any(axis=0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        bands.append(
            (
                max(0, left - margin),
                max(0, top - margin),
                min(width, right + margin),
                min(height, bottom + margin),
            )
        )
    return bands


def in_rows(found: Sequence[Recognised]) -> list[list[Recognised]]:
    """Boxes from top to bottom, and those side by side from left to right.

    Boxes of one row make one line when a space lies between them, or more after a clause number; the columns
    of a table or of a page stay apart.
    """
    rows: list[list[Recognised]] = []
    for box in sorted(found, key=lambda box: box.top + box.bottom):
        row = next((row for row in reversed(rows[-_ROWS_IN_REACH:]) if _beside(row[0], box)), None)
        if row is None:
            rows.append([box])
        else:
            row.append(box)
    return [line for row in rows for line in _split_at_gaps(sorted(row, key=lambda box: box.left))]


def _beside(first: Recognised, second: Recognised) -> bool:
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    return overlap >= _SAME_ROW * min(first.bottom - first.top, second.bottom - second.top)


def _split_at_gaps(row: Sequence[Recognised]) -> list[list[Recognised]]:
    lines = [[row[0]]]
    for left, right in pairwise(row):
        after_number = _CLAUSE_NUMBER.fullmatch(left.text.strip())
        widest = _WIDEST_AFTER_NUMBER if after_number else _WIDEST_SPACE
        if right.left - left.right <= widest * (left.bottom - left.top):
            lines[-1].append(right)
        else:
            lines.append([right])
    return lines


def word_places(box: Recognised) -> Iterator[tuple[int, str, float, float]]:
    """Each word of a box: offset in its stripped text, the word, left and right edge in pixels."""
    text = box.text.strip()
    edges = _letter_edges(box, text)
    start = 0
    for word in text.split():
        start = text.index(word, start)
        yield start, word, edges[start][0], edges[start + len(word) - 1][1]
        start += len(word)


def _letter_edges(box: Recognised, text: str) -> list[tuple[float, float]]:
    """Left and right edge of every character; a piece's width is shared out among its characters."""
    letters = [letter for piece, left, right in box.pieces for letter in _shared_out(piece, left, right)]
    if [letter for letter, _, _ in letters] != [letter for letter in text if not letter.isspace()]:
        return [(left, right) for _, left, right in _shared_out(text, box.left, box.right)]
    edges: list[tuple[float, float]] = []
    following = iter(letters)
    for letter in text:
        if letter.isspace():
            edges.append((edges[-1][1], edges[-1][1]))
        else:
            _, left, right = next(following)
            edges.append((left, right))
    return edges


def _shared_out(piece: str, left: float, right: float) -> Iterator[tuple[str, float, float]]:
    width = (right - left) / max(1, len(piece))
    steps = [left + width * count for count in range(len(piece) + 1)]
    for letter, (start, end) in zip(piece, pairwise(steps), strict=True):
        yield letter, start, end
