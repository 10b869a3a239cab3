"""The title of a contract, from its first lines or its first sentence."""

import re

from ingest.clauses.titles import look_of

_TITLE_LINES = 60
_NOUN = (
    r"(?:agreements?|contract|lease|deed|amendment|addendum|licen[cs]e|indenture|memorandum|undertaking"
    r"|guarant(?:y|ee)|warrant|settlement|joinder|by-?laws|statement of work|purchase order|terms and conditions"
    r"|terms of (?:service|use)|plan|policy|bond|note|mortgage|charter|protocol|arrangement|letter of intent"
    r"|supplement|waiver|consent)"
)
_TITLE = re.compile(
    rf"(?:[\w&,.’'()/\-#]+\s+){{0,12}}?{_NOUN}(?:\s+(?:no\.?|number|#)\s*\w{{1,4}})?[.:]?\*?", re.IGNORECASE
)
_IN_SENTENCE = re.compile(
    rf"\b(?:THIS|This|this)\s+((?:[A-Z][\w&’'/\-]*,?\s+|(?:and|of|for|to)\s+){{0,9}}"
    rf"{_NOUN.replace('(?:', '(?i:', 1)})\b(?=[\s,(])"
)
_NO_TITLE = re.compile(
    r"confidential|exhibit|redacted|execution|table of contents|treatment|filed|commission|/s/|\d{5}",
    re.IGNORECASE,
)
_SMALL = frozenset("a an and as at by for from in of on or the to with".split())
_KEPT_CAPITALS = frozenset(
    "IP IT LLC LLP LP PLC NDA SLA OEM ODM US USA UK EU API VOIP II III IV VI R&D".split()
)


def find_title(lines: list[str], opening: str) -> str:
    """The title among the first ``lines``, else the one in ``opening`` ("This Supply Agreement ..."), else ""."""
    for index, line in enumerate(lines[:_TITLE_LINES]):
        if len(line) > 70 and any(word.islower() for word in line.split()):
            break
        if _NO_TITLE.search(line) or not _TITLE.fullmatch(line) or look_of(line) not in ("caps", "title"):
            continue
        return capitalised(" ".join([*_lines_before(lines, index), line, *_lines_after(lines, index)]))
    named = _IN_SENTENCE.search(opening[:4_000])
    return capitalised(named[1]) if named and len(named[1].split()) > 1 else ""


def _lines_before(lines: list[str], index: int) -> list[str]:
    """The beginning of a title that is set on several lines: it ends with "and", or is "Amended and Restated"."""
    before: list[str] = []
    while index > 0 and len(before) < 3:
        index -= 1
        line = lines[index]
        open_ended = re.search(r"(?:\b(?:and|of|for|to|the)|[,&/])$|\bRESTATED$", line, re.IGNORECASE)
        if not open_ended or _NO_TITLE.search(line) or not look_of(line.rstrip(",")):
            break
        before.insert(0, line)
    return before


def _lines_after(lines: list[str], index: int) -> list[str]:
    """What an amendment amends: "to", or "to the", and the title on the lines below it."""
    if not re.match(r"(?:\w+ )?(?:amendment|addendum|supplement)\b", lines[index], re.IGNORECASE):
        return []
    after: list[str] = []
    for line in lines[index + 1 : index + 5]:
        if not after and not re.match(r"to\b", line, re.IGNORECASE):
            return []
        after.append(line)
        if _TITLE.fullmatch(line):
            return after
    return []


def capitalised(words: str) -> str:
    """Capitals become Capitalised Words; words in mixed case stay as they are."""
    plain = " ".join(words.split()).strip(' .,:;*-–—"“”')
    if any(word.islower() and word not in _SMALL for word in plain.split()) or not plain.isupper():
        return plain
    return " ".join(
        word
        if word in _KEPT_CAPITALS or any(c.isdigit() for c in word) or "." in word[:-1]
        else word.lower()
        if number and word.lower() in _SMALL
        else "-".join(part.capitalize() for part in word.split("-"))
        for number, word in enumerate(plain.split())
    )
