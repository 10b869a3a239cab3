"""What a question plainly names: parties and titles, kinds of contract, dates, laws."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from core.contract_types import find_types
from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.outline import digests
from core.pipeline.hierarchy.periods import NOUN, find_periods
from core.pipeline.hierarchy.postings import Rows
from core.pipeline.hierarchy.words import CONTRACT_WORDS, PLACES, ROLES, UNTOLD, Word, words_of

_NEGATED: Final = re.compile(
    r"\b(?:other than|except(?:ing)?(?: for)?|excluding|apart from|aside from|besides|outside|without|but not|not"
    r"|rather than|instead of)\s+(?:in |under |for |by |to )?(?:(?:the|our|any|this|that)\s+)?(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
# Whoever asks which contracts mention somebody does not mean only the contracts with them.
_MENTIONED: Final = re.compile(r"\b(?:mention|refer(?:s|ring)? to|name[sd]?\b|cite|allude)", re.IGNORECASE)
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
_LAW: Final = re.compile(
    r"\b(?:governed by|subject to|under)\s+(?:the\s+)?(?:laws?\s+of\s+)?(?:the\s+)?(?:state\s+of\s+)?"
    r"(?P<place>[A-Z][\w]+(?:\s+(?:and\s+)?[A-Z]\w+){0,3})(?P<law>\s+laws?\b)?"
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
_YES_OR_NO: Final = re.compile(
    r"\s*(?:is|are|was|were|did|does|do|has|have|had|can|could|may|must)\b", re.IGNORECASE
)
_PLURAL: Final = re.compile(r"\b(?:agreements|contracts|deals|leases|licen[cs]es|ndas)\b", re.IGNORECASE)


_COMPARED: Final = re.compile(
    r"\b(?:each of|which of|compare|between|both|versus|against|of)\s+(?=the\b|our\b)", re.IGNORECASE
)
_JOINT: Final = re.compile(r"\s*[,;]\s*(?:and|or)?\s*|\s+(?:and|or|versus|vs\.?|against)\s+", re.IGNORECASE)
_ANOTHER: Final = re.compile(
    r"(?:\W+\w+){0,3}?\W+(?:and|or|with|against|than|versus|vs)\s+(?:that (?:of|in|for) )?(?:the|our)\s+"
    rf"(?:[\w-]+\s+){{1,3}}{NOUN}\b",
    re.IGNORECASE,
)


class Kind(StrEnum):
    """What is mentioned."""

    NAME = "name"
    TYPE = "type"
    DATE = "date"
    LAW = "law"


@dataclass(frozen=True)
class Mention:
    """Words of a question, at ``question[start:end]``, and the contracts that they may mean.

    ``unsaid`` are contracts that say nothing about it, and so may be meant as well.
    """

    kind: Kind
    words: str
    start: int
    end: int
    rows: Rows
    unsaid: Rows


@dataclass(frozen=True)
class Mentions:
    """All mentions in the order of the question.

    ``doubtful`` says that they are not all that is meant: one of them is excepted, or stands in a list with something
    unknown.
    """

    found: tuple[Mention, ...]
    doubtful: bool = False


def find_mentions(question: str, index: ContractIndex) -> Mentions:
    """What ``question`` names of what ``index`` knows; words that stand in no contract's names are no mention."""
    kinds = tuple(_types(question, index))
    names = tuple(_names(question, index, [(one.start, one.end) for one in _laws(question, index)]))
    dates = () if _YES_OR_NO.match(question) else tuple(_dates(question, index))
    laws = tuple(_laws(question, index)) if _PLURAL.search(question) and not names else ()
    found = (*names, *kinds, *dates, *laws)
    negated = any(_NEGATED.search(question[: one.start]) for one in found)
    if names and _MENTIONED.search(question[: names[0].start]):
        found = tuple(one for one in found if one.kind is not Kind.NAME)
    ordered = tuple(sorted(found, key=lambda one: one.start))
    return Mentions(ordered, negated or _incomplete(question, ordered))


def _incomplete(question: str, found: Sequence[Mention]) -> bool:
    """Whether a list of contracts, such as "each of the German agency, the Orion deal ...", names an unknown one."""
    if not found:
        return False
    last = found[-1].end
    if _ANOTHER.match(question, last):
        return True
    for cue in _COMPARED.finditer(question, 0, found[0].start):
        if not _JOINT.search(question, cue.end(), last):
            continue
        begin = cue.end()
        for joint in (*_JOINT.finditer(question, begin, last), None):
            end = joint.start() if joint else last
            if not any(begin <= one.start < end or one.start <= begin < one.end for one in found):
                return True
            begin = joint.end() if joint else end
    return False


def _names(question: str, index: ContractIndex, elsewhere: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    words = [
        word for word in words_of(question) if not any(begin <= word.start < end for begin, end in elsewhere)
    ]
    at = 0
    while at < len(words):
        length, of = _longest(words[at:], index)
        run = words[at : at + length]
        if length and _is_name(question, run, words[at + length :], of, index):
            rows = _with_openings(np.unique(index.name_rows[of]), run, index)
            yield Mention(
                Kind.NAME, question[run[0].start : run[-1].end], run[0].start, run[-1].end, rows, rows[:0]
            )
        at += max(1, length)


def _longest(words: Sequence[Word], index: ContractIndex) -> tuple[int, Rows]:
    """How many of ``words`` from the first stand together in a name, and in which names."""
    names, length = index.name_rows[:0], 0
    for word in words:
        holding = index.names.holding(word.folded)
        both = holding if length == 0 else np.intersect1d(names, holding, assume_unique=True)
        if not len(both):
            break
        names, length = both, length + 1
    return length, names


def _is_name(
    question: str, run: Sequence[Word], rest: Sequence[Word], names: Rows, index: ContractIndex
) -> bool:
    telling = [word for word in run if word.folded not in UNTOLD and not word.folded.isdigit()]
    cased = _cased(question)
    if not telling:
        # Network Solutions: ordinary words, but a whole name and written as one.
        whole = bool(np.any(index.names.lengths[names] == len({word.folded for word in run})))
        known = {word.folded for word in run} - ROLES - CONTRACT_WORDS - PLACES
        return len(run) > 1 and whole and bool(known) and cased and all(word.capital for word in run)
    ordinary = np.isin(digests([word.folded for word in telling]), index.ordinary).tolist()
    own = [word for word, common in zip(telling, ordinary, strict=True) if not common]
    if any(word.capital for word in own) and cased:
        return True
    if len(own) == len(run) and _stands_for_contract(question, run):
        return True
    if len(run) > 1:
        return cased and all(word.capital for word in run)
    first = question[: run[0].start].strip() == "" or question[: run[0].start].rstrip()[-1] in ".?!:"
    follows = rest[0] if rest and rest[0].start - run[-1].end < 3 else None
    foreign = follows is not None and follows.capital and follows.folded not in CONTRACT_WORDS
    return cased and run[0].capital and not first and not foreign and _stands_for_contract(question, run)


def _stands_for_contract(question: str, run: Sequence[Word]) -> bool:
    """Whether "agreement", "lease" or the like follows within three words."""
    return re.match(rf"(?:\W+[\w&-]+){{0,2}}?\W+{NOUN}\b", question[run[-1].end :], re.IGNORECASE) is not None


def _cased(question: str) -> bool:
    """Whether capitals mean something in ``question``: some letters are small, and some words begin with one."""
    words = [match.group() for match in re.finditer(r"[^\W\d_]+", question)]
    small = sum(word[0].islower() for word in words)
    return any(word[0].isupper() for word in words) and 3 * small >= len(words)


def _with_openings(rows: Rows, run: Sequence[Word], index: ContractIndex) -> Rows:
    """``rows`` and the contracts that have these words, with capitals, on their first pages."""
    found = index.opening.holding(run[0].folded)
    for word in run[1:]:
        found = np.intersect1d(found, index.opening.holding(word.folded), assume_unique=True)
    return np.union1d(rows, found)


def _types(question: str, index: ContractIndex) -> Iterator[Mention]:
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


def _dates(question: str, index: ContractIndex) -> Iterator[Mention]:
    for period in find_periods(question):
        rows = [row for row, date in enumerate(index.dates) if date and period.begin <= date <= period.end]
        if rows:
            unsaid = [row for row, date in enumerate(index.dates) if not date]
            words = question[period.start : period.stop]
            yield Mention(Kind.DATE, words, period.start, period.stop, _rows(rows), _rows(unsaid))


def _laws(question: str, index: ContractIndex) -> Iterator[Mention]:
    for match in _LAW.finditer(question):
        wanted = match["place"].casefold()
        wanted = _LAWS.get(wanted, wanted)
        if "law" not in match.group().casefold() and "governed" not in match.group().casefold():
            continue
        rows = [row for row, law in enumerate(index.laws) if law and _same_place(law.casefold(), wanted)]
        if rows:
            unsaid = [row for row, law in enumerate(index.laws) if not law]
            start, end = match.span("place")
            yield Mention(Kind.LAW, f"{match['place']} law", start, end, _rows(rows), _rows(unsaid))


def _same_place(law: str, wanted: str) -> bool:
    return law == wanted or law.startswith(f"{wanted} ") or wanted.startswith(f"{law} ")


def _rows(rows: Sequence[int]) -> Rows:
    return np.asarray(rows, dtype=np.int64)
