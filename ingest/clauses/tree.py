"""From the text of a contract to its clauses: one after another, each with its heading path and kind."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.records import ChunkKind
from ingest.clauses.contents import find_contents
from ingest.clauses.headings import Marker, find_markers
from ingest.clauses.lines import Gap, Line, read_lines
from ingest.clauses.numbering import Levels, is_numeric, number_clauses
from ingest.clauses.titles import look_of

FRONT_KEY, CONTENTS_KEY = -1, -2
_FRONT_SEARCHED = 20_000
_OPERATIVE = re.compile(
    r"\b(?:agree[sd]?|covenants?|confirms?|witnesseth|undertakes?|resolves?)\b[^.]{0,250}?\bas\s+follows"
    r"|\bnow,?\s+therefore\b|\bit\s+is\s+(?:hereby\s+|mutually\s+)*agreed\b|\bagreed\s+terms\b|\bhereby\s+agree[sd]?\s*[:.]",
    re.IGNORECASE,
)
_RECITALS = re.compile(
    r"recital|background|witnesseth|w i t n e s s|preamble|parties|preliminary|introduct", re.IGNORECASE
)
_DEFINITIONS = re.compile(r"\bdefinitions?\b|\bdefined terms\b|\bglossary\b|\bcertain terms\b", re.IGNORECASE)
_ITEM_END = re.compile(r"[;,](?:\s*(?:and|or|and/or))?\s*$")
_NO_PART = re.compile(r".*AGREEMENTS?|.*TERMS(?: AND CONDITIONS)?|.*CONTRACT|OPERATIVE PROVISIONS")
_NEAR_DEFINITION = 8
_RUNNING_HEADER = 3
_LISTED = 3
_MOST_LEAD_WORDS = 40


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause without its sub-clauses: ``text[start:body]`` is number and title, ``text[body:end]`` its own text.

    ``keys`` name the clauses it lies in, outermost first and itself last: sub-clauses of one parent share all but
    the last. A ``bare`` clause is a heading, perhaps with a lead-in, whose text is all in its sub-clauses.
    ``breaks`` are the offsets at which a new paragraph begins.
    """

    start: int
    body: int
    end: int
    path: tuple[str, ...]
    keys: tuple[int, ...]
    kind: ChunkKind
    bare: bool = False
    breaks: tuple[int, ...] = ()


def read_clauses(text: str, page_starts: Sequence[int] = ()) -> tuple[Clause, ...]:
    """The clauses of ``text`` (see ``plain_signs``) in order; together they cover it without a gap."""
    lines = read_lines(text, page_starts)
    if not lines:
        # A text of nothing but numbers on lines of their own has no line to read, and is kept all the same.
        return (Clause(0, 0, len(text), (), (0,), ChunkKind.CLAUSE),) if text.strip() else ()
    contents = find_contents(lines)
    listed = {index for first, end in contents for index in range(first, end)}
    markers = _without_lists(
        [marker for marker in find_markers(text, lines) if marker.line not in listed], lines
    )
    leading = [lines[end - 1].end for first, end in contents if lines[first].start < _FRONT_SEARCHED]
    front_end = _front_end(text, markers, max(leading, default=0))
    markers = [marker for marker in markers if marker.start >= front_end or _is_recitals(marker)]
    first = next((i for i, marker in enumerate(markers) if marker.start >= front_end), len(markers))
    numbered = number_clauses(markers, frozenset({first}))
    clauses = _without_last_title(lines, _clauses(text, markers, numbered, front_end))
    for start, end in contents:
        span = lines[start].start, lines[end].start if end < len(lines) else len(text)
        clauses = _insert_contents(clauses, span, lines[start].text)
    return tuple(_without_flush_text(text, _with_breaks(_settled(text, clauses), lines)))


def _is_recitals(marker: Marker) -> bool:
    return marker.style in ("capitals", "words") and bool(_RECITALS.search(marker.title))


def _without_lists(markers: list[Marker], lines: tuple[Line, ...]) -> list[Marker]:
    """Drops what only looks like a heading: a definition in running text, a running header, a listed schedule."""
    titles = Counter(marker.title for marker in markers if marker.style in ("capitals", "words"))
    definitions = [marker.line for marker in markers if marker.style == "definition"]
    neighbours = zip([-99, *definitions], definitions, [*definitions[1:], len(lines) + 99], strict=False)
    near = {
        line for before, line, after in neighbours if min(line - before, after - line) <= _NEAR_DEFINITION
    }
    last_line = {_bare_label(marker): marker.line for marker in markers if marker.style == "schedule"}
    kept: list[Marker] = []
    schedules = [marker for marker in markers if marker.style == "schedule"]
    following = {marker.line: after for marker, after in pairwise(schedules)}
    schedule, listed = "", -_LISTED - 1
    for marker in markers:
        if marker.style == "schedule":
            label, before, after = _bare_label(marker), schedule, following.get(marker.line)
            close = after is not None and after.line - marker.line <= _LISTED and _bare_label(after) != label
            if label == before:
                continue
            if (close or marker.line - listed <= _LISTED) and last_line[label] > marker.line:
                listed = marker.line
                continue
            schedule = label
        if (marker.style != "definition" and titles[marker.title] < _RUNNING_HEADER) or marker.line in near:
            kept.append(marker)
    return kept


def _bare_label(marker: Marker) -> str:
    return "".join(character for character in marker.label.casefold() if character.isalnum())


def _front_end(text: str, markers: Sequence[Marker], contents_end: int) -> int:
    """The offset of the first clause: after the words of agreement, or the first titled number before them."""
    after = [marker for marker in markers if marker.start >= contents_end]
    operative = _OPERATIVE.search(text, contents_end, min(len(text), contents_end + _FRONT_SEARCHED))
    agreed = operative.end() if operative else len(text)
    for index, marker in enumerate(after):
        if marker.style == "capitals" and _NO_PART.fullmatch(marker.title):
            continue
        numbered_first = is_numeric(marker.style) and marker.readings[0].value == 1
        titled = marker.look != "none" or not operative
        if marker.start >= agreed or (numbered_first and titled and not _is_recitals(marker)):
            above = after[index - 1] if index else marker
            part = above.style == "capitals" and marker.line - above.line <= 2 and above.start >= agreed
            part = part and not _NO_PART.fullmatch(above.title)
            return above.start if part else marker.start
        if marker.style == "definition" or _DEFINITIONS.search(marker.title):
            return marker.start
    plain = [marker for marker in after if marker.style in ("capitals", "words") and not _is_recitals(marker)]
    if operative is None:
        return plain[1].start if len(plain) > 1 else 0
    return _paragraph_end(text, agreed)


def _paragraph_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _clauses(
    text: str, markers: Sequence[Marker], numbered: Sequence[Levels | None], front_end: int
) -> list[Clause]:
    clauses = [
        Clause(0, 0, len(text), (), (FRONT_KEY,), ChunkKind.FRONT if front_end > 0 else ChunkKind.CLAUSE)
    ]
    for marker, levels in zip(markers, numbered, strict=True):
        if levels is None:
            continue
        keys = _keys(levels, markers)
        path = tuple(markers[key].name for key in keys)
        kind = ChunkKind.FRONT if marker.start < front_end else _kind(levels, path, markers)
        clauses[-1] = replace(clauses[-1], end=marker.start)
        clauses.append(Clause(marker.start, marker.body, len(text), path, keys, kind))
    return [clause for clause in clauses if clause.start < clause.end]


def _without_last_title(lines: tuple[Line, ...], clauses: list[Clause]) -> list[Clause]:
    """Lets a title right above the first clause begin that clause instead of ending the front matter."""
    first = next((i for i, clause in enumerate(clauses) if clause.kind is not ChunkKind.FRONT), len(clauses))
    if not 0 < first < len(clauses):
        return clauses
    front, end = clauses[first - 1], clauses[first].start
    line = lines[bisect_left(lines, end, key=lambda line: line.start) - 1]
    if line.gap < Gap.SENTENCE or line.start < front.body or look_of(line.text) not in ("caps", "title"):
        return clauses
    title = Clause(line.start, end, end, (), (), clauses[first].kind, bare=True)
    kept = [replace(front, end=line.start)] if line.start > front.start else []
    return [*clauses[: first - 1], *kept, title, *clauses[first:]]


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
    if defined or any(_DEFINITIONS.search(name) for name in path):
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


def _settled(text: str, clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses whose heading is all there is, such as a list item, keep it as their text."""
    settled = []
    for index, clause in enumerate(clauses):
        empty = clause.body > clause.start and not text[clause.body : clause.end].strip()
        parent = index + 1 < len(clauses) and clauses[index + 1].keys[: len(clause.keys)] == clause.keys
        if parent and len(text[clause.body : clause.end].split()) < _MOST_LEAD_WORDS:
            settled.append(replace(clause, bare=True))
        else:
            settled.append(replace(clause, body=clause.start) if empty else clause)
    return settled


def _with_breaks(clauses: Sequence[Clause], lines: tuple[Line, ...]) -> list[Clause]:
    breaks = [line.start for line in lines if line.gap is Gap.PARAGRAPH]
    result, at = [], 0
    for clause in clauses:
        upto = bisect_left(breaks, clause.end, at)
        result.append(replace(clause, breaks=tuple(breaks[at:upto])))
        at = upto
    return result


def _without_flush_text(text: str, clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Gives the paragraphs after a list back to the clause that holds the list.

    In a list whose items end with semicolons, the last item ends with its first full stop that ends a paragraph.
    """
    for index, clause in enumerate(clauses):
        before = clauses[index - 1] if index else clause
        after = clauses[index + 1] if index + 1 < len(clauses) else clause
        parent = clause.keys[:-1]
        listed = len(clause.keys) > 1 and before.keys[:-1] == parent and before.path[-1:] != clause.path[-1:]
        last = after is clause or len(after.keys) <= len(parent) or after.keys[: len(parent)] != parent
        end = 0
        if listed and last and _ITEM_END.search(text[before.body : before.end][-12:]):
            end = next(
                (
                    at
                    for at in clause.breaks
                    if at > clause.body and text[max(clause.body, at - 40) : at].rstrip().endswith(".")
                ),
                0,
            )
        if end:
            yield replace(clause, end=end, breaks=tuple(at for at in clause.breaks if at < end))
            rest = tuple(at for at in clause.breaks if at >= end)
            yield Clause(end, end, clause.end, clause.path[:-1], parent, clause.kind, breaks=rest)
        else:
            yield clause
