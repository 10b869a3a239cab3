"""When the contracts that a question means were signed: "contracts signed in 2021", "the 2019 leases"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)
_MONTH: Final = f"(?:{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)})"
_YEAR: Final = r"(?:19|20)\d{2}"
NOUN: Final = (
    r"(?:agreements?|contracts?|(?:sub)?leases?|licen[cs]es?|deals?|deeds?|ndas?|msas?|dpas?|spas?|loans?|facilit(?:y|ies)"
    r"|amendments?|engagements?|distributorships?|agenc(?:y|ies)|subscriptions?|sale|purchase)"
)
"""What people call a contract."""
_DATE: Final = (
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?:(?P<month>{_MONTH})\.?\s+)?"
    rf"(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?(?:of\s+)?(?P<year>{_YEAR})(?!\d)"
)
_SIGNED: Final = re.compile(
    rf"\b{NOUN}\b(?:\W+\w+){{0,6}}?\W+(?:sign(?:ed)?|dated|executed|entered into|concluded)\b"
    rf"(?:\s+(?P<when>in|on|as of|before|after|since|until|up to))?(?:\s+the)?\s+{_DATE}",
    re.IGNORECASE,
)
_JOINING: Final = r"(?:the|an?|our|this|that|of|in|on|at|by|for|to|under|with|from|and|or|is|was|are)\b"
_OF_YEAR: Final = re.compile(
    rf"\b(?P<year>{_YEAR})\s+(?:(?!{_JOINING})[\w-]+\s+){{0,3}}?{NOUN}\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``begin`` to ``end``, YYYY-MM-DD, both inclusive; said at ``question[start:stop]``."""

    begin: str
    end: str
    start: int
    stop: int


def find_periods(question: str) -> Iterator[Period]:
    """The periods in which ``question`` says that contracts were signed."""
    for match in _SIGNED.finditer(question):
        begin, end = _days(match)
        match (match["when"] or "").lower():
            case "before" | "until" | "up to":
                begin, end = "0000", begin
            case "after" | "since":
                begin, end = begin, "9999"
        yield Period(begin, end, match.start("year"), match.end("year"))
    for match in _OF_YEAR.finditer(question):
        yield Period(
            f"{match['year']}-01-01", f"{match['year']}-12-31", match.start("year"), match.end("year")
        )


def _days(match: re.Match[str]) -> tuple[str, str]:
    year, month, day = match["year"], match["month"], match["day"] or match["day2"]
    if not month:
        return f"{year}-01-01", f"{year}-12-31"
    number = next(at for at, name in enumerate(_MONTHS, start=1) if name.startswith(month.lower()[:3]))
    if not day:
        return f"{year}-{number:02}-01", f"{year}-{number:02}-31"
    return f"{year}-{number:02}-{int(day):02}", f"{year}-{number:02}-{int(day):02}"
