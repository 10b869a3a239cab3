"""The date of a contract, from the words in which it says when it was made."""

import re
from datetime import date

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})\s*(?:st|nd|rd|th)?"
_YEAR = r"\s*,?\s*(?:of\s+)?(?P<year>\d{4})"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_MONTH}\s+{_DAY}{_YEAR}",
        rf"{_DAY}\s*(?:\(\w+\)\s*)?(?:day\s+)?(?:of\s+)?{_MONTH}{_YEAR}",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    )
)
_DATED = re.compile(
    r"\b(?:dated|date[sd]?\s+(?:as\s+)?of|made|entered\s+into|executed|effective|as\s+of|this\s+(?=[\d_\[])|date:?)\b",
    re.IGNORECASE,
)
_BLANK_DATE = re.compile(
    r"(?:_{2,}|\[[^\]\d]{0,12}\]|\.{4,})\s*,?\s*(?:\d{4}|\d{2}_)|\b"
    + _MONTH
    + r"\s*(?:_{2,}|\[)|(?:_{2,}|\[\W*\])\s*day\s+of",
    re.IGNORECASE,
)
_PREAMBLE = 2_500
_RECITALS = re.compile(r"\b(?:WHEREAS|Whereas|RECITALS|Recitals|WITNESSETH|BACKGROUND|NOW,? THEREFORE)\b")
_OTHER_CONTRACT = re.compile(
    r"\b(?:that\s+certain|the|to|under|existing|original|prior)\s+(?:[\w&\-]+\s+){0,6}"
    r"(?:[Aa]greement|AGREEMENT|[Ll]ease|[Cc]ontract)s?,?(?:\s+(?:was|is|as))?\s*$"
)
_BLANK = re.compile(r"_{2,}|\[\s*[_●•*.\-]*\s*\]|\[\s*\w*\s*\]|\.{4,}|…{2}|\[[*●]")


def find_date(opening: str) -> str:
    """The date in ``opening``, the first pages with single spaces, as YYYY-MM-DD; "" if none or incomplete."""
    recitals = _RECITALS.search(opening, 200, _PREAMBLE)
    preamble = opening[: recitals.start() if recitals else _PREAMBLE]
    blank = _BLANK_DATE.search(preamble)
    for dated in _DATED.finditer(preamble[: blank.start() if blank else len(preamble)]):
        if _OTHER_CONTRACT.search(opening[max(0, dated.start() - 80) : dated.start()]):
            continue
        near = opening[dated.end() : dated.end() + 70]
        found = [match for pattern in _DATES if (match := pattern.search(near))]
        blank = _BLANK.search(near[:40])
        first = min(found, key=lambda match: match.start(), default=None)
        if blank and (first is None or blank.start() < first.end()):
            return ""
        if first:
            return _iso(first)
    return ""


def date_in(words: str) -> str:
    """The first date in ``words`` as YYYY-MM-DD; "" if there is none."""
    found = [match for pattern in _DATES if (match := pattern.search(words))]
    first = min(found, key=lambda match: match.start(), default=None)
    return _iso(first) if first else ""


def _iso(match: re.Match[str]) -> str:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(match["year"]), number, int(match["day"])).isoformat()
    except ValueError:
        return ""
