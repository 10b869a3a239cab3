"""What looks like a heading: clause numbers at the beginning of a line, schedules, definitions, plain headings.

Nothing is decided here. A marker lists every way in which its number can be read ("(i)" is a letter or a roman
one) and how the line stands to the line before; ``ingest.clauses.numbering`` finds the reading that fits the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ingest.clauses.lines import Gap, Line
from ingest.clauses.titles import fold, look_of, read_title, standing_title

_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
)
_SPELLED = {word: n for words in (_CARDINALS, _ORDINALS) for n, word in enumerate(words.split(), 1)}
_SPELLED_PATTERN = "(?i:" + "|".join(sorted(_SPELLED, key=len, reverse=True)) + ")"
_ROMAN = re.compile(r"(?=[ivxlc])(c{0,2})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_KEYWORD = re.compile(
    r"(ARTICLE|Article|SECTION|Section|SEC\.|Sec\.|CLAUSE|Clause|PARAGRAPH|Paragraph|PART|Part|CHAPTER|Chapter|§{1,2})"
    rf"\s{{0,4}}(\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[IVXLC]{{1,7}}|[A-Z]|{_SPELLED_PATTERN})(?=[\s.:;)\-–—]|$)[.:)]{{0,2}}"
)
_DECIMAL = re.compile(
    r"\(?(\d{1,3}(?:\.(?:\d{1,3}|[A-Za-z](?![A-Za-z]))){1,5})(?:[.):]|\.\))?(?=[\s\"“‘(\[*]|[A-Z][a-zA-Z]|[AI]\s|$)"
)
_NUMBER = re.compile(r"(\()?(\d{1,3})(?:(\.\)|[.):])(?=\D|$)|(?=\s{1,8}[A-Z\"“]))")
_LETTER = re.compile(
    r"(\()?([A-Za-z]|([a-zA-Z])\3|[ivxlc]{1,7}|[IVXLC]{1,7})(\.\)|[.)])"
    r"(?=[\s\"“‘(\[*]|[A-Z]?[a-z’']{2}|[A-Z]{3}|(?<=\))[A-Z]|$)"
)
_SCHEDULE = re.compile(
    r"(?:SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEXURE|Annexure|ANNEX|Annex|APPENDIX|Appendix|ATTACHMENT|Attachment"
    r"|ADDENDUM|Addendum)(?:\s{1,4}(?:N[oO]\.?\s?|#\s?)?[\"“‘'(]?(?:[A-Z]{1,2}|\d{1,3}|[IVX]{1,5}"
    rf"|{_SPELLED_PATTERN})(?:[-–.][A-Z\d]{{1,3}}){{0,2}}(?![A-Za-z\d])[\"”’')]?)?"
)
_SCHEDULE_REST = re.compile(r"\s*(?:$|[-–—:.,(\[]|to\b|TO\b|of\b|[A-Z\"“])")
_REFERENCE = re.compile(
    r"(?:of|and|or|to|through|above|below|hereof|herein|thereof|hereto|hereunder|inclusive)\b|[,;)]"
)
_VERB = re.compile(r"(?:shall|will|is|are|may|has|have)\b")
_MONTH = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_DEFINITION = re.compile(
    r"[\"“‘'`]{1,2}([^\"“”\n]{1,90}?)[\"”’']{1,2}[^.;]{0,120}?\b(?:means?|meanings?|refers? to|includes?|is defined)\b"
)
_NO_HEADING = re.compile(
    r"\b(?:INC|LLC|LTD|CORP|CORPORATION|COMPANY|L\.?L\.?C|L\.?P|PLC|GMBH|S\.A|N\.A|LLP|BY|NAME|TITLE|DATE|ITS|ATTN|TEL"
    r"|FAX|PRESIDENT|DIRECTOR|OFFICER|CHAIRMAN|SECRETARY|WITNESS|AND|BETWEEN)\b\.?\s{0,3}(?:[:,]|$)|/s/|\d[^\s\d]|[^\s\d]\d|\d{3}|\d\s+\S|[@#%=|]",
    re.IGNORECASE,
)
_SIGNATURE_LINE = re.compile(
    r"(?:by|name|title|its|fax|facsimile|tel|telephone|phone|attn|attention|signature|signed|date|address|e-?mail|company)\b"
    r"\.?\s{0,3}[:_]|/s/|_{3}|by\s{1,3}(?:/s/|_)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[•●○◦·▪■*\-–—o]\s|WHEREAS\b")
_SIGNATURES = re.compile(r"(?i:in witness (?:whereof|hereof))|IN WITNESS")


class Reading(NamedTuple):
    """One way to read a number: those of one ``style`` count on; ``parent`` is ``(4,)`` for 4.2."""

    style: str
    value: int
    parent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Marker:
    """A place that may begin a clause: ``text[start:body]`` is its number and title, then its text follows.

    ``look`` tells headings of a kind apart (see ``ingest.clauses.titles``), ``line`` is the index of its line.
    """

    start: int
    body: int
    line: int
    label: str
    title: str
    look: str
    gap: Gap
    readings: tuple[Reading, ...]

    @property
    def name(self) -> str:
        """Number and title as one heading, such as ``8.2 Cap``."""
        return f"{self.label} {self.title}".strip()

    @property
    def style(self) -> str:
        """The style of the first reading, which is the only one unless the number is ambiguous."""
        return self.readings[0].style


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
        found = _numbered_run(text, fresh, index) or _plain(text, fresh, index)
        if found and markers and _names_next(markers[-1], found[0]):
            side = markers.pop()
            found[0] = replace(found[0], start=side.start, title=side.title, look="side", gap=side.gap)
        markers.extend(found)
    return markers


def _names_next(marker: Marker, following: Marker) -> bool:
    """True for a side heading: Capitalised Words right above a 4.2 that has no title of its own."""
    bare = following.look == "none" and following.style.startswith("1.1")
    return marker.style == "words" and bare and following.line == marker.line + 1


def read_number(head: str) -> tuple[str, int, tuple[Reading, ...]] | None:
    """The clause number at the beginning of ``head``: its label, its length and how it may be read."""
    if match := _KEYWORD.match(head):
        keyword = match[1].strip(".").capitalize()
        readings = _numeral(match[2], f"{keyword} ".lower())
        return (f"{keyword} {match[2]}", match.end(), readings) if readings else None
    if match := _DECIMAL.match(head):
        parts = tuple(int(part) if part.isdigit() else ord(part.lower()) - 96 for part in match[1].split("."))
        if parts[1:] == (0,):
            return match[1], match.end(), (Reading("1.0", parts[0]),)
        return match[1], match.end(), (Reading(f"1.1 {len(parts)}", parts[-1], parts[:-1]),)
    if match := _NUMBER.match(head):
        label = _tidy(match.group())
        return label, match.end(), (Reading(f"{match[1] or ''}1{match[3] or ''}", int(match[2])),)
    if match := _LETTER.match(head):
        readings = _numeral(match[2], f"{match[1] or ''}{match[4]} ")
        return (_tidy(match.group()), match.end(), readings) if readings else None
    return None


def _numeral(numeral: str, prefix: str) -> tuple[Reading, ...]:
    if numeral[0].isdigit():
        parts = tuple(int(part) for part in numeral.split("."))
        return (Reading(f"{prefix}{len(parts)}", parts[-1], parts[:-1]),)
    lowered = numeral.lower()
    if lowered in _SPELLED and len(numeral) > 2:
        return (Reading(f"{prefix}one", _SPELLED[lowered]),)
    case = "a" if numeral.islower() else "A"
    readings = []
    if (roman := _ROMAN.fullmatch(lowered)) and numeral in (lowered, numeral.upper()):
        readings.append(Reading(f"{prefix}roman {case}", _roman_value(roman)))
    if len(set(lowered)) == 1 and len(numeral) <= 2:
        readings.append(Reading(f"{prefix}letter {case}", ord(lowered[0]) - 96 + 26 * (len(numeral) - 1)))
    return tuple(readings)


def _roman_value(roman: re.Match[str]) -> int:
    tens = {"xc": 90, "xl": 40}.get(roman[2], 50 * roman[2].count("l") + 10 * roman[2].count("x"))
    ones = {"ix": 9, "iv": 4}.get(roman[3], 5 * roman[3].count("v") + roman[3].count("i"))
    return 100 * len(roman[1]) + tens + ones


def _tidy(label: str) -> str:
    bare = label.strip().rstrip(".:")
    if bare.endswith(")"):
        bare = bare.rstrip(").")
        return f"({bare.lstrip('(')})"
    return bare


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
        defined = _DEFINITION.match(rest[:250])
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


def _plain(text: str, lines: Sequence[Line], index: int) -> list[Marker]:
    """A schedule, a definition, the signatures or an unnumbered heading that begins at line ``index``."""
    line = lines[index]
    schedule = _SCHEDULE.match(line.text) if len(line.text) <= 120 else None
    if line.gap < Gap.SENTENCE and not line.opens_page:
        schedule = None
    if schedule and _SCHEDULE_REST.match(line.text, schedule.end()):
        label = fold(schedule.group())
        stands = line.last or line.text.isupper() or schedule.end() == len(line.text)
        if stands and look_of(line.text) in ("caps", "title") and (" " in label or line.text.isupper()):
            return [_schedule(text, lines, index, label, line.start + schedule.end())]
    if line.gap >= Gap.SENTENCE and (defined := _DEFINITION.match(text, line.start, line.start + 300)):
        reading = Reading("definition", 0)
        return [
            Marker(line.start, line.start, index, "", fold(defined[1]), "definition", line.gap, (reading,))
        ]
    if line.gap >= Gap.SENTENCE and _SIGNATURES.match(line.text):
        return [
            Marker(
                line.start, line.start, index, "", "Signatures", "none", line.gap, (Reading("signatures", 0),)
            )
        ]
    return _heading(text, lines, index)


def _schedule(text: str, lines: Sequence[Line], index: int, label: str, position: int) -> Marker:
    line = lines[index]
    rest = fold(text[position : line.end].lstrip(" ,."))
    title = read_title(text, lines, index, line.end)
    reading = (Reading("schedule", 0),)
    if rest and not rest.lower().startswith("to "):
        return Marker(line.start, line.end, index, label, rest, "caps", line.gap, reading)
    name = "" if fold(title.text).casefold() == label.casefold() else title.text
    return Marker(line.start, title.body, index, label, name, "caps", line.gap, reading)


def _heading(text: str, lines: Sequence[Line], index: int) -> list[Marker]:
    """An unnumbered heading: a short line in capitals, or Capitalised Words, above a paragraph."""
    line = lines[index]
    if line.gap < Gap.SENTENCE or index + 1 == len(lines) or _NO_HEADING.search(line.text):
        return []
    title = standing_title(text, lines, index, line.start)
    if (
        title is None
        or title.look not in ("caps", "title")
        or len(title.text) < 4
        or look_of(line.text) != title.look
    ):
        return []
    below = next((below for below in lines[index + 1 : index + 4] if below.start >= title.body), None)
    if below is None or below.text[0].islower() or not _begins_text(below):
        return []
    above = lines[index - 1] if index else None
    if not (
        _in_capitals_paragraph(above, below) if title.look == "caps" else _weak_words(line, above, title.text)
    ):
        reading = Reading("capitals" if title.look == "caps" else "words", 0)
        return [Marker(line.start, title.body, index, "", title.text, title.look, line.gap, (reading,))]
    return []


def _begins_text(line: Line) -> bool:
    """True for a line that can follow a heading: a full line, a numbered one or a bullet, no signature or address."""
    if _SIGNATURE_LINE.match(line.text):
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
