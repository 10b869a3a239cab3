"""Where the front of a contract ends: title page, parties and recitals, then the first clause."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from core.records import ChunkKind
from ingest.clauses.levels import is_numeric
from ingest.clauses.lines import Gap, Line
from ingest.clauses.records import Clause, Marker
from ingest.clauses.titles import look_of

_SEARCHED = 20_000
_OPERATIVE = re.compile(
    r"\b(?:agree[sd]?|covenants?|confirms?|witnesseth|undertakes?|resolves?)\b[^.]{0,250}?\bas\s+follows"
    r"|\bnow,?\s+therefore\b|\bit\s+is\s+(?:hereby\s+|mutually\s+)*agreed\b|\bagreed\s+terms\b"
    r"|\bhereby\s+agree[sd]?\s*[:.]",
    re.IGNORECASE,
)
_RECITALS = re.compile(
    r"recital|background|witnesseth|w i t n e s s|preamble|parties|preliminary|introduct", re.IGNORECASE
)
_DEFINITIONS = re.compile(r"\bdefinitions?\b|\bdefined terms\b|\bglossary\b|\bcertain terms\b", re.IGNORECASE)
# Headings that announce the agreement itself and no part of it.
_WHOLE = re.compile(r".*AGREEMENTS?|.*TERMS(?: AND CONDITIONS)?|.*CONTRACT|OPERATIVE PROVISIONS")


def is_recitals(marker: Marker) -> bool:
    """True for a heading such as RECITALS or Background."""
    return marker.style in ("capitals", "words") and bool(_RECITALS.search(marker.title))


def is_definitions(title: str) -> bool:
    """True for the title of a clause that defines terms."""
    return bool(_DEFINITIONS.search(title))


def find_front_end(text: str, markers: Sequence[Marker], contents: Sequence[tuple[int, int]]) -> int:
    """The offset of the first clause: after the words of agreement, or the first titled number before them.

    ``contents`` are the spans of tables of contents, behind which the front is looked for.
    """
    begin = max((end for start, end in contents if start < _SEARCHED), default=0)
    after = [marker for marker in markers if marker.start >= begin]
    operative = _OPERATIVE.search(text, begin, min(len(text), begin + _SEARCHED))
    agreed = operative.end() if operative else len(text)
    for index, marker in enumerate(after):
        if marker.style == "capitals" and _WHOLE.fullmatch(marker.title):
            continue
        if marker.start >= agreed or _begins_numbering(marker, operative is None):
            above = after[index - 1] if index else marker
            return above.start if _heads(above, marker) and above.start >= agreed else marker.start
        if marker.style == "definition" or is_definitions(marker.title):
            return marker.start
    if operative:
        line_end = text.find("\n", agreed)
        return len(text) if line_end < 0 else line_end
    plain = [marker for marker in after if marker.style in ("capitals", "words") and not is_recitals(marker)]
    return plain[1].start if len(plain) > 1 else 0


def _begins_numbering(marker: Marker, any_number: bool) -> bool:
    """True for the first number of a contract, which is titled unless the front has no words of agreement."""
    if not is_numeric(marker.style):
        return False
    return any_number or (marker.readings[0].value == 1 and marker.look != "none")


def _heads(above: Marker, marker: Marker) -> bool:
    """True for the heading of a part right above its first clause."""
    return above.style == "capitals" and marker.line - above.line <= 2 and not _WHOLE.fullmatch(above.title)


def without_last_title(lines: tuple[Line, ...], clauses: list[Clause]) -> list[Clause]:
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
