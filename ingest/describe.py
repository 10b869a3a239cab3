"""What a contract plainly says about itself: title, parties, date and governing law."""

import re
from datetime import date

from core.records import ContractText, Profile
from ingest.clauses.contents import find_contents
from ingest.clauses.lines import plain_signs, read_lines
from ingest.clauses.titles import look_of
from ingest.parties import find_parties

_OPENING = 12_000
_TITLE_LINES = 60
_NOUN = (
    r"(?:agreements?|contract|lease|deed|amendment|addendum|licen[cs]e|indenture|memorandum|undertaking|guarant(?:y|ee)|warrant|"
    r"settlement|joinder|by-?laws|statement of work|purchase order|terms and conditions"
    r"|terms of (?:service|use)|plan|policy|bond|note|"
    r"mortgage|charter|protocol|arrangement|letter of intent|supplement|waiver|consent)"
)
_TITLE = re.compile(
    rf"(?:[\w&,.’'()/\-#]+\s+){{0,12}}?{_NOUN}(?:\s+(?:no\.?|number|#)\s*\w{{1,4}})?[.:]?\*?", re.IGNORECASE
)
_TITLE_START = re.compile(
    r"(?:amended|restated|form of|amendment|first|second|third|fourth|master)\b", re.IGNORECASE
)
_IN_SENTENCE = re.compile(
    rf"\b(?:THIS|This|this)\s+((?:[A-Z][\w&’'/\-]*,?\s+|(?:and|of|for|to)\s+){{0,9}}"
    rf"{_NOUN.replace('(?:', '(?i:', 1)})\b(?=[\s,(])"
)
_NO_TITLE = re.compile(
    r"confidential|exhibit|redacted|execution|table of contents|treatment|filed|commission|/s/|\d{5}",
    re.IGNORECASE,
)
_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
_KEPT_CAPITALS = frozenset(
    [
        "IP",
        "IT",
        "LLC",
        "LLP",
        "LP",
        "PLC",
        "NDA",
        "SLA",
        "OEM",
        "ODM",
        "US",
        "USA",
        "UK",
        "EU",
        "API",
        "VOIP",
        "II",
        "III",
        "IV",
        "VI",
        "R&D",
    ]
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?"
    r"|Dec(?:ember)?)\b\.?"
)
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})\s*(?:st|nd|rd|th)?\s*(?:\(\w+\)\s*)?(?:day\s+)?(?:of\s+)?{_MONTH}\s*,?\s*(?:of\s+)?(?P<year>\d{{4}})",
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
    r"\b(?:that\s+certain|the|to|under|existing|original|prior)\s+(?:[\w&\-]+\s+){0,6}(?:[Aa]greement|AGREEMENT|[Ll]ease|[Cc]ontract)s?,?"
    r"(?:\s+(?:was|is|as))?\s*$"
)
_BLANK = re.compile(r"_{2,}|\[\s*[_●•*.\-]*\s*\]|\[\s*\w*\s*\]|\.{4,}|…{2}|\[[*●]")
_GOVERNED = re.compile(
    r"\b(?:governed|construed|interpreted|enforced|controlled)\b[^.;]{0,160}?\b(?:laws?|rules|statutes)\b(?:\s+(?:and|or)\s+\w+)?\s+"
    r"(?:of|in\s+force\s+in|in\s+effect\s+in|prevailing\s+in|from|in)\s+(?P<place>[^.;:()]{3,140})"
    r"|\b(?:governed|construed)\b[^.;]{0,80}?\b(?:by|under|with)\s+(?:the\s+)?(?P<law>[A-Z]\w+(?:\s[A-Z]\w+){0,2})\s+laws?\b"
    r"|\b(?:laws?)\s+of\s+(?P<place2>[^.;:()]{3,140}?)\s+(?:shall|will)\s+(?:\w+\s+)?(?:govern|apply|control)",
    re.IGNORECASE,
)
_PLACE_LEAD = re.compile(
    r"^(?:(?:the\s+)?United\s+States(?:\s+of\s+America)?\s+and\s+(?:of\s+)?|(?:the|internal|substantive|then|State|Commonwealth|Province|Territory|Country)\s+(?:laws?\s+)?(?:of\s+)?|and\s+\w+\s+of\s+)+",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?:[A-Z][\w’'\-.]*(?:\s+|$))(?:(?:of|and|the)\s+(?=[A-Z])|[A-Z][\w’'\-.]*(?:\s+|$)){0,6}"
)
_PLACE_END = re.compile(
    r"\s+(?:WITHOUT|WITH|AND(?!\s+WALES)|AS|APPLICABLE|EXCLUDING|IN|REGARDLESS|EXCEPT|OTHER|NOTWITHSTANDING|APPLIED|GOVERNING|FOR|BUT|OR|Special|SPECIAL)\b.*"
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


def describe(contract: ContractText) -> Profile:
    """Title, parties, date (YYYY-MM-DD) and governing law of ``contract``, as far as it states them plainly.

    A field that was not found is empty, except the title: it falls back to the document's own title and then to
    the file name without its ending.
    """
    text = plain_signs(contract.text)
    head = text[: 3 * _OPENING]
    lines = read_lines(head)
    listed = {index for first, end in find_contents(lines) for index in range(first, end)}
    kept = [line.text for index, line in enumerate(lines) if index not in listed]
    opening = " ".join(" ".join(kept).split())[:_OPENING]
    return Profile(
        title=_title(kept[:_TITLE_LINES], opening) or _fallback_title(contract),
        parties=find_parties(opening),
        date=_date(opening),
        governing_law=_governing_law(text),
    )


def _title(lines: list[str], opening: str) -> str:
    for index, line in enumerate(lines):
        if len(line) > 70 and any(word.islower() for word in line.split()):
            break
        if _NO_TITLE.search(line) or not _TITLE.fullmatch(line) or look_of(line) not in ("caps", "title"):
            continue
        return _capitalised(" ".join([*_lines_before(lines, index), line, *_lines_after(lines, index)]))
    named = _IN_SENTENCE.search(opening[:4_000])
    return _capitalised(named[1]) if named and len(named[1].split()) > 1 else ""


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


def _capitalised(words: str) -> str:
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


def _fallback_title(contract: ContractText) -> str:
    stated = " ".join(contract.document_title.split())
    if (
        len(stated) > 5
        and " " in stated
        and not re.search(r"\.(?:docx?|pdf|rtf)$|untitled|microsoft word", stated, re.IGNORECASE)
    ):
        return stated
    name = re.sub(
        r"\.pdf$", "", contract.file_name.replace("\\", "/").rsplit("/", 1)[-1], flags=re.IGNORECASE
    )
    return " ".join(re.sub(r"[_\s]+", " ", name).split()) or "Untitled contract"


def _date(opening: str) -> str:
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


def _iso(match: re.Match[str]) -> str:
    month = match["month"]
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(match["year"]), number, int(match["day"])).isoformat()
    except ValueError:
        return ""


def _governing_law(text: str) -> str:
    for match in _GOVERNED.finditer(text):
        place = " ".join((match["place"] or match["place2"] or match["law"] or "").split())
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
    return _OF_NATIONS.get(name, _capitalised(name))
