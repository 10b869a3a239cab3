"""Kinds of contract, dates and laws in a question."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from core.contract_types import find_types
from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.mention import Kind, Mention
from core.pipeline.hierarchy.periods import NOUN, find_periods
from core.pipeline.hierarchy.postings import Rows

_DETERMINED: Final = (
    r"(?:the|our|this|these|those|my|both|all|each|every|which|what|under|across|among|of|in)\s+"
)
_TYPED: Final = re.compile(
    rf"\b{_DETERMINED}(?P<kind>(?:(?!(?:the|a|an|of|in|to|for|by|with|under|this|our|that)\b)[\w\u2019'&/-]+\s+){{1,5}}"
    r"(?:agreements?|contracts?|deals?|deeds?))\b",
    re.IGNORECASE,
)
_KINDS: Final[dict[str, str]] = {
    r"(?:sub-?)?leases?": "Lease",
    r"ndas?": "Confidentiality",
    r"dpas?": "Data processing",
    r"spas?": "Share or asset purchase",
    r"msas?": "Services",
    r"distributorships?": "Distribution or resale",
}
_ALONE: Final = re.compile(
    rf"\b{_DETERMINED}(?:(?!the\b|a\b|an\b|to\b)[\w\u2019'-]+\s+){{0,3}}?(?P<kind>{'|'.join(_KINDS)})\b",
    re.IGNORECASE,
)
_PLACE: Final = r"[A-Z]\w+(?:\s+(?:and\s+)?[A-Z]\w+){0,3}"
_LAW: Final = re.compile(
    rf"\b(?:governed by|subject to|under)\s+(?:the\s+)?(?P<place>{_PLACE})\s+laws?\b"
    rf"|\b(?P<before>{_PLACE})\s+law\s+{NOUN}\b"
    rf"|\blaws?\s+of\s+(?:the\s+)?(?:[Ss]tate\s+of\s+)?(?P<after>{_PLACE})"
)
_LAWS: Final = {
    "english": "england",
    "british": "england",
    "scottish": "scotland",
    "scots": "scotland",
    "irish": "ireland",
    "german": "germany",
    "french": "france",
    "swiss": "switzerland",
    "dutch": "netherlands",
    "italian": "italy",
    "spanish": "spain",
    "californian": "california",
    "texan": "texas",
    "israeli": "israel",
    "chinese": "china",
    "japanese": "japan",
    "canadian": "canada",
}


def find_kinds(question: str, index: ContractIndex) -> Iterator[Mention]:
    """Kinds of contract, such as "the supply agreement" or "our NDAs"; "a lease" and "any lease" mean none."""
    for match in _TYPED.finditer(question):
        kinds = find_types(match["kind"]) if "level" not in match["kind"].casefold() else ()
        yield from _type(kinds, match, index)
    for match in _ALONE.finditer(question):
        kinds = tuple(
            name for pattern, name in _KINDS.items() if re.fullmatch(pattern, match["kind"], re.IGNORECASE)
        )
        yield from _type(kinds, match, index)


def _type(kinds: Sequence[str], match: re.Match[str], index: ContractIndex) -> Iterator[Mention]:
    typed = [index.typed[kind] for kind in kinds if kind in index.typed]
    if typed:
        # An amendment that says no more may amend a contract of this kind.
        unsaid = [index.typed.get("", index.name_rows[:0]), _only_amendments(index)]
        start, end = match.span("kind")
        rows = np.unique(np.concatenate(typed))
        yield Mention(Kind.TYPE, match["kind"], start, end, rows, np.setdiff1d(np.concatenate(unsaid), rows))


def _only_amendments(index: ContractIndex) -> Rows:
    rows = index.typed.get("Amendment", index.name_rows[:0])
    return rows[[len(index.types[row]) == 1 for row in rows.tolist()]] if len(rows) else rows


def find_dates(question: str, index: ContractIndex) -> Iterator[Mention]:
    """When the contracts meant were signed."""
    for period in find_periods(question):
        rows = [row for row, date in enumerate(index.dates) if date and period.begin <= date <= period.end]
        if rows:
            unsaid = [row for row, date in enumerate(index.dates) if not date]
            words = question[period.start : period.stop]
            yield Mention(Kind.DATE, words, period.start, period.stop, _rows(rows), _rows(unsaid))


def find_laws(question: str, index: ContractIndex) -> Iterator[Mention]:
    """By which law the contracts meant are governed."""
    for match in _LAW.finditer(question):
        place = next(name for name in ("place", "before", "after") if match[name])
        wanted = _LAWS.get(match[place].casefold(), match[place].casefold())
        rows = [row for row, law in enumerate(index.laws) if law and _same_place(law.casefold(), wanted)]
        if rows:
            unsaid = [row for row, law in enumerate(index.laws) if not law]
            start, end = match.span(place)
            yield Mention(Kind.LAW, f"{match[place]} law", start, end, _rows(rows), _rows(unsaid))


def _same_place(law: str, wanted: str) -> bool:
    return law == wanted or law.startswith(f"{wanted} ") or wanted.startswith(f"{law} ")


def _rows(rows: Sequence[int]) -> Rows:
    return np.asarray(rows, dtype=np.int64)
