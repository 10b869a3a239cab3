"""Reading clause numbers: Article IV, Section 5.01, 4.2, (b), ii), Clause Seven."""

import re

from ingest.clauses.records import Reading

_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
)
_SPELLED = {word: n for words in (_CARDINALS, _ORDINALS) for n, word in enumerate(words.split(), 1)}
SPELLED_PATTERN = "(?i:" + "|".join(sorted(_SPELLED, key=len, reverse=True)) + ")"
_ROMAN = re.compile(r"(?=[ivxlc])(c{0,2})(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})")
_KEYWORD = re.compile(
    r"(ARTICLE|Article|SECTION|Section|SEC\.|Sec\.|CLAUSE|Clause|PARAGRAPH|Paragraph|PART|Part|CHAPTER|Chapter|§{1,2})"
    rf"\s{{0,4}}(\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[IVXLC]{{1,7}}|[A-Z]|{SPELLED_PATTERN})(?=[\s.:;)\-–—]|$)[.:)]{{0,2}}"
)
_DECIMAL = re.compile(
    r"\(?(\d{1,3}(?:\.(?:\d{1,3}|[A-Za-z](?![A-Za-z]))){1,5})(?:[.):]|\.\))?(?=[\s\"“‘(\[*]|[A-Z][a-zA-Z]|[AI]\s|$)"
)
_NUMBER = re.compile(r"(\()?(\d{1,3})(?:(\.\)|[.):])(?=\D|$)|(?=\s{1,8}[A-Z\"“]))")
_LETTER = re.compile(
    r"(\()?([A-Za-z]|([a-zA-Z])\3|[ivxlc]{1,7}|[IVXLC]{1,7})(\.\)|[.)])"
    r"(?=[\s\"“‘(\[*]|[A-Z]?[a-z’']{2}|[A-Z]{3}|(?<=\))[A-Z]|$)"
)


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
