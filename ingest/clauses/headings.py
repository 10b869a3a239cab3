"""What looks like a heading: clause numbers at the beginning of a line, and headings without a number.

Nothing is decided here. A marker lists every way in which its number can be read ("(i)" is a letter or a
roman one) and how its line stands to the line before; ``ingest.clauses.numbering`` finds the readings that fit.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.clauses.lines import Gap, Line
from ingest.clauses.numerals import read_number
from ingest.clauses.plain_headings import DEFINITION, plain_headings
from ingest.clauses.records import Marker
from ingest.clauses.titles import fold, look_of, read_title

_REFERENCE = re.compile(
    r"(?:of|and|or|to|through|above|below|hereof|herein|thereof|hereto|hereunder|inclusive)\b|[,;)]"
)
_VERB = re.compile(r"(?:shall|will|is|are|may|has|have)\b")
_MONTH = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def find_markers(text: str, lines: Sequence[Line]) -> list[Marker]:
    """Every place in ``text`` that could begin a clause, a schedule, a definition or a part, in order."""
    markers: list[Marker] = []
    fresh = list(lines)
    for index, line in enumerate(lines):
        above = markers[-1].body if markers else -1
        if line.start < above:
            # The title of the marker above reaches down to this line.
            continue
        if index and above >= lines[index - 1].end and markers[-1].look != "none":
            fresh[index] = replace(line, gap=Gap.PARAGRAPH)
        found = _numbered_run(text, fresh, index) or plain_headings(text, fresh, index)
        if found and markers and _names_next(markers[-1], found[0]):
            side = markers.pop()
            found[0] = replace(found[0], start=side.start, title=side.title, look="side", gap=side.gap)
        markers.extend(found)
    return markers


def _names_next(marker: Marker, following: Marker) -> bool:
    """True for a side heading: Capitalised Words right above a 4.2 that has no title of its own."""
    bare = following.look == "none" and following.style.startswith("1.1")
    return marker.style == "words" and bare and following.line == marker.line + 1


def _numbered_run(text: str, lines: Sequence[Line], index: int) -> list[Marker]:
    """The clause numbers at the beginning of a line: one, or several as in ``3. Fees. (a) (i) The ...``."""
    line = lines[index]
    found: list[Marker] = []
    position = line.start
    while position < line.end and len(found) < 3:
        number = read_number(text[position : min(line.end, position + 60)])
        if number is None or (found and all(reading.value != 1 for reading in number[2])):
            break
        after = position + number[1]
        rest = text[after : line.end].lstrip()
        if not found and not _plausible(number[2][0].style, line.gap, text[after : after + 1], rest):
            break
        title = read_title(text, lines, index, line.end - len(rest))
        defined = DEFINITION.match(rest[:250])
        name, body, look = (
            (fold(defined[1]), line.end - len(rest), "definition")
            if defined
            else (title.text, title.body, title.look)
        )
        gap = Gap.PARAGRAPH if found else line.gap
        found.append(Marker(position, body, index, number[0], name, look, gap, number[2]))
        position = body + len(text[body : body + 20]) - len(text[body : body + 20].lstrip())
    return found


def _plausible(style: str, gap: Gap, joined: str, rest: str) -> bool:
    """False for a cross-reference, a date or an amount that a line break brought to the beginning of a line."""
    lower = rest[:1].islower()
    if style[0] == "(" or style[0] in ".)":
        return gap >= Gap.PARAGRAPH or not _REFERENCE.match(rest)
    if style[0].isalpha() or style[0] == "§":
        return (
            gap >= Gap.SENTENCE
            and not lower
            and joined not in ("(", ",", ";")
            and not rest.startswith(("(", ","))
        )
    if style == "1":
        return gap >= Gap.SENTENCE and not _MONTH.match(rest) and look_of(rest) in ("caps", "title")
    return not lower or (gap >= Gap.PAUSE and not _REFERENCE.match(rest) and not _VERB.match(rest))
