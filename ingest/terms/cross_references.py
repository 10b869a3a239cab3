"""References from one clause of a contract to another, and where the clause meant begins."""

import re
from collections.abc import Iterator, Sequence

from core.records import CrossReference
from ingest.clauses.records import Clause

_LABEL = (
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}(?:\s?\([a-zA-Z0-9]{1,5}\))*|[IVXLC]{1,6}(?:\.\d{1,3})*"
    r"|[A-Z](?:-?\d{1,2})?)(?![\w])"
)
_KIND = (
    r"(?:sub)?sections?|(?:sub)?clauses?|articles?|paragraphs?|schedules?|exhibits?|annex(?:es)?|appendi(?:x|ces)"
    r"|attachments?"
)
_REFERENCE = re.compile(
    rf"(?P<kind>\b(?i:{_KIND})\s+|\u00a7{{1,2}}\s?)(?P<labels>{_LABEL}(?:(?:\s*,\s*|\s*,?\s+(?:and|or|through|to)\s+){_LABEL})*)"
)
_ONE_LABEL = re.compile(_LABEL)
# What follows when another document is meant: a statute, a rule, another agreement.
_ELSEWHERE = re.compile(
    r"\s*,?\s+(?:of|to|under|in)\s+(?:the\s+|that\s+(?:certain\s+)?|such\s+|its\s+|title\s+)?(?!this\b|the\s+Agreement\b)"
    r"(?:[\w.&'\u2019-]+\s+){0,6}?(?:Act|Code|Law|Laws|Regulations?|Rules?|Statutes?|Directive|Constitution|U\.?S\.?C"
    r"|(?:[A-Z][\w-]+\s+){1,5}(?:Agreement|Lease|Contract|Indenture|Plan|Note|Deed|Bylaws))\b"
)
_NUMBER = re.compile(
    rf"(?i:(?P<kind>{_KIND}|part)\s+)?(?:no\.?\s*)?(?P<label>\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|\([a-zA-Z0-9]{{1,5}}\)|[IVXLC]{{1,6}}|[A-Z](?:-?\d{{1,2}})?)"
    r"[.):]?(?=\s|$|[-\u2013\u2014])"
)
_ATTACHED = ("schedule", "exhibit", "annex", "appendi", "attachment")
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

Place = tuple[str, str]


def find_cross_references(text: str, clauses: Sequence[Clause]) -> tuple[CrossReference, ...]:
    """Every reference to a clause that this contract has, in order; what names nothing in it is left out.

    ``12.3(b)`` means item (b) of clause 12.3, or clause 12.3 where the item does not stand on its own. Inside a
    schedule, a paragraph of the schedule comes before a clause of the same number. References to statutes and to
    other agreements are left out, and so is one that stands in the clause it names.
    """
    places = _places(clauses)
    schedules = _schedules(clauses)
    found = []
    for start, end, kind, label in _references(text):
        scope = next((name for begin, until, name in schedules if begin <= start < until), "")
        target = _target(kind, label, scope, places)
        if target is not None and not _same_clause(clauses, start, target):
            found.append(CrossReference(start, end, target))
    return tuple(found)


def _references(text: str) -> Iterator[tuple[int, int, str, str]]:
    for match in _REFERENCE.finditer(text):
        if _ELSEWHERE.match(text, match.end()):
            continue
        for number, label in enumerate(_ONE_LABEL.finditer(match["labels"])):
            begin = match.start("labels") + label.start()
            start = match.start() if number == 0 else begin
            yield start, match.start("labels") + label.end(), match["kind"].strip().lower(), label.group()


def _target(kind: str, label: str, scope: str, places: dict[Place, int]) -> int | None:
    if kind.startswith(_ATTACHED):
        return places.get(("", f"{_stem(kind)} {_canonical(label)}"))
    wanted = _canonical(label)
    while wanted:
        for where in dict.fromkeys((scope, "")):
            if (where, wanted) in places:
                return places[where, wanted]
        shorter = re.sub(r"\([^()]*\)$", "", wanted)
        if shorter == wanted:
            return None
        wanted = shorter
    return None


def _places(clauses: Sequence[Clause]) -> dict[Place, int]:
    """Where each numbered clause begins, by the attachment it stands in and its full number."""
    places: dict[Place, int] = {}
    for clause in clauses:
        scope, number = "", ""
        for name in clause.path:
            match = _NUMBER.match(name)
            if match is None:
                continue
            kind, label = (match["kind"] or "").lower(), match["label"]
            if kind.startswith(_ATTACHED):
                scope, number = f"{_stem(kind)} {_canonical(label)}", ""
                continue
            number = number + _canonical(label) if label.startswith("(") else _canonical(label)
        key = (scope, number) if number else ("", scope)
        if any(key):
            places.setdefault(key, clause.start)
    return places


def _schedules(clauses: Sequence[Clause]) -> list[tuple[int, int, str]]:
    spans = []
    for clause in clauses:
        match = _NUMBER.match(clause.path[0]) if clause.path else None
        if match and (match["kind"] or "").lower().startswith(_ATTACHED):
            spans.append((clause.start, clause.end, f"{_stem(match['kind'])} {_canonical(match['label'])}"))
    return spans


def _same_clause(clauses: Sequence[Clause], position: int, target: int) -> bool:
    return any(clause.start <= position < clause.end and clause.start == target for clause in clauses)


def _stem(kind: str) -> str:
    return next(stem for stem in _ATTACHED if kind.lower().startswith(stem))


def _canonical(label: str) -> str:
    """``4.2 (B)`` as ``4.2(b)``; roman numerals as numbers, so that Article IX is the parent of 9.1."""
    plain = re.sub(r"\s", "", label)
    head = re.match(r"[IVXLC]+(?=$|\.)", plain)
    if head:
        plain = f"{_roman(head.group())}{plain[head.end() :]}"
    return re.sub(r"\([^()]*\)", lambda item: item.group().lower(), plain)


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )
