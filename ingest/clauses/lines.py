"""The lines of a contract: where they stand, and whether each begins a paragraph or goes on with a sentence.

A PDF states no paragraphs. What it leaves is the length of the lines: a line that stops although the next word
would still have fitted ends a paragraph, a full line most likely goes on.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

# Room that must be left on a line, as a share of the usual width, before its end counts as deliberate.
_FULL_SHARE = 0.82
_NEIGHBOURS = 12
_NARROWEST = 45
_SENTENCE_TAIL = re.compile(r"[.;:!?][\"”’')\]]{0,3}$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“])(?:[A-Za-z]|Inc|Corp|Co|Ltd|Cos|Bros|No|Nos|Art|Arts|Sec|Secs|Sect|Para|Cl|Exh|Sch|vs?|cf"
    r"|Mr|Mrs|Ms|Dr|Prof|Messrs|Hon|Jr|Sr|St|Ave|Blvd|Rd|Ste|Apt|Dept|Fla|Cal|Del|Tel|Fax|Attn|approx|incl|et al|al"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Reg|Stat|Supp|Ch|pp?|ed|viz|ca|Fed|Gov|Univ|Assn|Intl|Int'l"
    r"|(?:[A-Za-z]\.){1,4}[A-Za-z])\.$"
)
_SENTENCE_END = re.compile(r"[.!?][\"”’')\]]{0,3}\s+(?=[\"“‘'(\[]{0,2}[A-Z0-9])")
# Words after which a number at the beginning of the next line is a reference.
_GOES_ON = re.compile(
    r"(?:^|[\s(])(?:[Ss]ections?|SECTIONS?|[Aa]rticles?|ARTICLES?|[Cc]lauses?|[Pp]aragraphs?|[Ss]ubsections?|[Ss]ub[Cc]lauses?"
    r"|[Ii]tems?|[Ee]xhibits?|[Ss]chedules?|[Pp]arts?|[Cc]hapters?|[Rr]ules?|[Rr]egulations?|[Nn]o|[Nn]umbers?|[Pp]hase|§+|[Oo]f|[Tt]o|[Ii]n"
    r"|[Uu]nder|[Bb]y|[Ww]ith|[Tt]he|[Aa]n?|[Ff]rom|[Tt]hrough|[Aa]t|[Ff]or|least|than|either|both|[Ii]s|[Aa]re|[Bb]e|about)$"
)
_NUMBER_ALONE = re.compile(r"(?:\n|^|\s\()\s*\d{1,3}(?:\.\d{1,3}){0,4}\.$")
_NOISE = re.compile(r"[\W_]*(?:[Pp]age|PAGE)?[\W_]*\d{0,4}(?:\s+of\s+\d{1,4})?[\W_]*")

# Signs that PDFs use for others; each stands for one character, so offsets stay.
_PLAIN_SIGNS = str.maketrans(
    {"\u037e": ";", "\u2010": "-", "\u2011": "-"}
    | dict.fromkeys(
        "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005"
        "\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\v\f\u2028\u2029\u0085",
        " ",
    )
)
_LONE_LABEL = re.compile(r"\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,5})[.)]{1,2}|\d{1,2}(?:\.\d{1,2}){1,3}\.?")


class Gap(IntEnum):
    """How a line stands to the line before it, from the middle of a sentence to a certain new paragraph."""

    INSIDE = 0
    PAUSE = 1
    SENTENCE = 2
    PARAGRAPH = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One visual line without the white space around it; ``width`` is the usual length of lines near it."""

    start: int
    end: int
    text: str
    gap: Gap
    width: int
    last: bool
    """True when the line ends its paragraph, as far as its length tells."""
    opens_page: bool = False


def plain_signs(text: str) -> str:
    """``text``, of the same length, with plain spaces, hyphens and semicolons in place of their look-alikes."""
    return text.translate(_PLAIN_SIGNS)


def read_lines(text: str, page_starts: Sequence[int] = ()) -> tuple[Line, ...]:
    """The lines of ``text`` that carry words, in order; rules, page numbers and empty lines are left out.

    ``page_starts`` are the ascending offsets at which pages begin.
    """
    spans, blanks = _spans(text)
    widths = _widths([end - start for start, end in spans])
    # Where every other line is empty, an empty line says nothing.
    double_spaced = sum(blanks) > 0.5 * len(blanks) if len(blanks) > 20 else False
    bodies = [text[start:end] for start, end in spans]
    gaps = [Gap.PARAGRAPH]
    for number in range(1, len(spans)):
        parted = blanks[number] and not double_spaced
        if not _LONE_LABEL.fullmatch(bodies[number - 1]):
            gaps.append(_gap(bodies[number - 1], bodies[number], widths[number - 1], parted))
        else:
            # A number on a line of its own belongs to the text below, or ends a reference such as "in Section 9."
            gaps.append(
                Gap.SENTENCE if number > 1 and _GOES_ON.search(bodies[number - 2][-14:]) else Gap.INSIDE
            )
    gaps.append(Gap.PARAGRAPH)
    opening = {bisect_left(spans, (start, 0)) for start in page_starts}
    return tuple(
        Line(start, end, body, gaps[i], widths[i], gaps[i + 1] is Gap.PARAGRAPH, i in opening)
        for i, ((start, end), body) in enumerate(zip(spans, bodies, strict=True))
    )


def ends_in_abbreviation(text: str) -> bool:
    """True when the full stop at the end of ``text`` belongs to an abbreviation such as ``Inc.`` or ``U.S.``"""
    return bool(_ABBREVIATION.search(text[-12:]))


def sentence_starts(text: str, start: int, end: int) -> list[int]:
    """Offsets within ``text[start:end]`` at which a new sentence begins."""
    found = []
    for match in _SENTENCE_END.finditer(text, start, end):
        if text[match.start()] != "." or not ends_in_abbreviation(
            text[max(start, match.start() - 12) : match.start() + 1]
        ):
            found.append(match.end())
    return found


def _spans(text: str) -> tuple[list[tuple[int, int]], list[bool]]:
    spans: list[tuple[int, int]] = []
    blanks: list[bool] = []
    position, blank = 0, False
    for raw in text.split("\n"):
        body = raw.strip()
        start = position + len(raw) - len(raw.lstrip())
        position += len(raw) + 1
        if not body:
            blank = True
        elif not (len(body) < 80 and _NOISE.fullmatch(body)) or re.match(r"[(\d].{0,6}[.)]$", body):
            spans.append((start, start + len(body)))
            blanks.append(blank)
            blank = False
    return spans, blanks


def _widths(lengths: list[int]) -> list[int]:
    """For each line the length that nine in ten lines around it do not exceed; indented columns have their own."""
    widths: list[int] = []
    for number in range(len(lengths)):
        near = sorted(lengths[max(0, number - _NEIGHBOURS) : number + _NEIGHBOURS + 1])
        widths.append(max(_NARROWEST, near[int(len(near) * 0.9)]))
    return widths


def _gap(before: str, line: str, width: int, parted: bool) -> Gap:
    first_word = line[:40].split(" ", 1)[0]
    ended = bool(_SENTENCE_TAIL.search(before[-5:])) and not ends_in_abbreviation(before)
    if len(before) + 1 + len(first_word) < _FULL_SHARE * width:
        return Gap.PARAGRAPH if ended or parted or not line[0].islower() else Gap.SENTENCE
    if parted and (ended or not line[0].islower()):
        return Gap.PARAGRAPH
    if ended:
        return Gap.SENTENCE
    return Gap.INSIDE if _GOES_ON.search(before[-14:]) else Gap.PAUSE
