"""What a question plainly names: parties and titles, kinds of contract, dates, laws."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.contract_types import find_types
from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.mention import Kind, Mention
from core.pipeline.hierarchy.names import find_names
from core.pipeline.hierarchy.particulars import find_dates, find_kinds, find_laws
from core.pipeline.hierarchy.periods import NOUN
from core.pipeline.hierarchy.words import UNTOLD, words_of

_NEGATED: Final = re.compile(
    r"\b(?:other than|except(?:ing)?(?: for)?|excluding|apart from|aside from|besides|outside|without|but not|not"
    r"|rather than|instead of)\s+(?:in |under |for |by |to )?(?:(?:the|our|any|this|that)\s+)?(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
# Whoever asks which contracts mention somebody does not mean only the contracts with them.
_MENTIONED: Final = re.compile(r"\b(?:mention|refer(?:s|ring)? to|name[sd]?\b|cite|allude)", re.IGNORECASE)
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
    kinds = tuple(find_kinds(question, index))
    names = tuple(find_names(question, index, [(one.start, one.end) for one in find_laws(question, index)]))
    dates = () if _YES_OR_NO.match(question) else tuple(find_dates(question, index))
    laws = tuple(find_laws(question, index)) if _PLURAL.search(question) and not names else ()
    kinds = tuple(one for one in kinds if not _of_another(question, one, names))
    found = (*names, *kinds, *dates, *laws)
    negated = any(_NEGATED.search(question[: one.start]) for one in found)
    if names and _MENTIONED.search(question[: names[0].start]):
        found = tuple(one for one in found if one.kind is not Kind.NAME)
    ordered = tuple(sorted(found, key=lambda one: one.start))
    return Mentions(ordered, negated or _incomplete(question, ordered))


def _of_another(question: str, kind: Mention, names: Sequence[Mention]) -> bool:
    """Whether a kind is described by a name that no contract has, as in "the Orion distribution agreement"."""
    words = words_of(question[kind.start : kind.end])
    return any(
        word.capital
        and word.folded not in UNTOLD
        and not find_types(word.folded)
        and not any(one.start <= kind.start + word.start < one.end for one in names)
        for word in words
    )


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
