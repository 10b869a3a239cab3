"""Other agreements that a contract names, where it names them, and which of their clauses it refers to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.clause_labels import ATTACHED, canonical, stem
from core.pipeline.graph.records import Agreement
from core.records import DefinedTerm
from ingest.profile.contract_date import date_in
from ingest.terms.labels import LABEL, REFERENCE

_NOUN = (
    r"(?:Agreements?|Leases?|Contracts?|Deeds?|Indentures?|Licen[cs]es?|Undertakings?|Guarant(?:y|ees?)|Notes?|Letters?"
    r"|Statements?\s+of\s+Work|Amendments?|Addendum|AGREEMENT|LEASE|CONTRACT|DEED|INDENTURE|LICEN[CS]E)"
)
_WORD = r"(?:[A-Z][\w&\u2019'/-]*|and|of|for|to|No\.|\d{1,2})"
_TITLE = rf"(?P<title>[A-Z][\w&\u2019'/-]*(?:\s+{_WORD}){{0,9}}?\s+{_NOUN}|{_NOUN})"
_DATED = re.compile(
    rf"\b{_TITLE}(?:,)?(?:\s+(?:between|among|by\s+and\s+between|made|entered\s+into)\b[^.;()]{{0,160}}?)?"
    r"[\s,]{1,5}(?:also\s+)?dated\b(?P<when>[^.;()]{0,60})"
)
_AMENDS = re.compile(
    r"(?i)\b(?:amendment|addendum|supplement|variation|waiver|side\s+letter|joinder)\b[^,;()]{0,30}?\s+to\s+(?:the\s+)?"
    r"(?P<title>[\w&\u2019' /-]{3,80})"
)
_WITHIN = (
    rf"(?:[\s,]{{1,5}}(?:of|to|in)\s+(?P<attached>(?i:schedule|exhibit|annex|appendix|attachment))"
    rf"\s+(?P<within>{LABEL}))?"
)
_OWN = re.compile(r"(?i)^(?:such|the|each|any|that)\b|\bthis\b")
MOST_NAMED = 40
"""The most other agreements of one contract; a list of hundreds is a schedule of contracts, not a relation."""


@dataclass(frozen=True, slots=True)
class OutwardReference:
    """Words at ``text[start:end]`` that name clause ``label`` of another agreement, by its number in the list."""

    start: int
    end: int
    agreement: int
    label: str


@dataclass(frozen=True, slots=True)
class OtherAgreements:
    """The agreements named, the offsets at which each is named, references to their clauses, and the one amended.

    ``amends`` is the number of the agreement that this contract amends, -1 where it amends none.
    """

    agreements: tuple[Agreement, ...] = ()
    named: tuple[tuple[int, int], ...] = ()
    references: tuple[OutwardReference, ...] = ()
    amends: int = -1


def find_other_agreements(text: str, title: str, terms: Sequence[DefinedTerm]) -> OtherAgreements:
    """What ``text`` says of other agreements.

    An agreement counts where its date is given ("the Master Services Agreement dated as of March 15, 2023"); what
    it is called from there on is the defined term introduced with it. An amendment's title names one too.

    Args:
        text: of the contract, signs made plain.
        title: of the contract.
        terms: that it defines.
    """
    found: dict[tuple[str, str], Agreement] = {}
    places: list[tuple[int, int]] = []
    for begin, agreement in _dated(text, terms):
        key = (agreement.title.casefold(), agreement.date)
        if key not in found and len(found) >= MOST_NAMED:
            break
        found.setdefault(key, agreement)
        places.append((list(found).index(key), begin))
    agreements = list(found.values())
    amends = _amended(title, agreements)
    references: list[OutwardReference] = []
    for number, agreement in enumerate(agreements):
        if agreement.alias:
            places += [(number, match.start()) for match in _word(agreement.alias).finditer(text)]
            references += _outward(text, number, agreement.alias)
    return OtherAgreements(tuple(agreements), tuple(sorted(set(places))), tuple(references), amends)


def _dated(text: str, terms: Sequence[DefinedTerm]) -> Iterator[tuple[int, Agreement]]:
    for match in _DATED.finditer(text):
        named = " ".join(match["title"].split())
        day = date_in(match["when"])
        if (
            not day
            or _OWN.search(named)
            or named.isupper()
            or text[max(0, match.start() - 6) : match.start()].strip().lower() == "this"
        ):
            continue
        yield match.start(), Agreement(named, day, _alias(text, match.start(), match.end(), terms))


def _alias(text: str, start: int, end: int, terms: Sequence[DefinedTerm]) -> str:
    """The defined term that a bracket right behind the date introduces, or that means this agreement."""
    bracket = re.match(
        r"[^.;()]{0,80}\([^()]{0,60}?[\"\u201c\u2018'](?P<term>[^\"\u201d\u2019'()]{2,60})[\"\u201d\u2019']",
        text[end : end + 200],
    )
    if bracket and any(term.term == bracket["term"] for term in terms):
        return bracket["term"]
    inside = [term for term in terms if term.start <= start < term.end and re.search(_NOUN, term.term)]
    return min(inside, key=lambda term: term.end - term.start).term if inside else ""


def _amended(title: str, agreements: list[Agreement]) -> int:
    """The number of the agreement that an amendment amends; it is added where the text gave no date of it."""
    match = _AMENDS.search(title)
    if match is None:
        return -1
    wanted = " ".join(match["title"].split()).casefold()
    for number, agreement in enumerate(agreements):
        if agreement.title.casefold().endswith(wanted) or wanted.endswith(agreement.title.casefold()):
            return number
    agreements.append(Agreement(" ".join(match["title"].split())))
    return len(agreements) - 1


def _outward(text: str, number: int, alias: str) -> Iterator[OutwardReference]:
    pattern = re.compile(
        rf"{REFERENCE}{_WITHIN}[\s,]{{1,5}}(?:of|to|in|under)\s+(?:the\s+)?{_spaced(alias)}\b"
    )
    for match in pattern.finditer(text):
        kind = match["kind"].strip().lower()
        within = f"{stem(match['attached'])} {canonical(match['within'])}" if match["attached"] else ""
        for one in re.finditer(LABEL, match["labels"]):
            label = canonical(one.group())
            if kind.startswith(ATTACHED):
                label = f"{stem(kind)} {label}"
            if kind.startswith("part"):
                label = f"part {label}"
            begin = match.start() if one.start() == 0 else match.start("labels") + one.start()
            yield OutwardReference(
                begin, match.start("labels") + one.end(), number, f"{within}/{label}" if within else label
            )


def _word(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_spaced(words)}(?!\w)")


def _spaced(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))
