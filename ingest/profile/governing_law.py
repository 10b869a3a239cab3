"""The jurisdiction whose law governs a contract."""

import re

from ingest.profile.contract_title import capitalised

_GOVERNED = re.compile(
    r"\b(?:governed|construed|interpreted|enforced|controlled)\b[^.;]{0,160}?\b(?:laws?|rules|statutes)\b"
    r"(?:\s+(?:and|or)\s+\w+)?\s+(?:of|in\s+force\s+in|in\s+effect\s+in|prevailing\s+in|from|in)\s+"
    r"(?P<place>[^.;:()]{3,140})"
    r"|\b(?:governed|construed)\b[^.;]{0,80}?\b(?:by|under|with)\s+(?:the\s+)?"
    r"(?P<law>[A-Z]\w+(?:\s[A-Z]\w+){0,2})\s+laws?\b"
    r"|\blaws?\s+of\s+(?P<ruler>[^.;:()]{3,140}?)\s+(?:shall|will)\s+(?:\w+\s+)?(?:govern|apply|control)",
    re.IGNORECASE,
)
_PLACE_LEAD = re.compile(
    r"^(?:(?:the\s+)?United\s+States(?:\s+of\s+America)?\s+and\s+(?:of\s+)?"
    r"|(?:the|internal|substantive|then|State|Commonwealth|Province|Territory|Country)\s+(?:laws?\s+)?(?:of\s+)?"
    r"|and\s+\w+\s+of\s+)+",
    re.IGNORECASE,
)
_PLACE = re.compile(r"[A-Z][\w’'\-.]*(?:\s+|$)(?:(?:of|and|the)\s+(?=[A-Z])|[A-Z][\w’'\-.]*(?:\s+|$)){0,6}")
# In a clause that is all in capitals the place does not end where the capitals end.
_PLACE_END = re.compile(
    r"\s+(?:WITHOUT|WITH|AND(?!\s+WALES)|AS|APPLICABLE|EXCLUDING|IN|REGARDLESS|EXCEPT|OTHER|NOTWITHSTANDING"
    r"|APPLIED|GOVERNING|FOR|BUT|OR|Special|SPECIAL)\b.*"
)
_OF_NATIONS = {
    "English": "England and Wales",
    "German": "Germany",
    "French": "France",
    "Swiss": "Switzerland",
    "Dutch": "Netherlands",
}
_NO_PLACE = re.compile(
    r"\b(?:Agreement|Parties|Party|Section|Federal|State|Company|Court|Contract|Law|Jurisdiction|Act)\b",
    re.IGNORECASE,
)


def find_governing_law(text: str) -> str:
    """The place named where ``text`` says what law governs it, such as ``New York``; "" if none is plain."""
    for match in _GOVERNED.finditer(text):
        place = " ".join((match["place"] or match["ruler"] or match["law"] or "").split())
        named = _place(place)
        if named:
            return named
    return ""


def _place(words: str) -> str:
    bare = _PLACE_LEAD.sub("", words).split(",")[0]
    run = _PLACE.match(_PLACE_END.sub("", bare))
    name = run.group().strip(" .,") if run else ""
    if not name or _NO_PLACE.search(name) or len(name) < 4:
        return ""
    return _OF_NATIONS.get(name, capitalised(name))
