"""The titles of clauses: on a line of their own ("4. TERM"), run in ("4. Term. This ...") or on the next line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.clauses.lines import Gap, Line, ends_in_abbreviation

_LONGEST = 110
_MOST_WORDS = 14
_MOST_SENTENCE_WORDS = 7
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "per",
        "the",
        "to",
        "under",
        "upon",
        "via",
        "with",
        "without",
        "not",
        "its",
        "s",
    ]
)
_SENTENCE_WORDS = re.compile(
    r"\b(?:shall|will|means?|may|must|is|are|was|were|be|been|has|have|had|agrees?|agreed|hereby|it|this|that|these"
    r"|which|who|if|their|unless|hereto|hereof|herein|hereinafter|pursuant|does|do|cannot|can|such|each|any)\b"
)
_FILLING = re.compile(r"_{3}|\.{3}|@|/s/|\$\s?\d|\[\*|\*\*\*|https?:")
_STOP = re.compile(r"[.:](?=\s|$|[-–—])|(?<=\s)[-–—]{1,2}(?=\s)|—|--")
_NUMBERED = re.compile(
    r"\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxlcIVXLC]{1,6})[.)]|(?:ARTICLE|SECTION|Article|Section)\s+\w{1,5}\b"
)
_ENUMERATED = re.compile(r"[a-z]{1,4}[.)]\s")
_EDGE = " \t\n.:;-–—_*"


@dataclass(frozen=True, slots=True)
class Title:
    """A clause's title, white space folded, without its stop; the clause's text begins at ``body``.

    ``look`` is ``caps``, ``title`` (Capitalised Words), ``sentence`` or, without a title, ``none``; a run-in
    title has ``-run`` added.
    """

    text: str
    body: int
    look: str


def look_of(words: str) -> str:
    """``caps``, ``title`` or ``sentence`` when ``words`` can be a title, else ``""``."""
    plain = words.strip(_EDGE)
    parts = plain.split()
    letters = [character for character in plain if character.isalpha()]
    if (
        not 1 <= len(parts) <= _MOST_WORDS
        or len(plain) > _LONGEST
        or len(letters) < 3
        or _FILLING.search(plain)
    ):
        return ""
    if not (plain[0].isupper() or (plain[0] in "\"“‘'(" and plain[1:2].isupper())) or plain.endswith(","):
        return ""
    if sum(character.isupper() for character in letters) >= 0.85 * len(letters):
        return "caps"
    if _SENTENCE_WORDS.search(plain[1:]):
        return ""
    main = [
        part for part in parts if part.strip("()\"“”'’,/&").lower() not in _SMALL and part[-1].isalpha()
    ] or parts
    capitalised = sum(not part.lstrip("(\"“‘'[")[:1].islower() for part in main)
    if capitalised >= 0.8 * len(main):
        return "title"
    return "sentence" if len(parts) <= _MOST_SENTENCE_WORDS else ""


def fold(words: str) -> str:
    """``words`` with single spaces and without the punctuation around a title."""
    return " ".join(words.split()).strip(_EDGE)


def read_title(text: str, lines: Sequence[Line], index: int, position: int) -> Title:
    """The title that follows a clause number ending at ``position`` on line ``index``, perhaps none."""
    line = lines[index]
    if position >= line.end:
        below = index + 1
        stands = below < len(lines) and look_of(lines[below].text) in ("caps", "title")
        if stands and not _NUMBERED.match(lines[below].text):
            return standing_title(text, lines, below, lines[below].start) or Title("", position, "none")
        return Title("", position, "none")
    return (
        _run_in(text, lines, index, position)
        or standing_title(text, lines, index, position)
        or Title("", position, "none")
    )


def _run_in(text: str, lines: Sequence[Line], index: int, position: int) -> Title | None:
    line = lines[index]
    end = line.end if line.last or index + 1 == len(lines) else lines[index + 1].end
    window = text[position : min(end, position + _LONGEST + 40)]
    for stop in _STOP.finditer(window):
        words = window[: stop.start()]
        if stop.group() == "." and ends_in_abbreviation(words + "."):
            continue
        look = look_of(words)
        rest = window[stop.end() :].lstrip(_EDGE)
        # A stop at the end of the line leaves a title that stands alone.
        if not look or not rest or (rest[0].islower() and not _ENUMERATED.match(rest)):
            return None
        if position + stop.end() >= line.end and line.last:
            return None
        return Title(fold(words), position + stop.end(), f"{look}-run")
    return None


def standing_title(text: str, lines: Sequence[Line], index: int, position: int) -> Title | None:
    """The title that fills line ``index`` from ``position``, and the next line where it goes on there."""
    line = lines[index]
    words, end, last = text[position : line.end], line.end, line.last
    look = look_of(words)
    following = lines[index + 1] if index + 1 < len(lines) else None
    if following and not words.rstrip().endswith((".", ":")) and _continues(look, words, line, following):
        words, end, last = f"{words} {following.text}", following.end, following.last
        look = look_of(words)
        following = lines[index + 2] if index + 2 < len(lines) else None
    ended = words.rstrip().endswith((".", ":")) and not ends_in_abbreviation(words.rstrip())
    apart = (
        last
        or following is None
        or (look == "caps" and not following.text[0].islower())
        or (ended and following.gap >= Gap.SENTENCE)
    )
    return Title(fold(words), end, look) if look and apart else None


def _continues(look: str, words: str, line: Line, following: Line) -> bool:
    """True when a title goes on in the next line, because it is cut there or in capitals like it."""
    if not look or len(following.text) > 0.8 * following.width or _NUMBERED.match(following.text):
        return False
    if words.rstrip().endswith(
        (" and", " AND", " of", " OF", ",", ";", " or", " OR", "/", " the", " to", " TO", " for", " FOR", "&")
    ):
        return bool(look_of(following.text))
    return look != "sentence" and not line.last and following.last and look_of(following.text) == look
