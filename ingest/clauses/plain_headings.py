"""Headings without a number: schedules, definitions, signatures, lines in capitals, Capitalised Words."""

import re
from collections.abc import Sequence

from ingest.clauses.lines import Gap, Line
from ingest.clauses.numerals import SPELLED_PATTERN, read_number
from ingest.clauses.records import Marker, Reading
from ingest.clauses.titles import fold, look_of, read_title, standing_title

_SCHEDULE = re.compile(
    r"(?:SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEXURE|Annexure|ANNEX|Annex|APPENDIX|Appendix|ATTACHMENT|Attachment"
    r"|ADDENDUM|Addendum)(?:\s{1,4}(?:N[oO]\.?\s?|#\s?)?[\"“‘'(]?(?:[A-Z]{1,2}|\d{1,3}|[IVX]{1,5}"
    rf"|{SPELLED_PATTERN})(?:[-–.][A-Z\d]{{1,3}}){{0,2}}(?![A-Za-z\d])[\"”’')]?)?"
)
_SCHEDULE_REST = re.compile(r"\s*(?:$|[-–—:.,(\[]|to\b|TO\b|of\b|[A-Z\"“])")
DEFINITION = re.compile(
    r"[\"“‘'`]{1,2}([^\"“”\n]{1,90}?)[\"”’']{1,2}[^.;]{0,120}?"
    r"\b(?:means?|meanings?|refers? to|includes?|is defined)\b"
)
_NO_HEADING = re.compile(
    r"\b(?:INC|LLC|LTD|CORP|CORPORATION|COMPANY|L\.?L\.?C|L\.?P|PLC|GMBH|S\.A|N\.A|LLP|BY|NAME|TITLE|DATE|ITS"
    r"|ATTN|TEL|FAX|PRESIDENT|DIRECTOR|OFFICER|CHAIRMAN|SECRETARY|WITNESS|AND|BETWEEN)\b\.?\s{0,3}(?:[:,]|$)"
    r"|/s/|\d[^\s\d]|[^\s\d]\d|\d{3}|\d\s+\S|[@#%=|]",
    re.IGNORECASE,
)
_SIGNATURE_LINE = re.compile(
    r"(?:by|name|title|its|fax|facsimile|tel|telephone|phone|attn|attention|signature|signed|date|address|e-?mail"
    r"|company)\b\.?\s{0,3}[:_]|/s/|_{3}|by\s{1,3}(?:/s/|_)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[•●○◦·▪■*\-–—o]\s|WHEREAS\b")
_LONGEST_SCHEDULE_LINE = 120
_SHORTEST_HEADING = 4
_SIGNATURES = re.compile(r"(?i:in witness (?:whereof|hereof))|IN WITNESS")


def plain_headings(text: str, lines: Sequence[Line], index: int) -> list[Marker]:
    """A schedule, a definition, the signatures or an unnumbered heading that begins at line ``index``."""
    line = lines[index]
    if schedule := _schedule(text, lines, index):
        return [schedule]
    if line.gap < Gap.SENTENCE:
        return []
    if defined := DEFINITION.match(text, line.start, line.start + 300):
        return [_marker(line, index, fold(defined[1]), "definition", "definition")]
    if _SIGNATURES.match(line.text):
        return [_marker(line, index, "Signatures", "none", "signatures")]
    return _heading(text, lines, index)


def _marker(
    line: Line, index: int, title: str, look: str, style: str, body: int = -1, label: str = ""
) -> Marker:
    body = line.start if body < 0 else body
    return Marker(line.start, body, index, label, title, look, line.gap, (Reading(style, 0),))


def _schedule(text: str, lines: Sequence[Line], index: int) -> Marker | None:
    line = lines[index]
    begins = line.gap >= Gap.SENTENCE or line.opens_page
    match = _SCHEDULE.match(line.text) if begins and len(line.text) <= _LONGEST_SCHEDULE_LINE else None
    if match is None or not _SCHEDULE_REST.match(line.text, match.end()):
        return None
    label = fold(match.group())
    stands = line.last or line.text.isupper() or match.end() == len(line.text)
    if not stands or look_of(line.text) not in ("caps", "title") or not (" " in label or line.text.isupper()):
        return None
    rest = fold(line.text[match.end() :].lstrip(" ,."))
    if rest and not rest.lower().startswith("to "):
        return _marker(line, index, rest, "caps", "schedule", line.end, label)
    title = read_title(text, lines, index, line.end)
    name = "" if title.text.casefold() == label.casefold() else title.text
    return _marker(line, index, name, "caps", "schedule", title.body, label)


def _heading(text: str, lines: Sequence[Line], index: int) -> list[Marker]:
    """An unnumbered heading: a short line in capitals, or Capitalised Words, above a paragraph."""
    line = lines[index]
    title = None if _NO_HEADING.search(line.text) else standing_title(text, lines, index, line.start)
    if title is None or title.look not in ("caps", "title") or len(title.text) < _SHORTEST_HEADING:
        return []
    below = next((below for below in lines[index + 1 : index + 4] if below.start >= title.body), None)
    if look_of(line.text) != title.look or below is None or not _begins_text(below):
        return []
    above = lines[index - 1] if index else None
    if title.look == "caps" and _in_capitals_paragraph(above, below):
        return []
    if title.look == "title" and _weak_words(line, above, title.text):
        return []
    style = "capitals" if title.look == "caps" else "words"
    return [_marker(line, index, title.text, title.look, style, title.body)]


def _begins_text(line: Line) -> bool:
    """True for a line that can follow a heading: full, numbered or a bullet, but no signature or address."""
    if line.text[0].islower() or _SIGNATURE_LINE.match(line.text):
        return False
    return len(line.text) >= 0.6 * line.width or bool(_BULLET.match(line.text) or read_number(line.text[:60]))


def _in_capitals_paragraph(above: Line | None, below: Line) -> bool:
    """True between lines of a paragraph that is all in capitals, such as a disclaimer."""
    return any(
        line is not None and len(line.text) >= 0.55 * line.width and _upper_share(line.text) > 0.7
        for line in (above, below)
    )


def _upper_share(words: str) -> float:
    letters = [character for character in words if character.isalpha()]
    return sum(character.isupper() for character in letters) / max(1, len(letters))


def _weak_words(line: Line, above: Line | None, title: str) -> bool:
    """True when Capitalised Words are too likely part of a sentence or of a list of names."""
    ended = above is None or above.text.endswith((".", ";", ":", "”", '"', ")"))
    return line.gap is not Gap.PARAGRAPH or "," in title or not ended
