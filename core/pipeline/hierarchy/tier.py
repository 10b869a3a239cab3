"""The cheapest tier that can answer a question: the contract's own particulars, a section it names, or the clauses."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.clause_labels import ATTACHMENT
from core.pipeline.hierarchy.labels import KINDS, LABEL, Label, read_label
from core.pipeline.hierarchy.periods import NOUN
from core.storage.tokens import tokenize


class Tier(StrEnum):
    """Where a question is answered."""

    CONTRACT = "contract"
    SECTION = "section"
    CLAUSE = "clause"


@dataclass(frozen=True, slots=True)
class Asked:
    """The tier of a question.

    Args:
        tier: where it can be answered.
        labels: the sections it names.
        alone: it asks what these say, and nothing else.
        law: it is about the governing law rather than title, date and parties.
    """

    tier: Tier
    labels: tuple[Label, ...] = ()
    alone: bool = False
    law: bool = False


_LAW: Final = re.compile(
    r"\bgoverning law\b|\b(?:which|what|whose)\b[^.?]{0,40}\blaws?\b[^.?]{0,25}\b(?:governs?|governed|applies|apply)\b"
    r"|\bgoverned by\b[^.?]{0,50}\blaws?\b|\b(?:under|by) (?:which|what) laws?\b",
    re.IGNORECASE,
)
_FRONT: Final = re.compile(
    r"\b(?:who|which|what|name|list)\b[^.?]{0,30}\b(?:counter)?part(?:y|ies)\b\s*(?:\?|$|(?:to|of|in)\b)"
    r"|\bwho (?:are|is) (?:the )?(?:part(?:y|ies)|signator(?:y|ies))\b|\bwho (?:has |have )?(?:signed|entered into)\b"
    r"|\b(?:when|on what date|what date|which date|what day)\b[^.?]{0,60}"
    r"\b(?:signed|dated|executed|entered into|concluded)\b"
    r"|\bwhat (?:is|was) the date of (?:the|this|our)\b|\bwhat (?:kind|type|sort) of (?:agreement|contract)\b"
    r"|\bwhat is the (?:title|name) of (?:the|this|our)\b",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"\b(?P<kind>{KINDS}|parts?)\s+(?:no\.?\s*)?(?P<labels>{LABEL}(?:(?:\s*,\s*|\s*,?\s+(?:and|or|to)\s+){LABEL})*)"
    rf"(?:\s+(?:of|in|to)\s+(?P<outer>{ATTACHMENT})\s+(?P<whose>{LABEL}))?",
    re.IGNORECASE,
)
_ONE: Final = re.compile(LABEL)
# "of the Harbour supply agreement", "in Brightwater's MSA"; then any other name.
_WHOSE: Final = re.compile(rf"\b(?:of|in|under|from)\s+(?:[\w&.\u2019'-]+\s+){{0,7}}?{NOUN}\b", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<=\s)[A-Z][\w\u2019'-]*")
_ASKING: Final = frozenset(
    tokenize(
        "say says state provide contain mean cover read show quote give tell explain open print summarise summarize"
        " summary text wording words full content please exactly agreement contract page deal section clause"
    )
)
MOST_LABELS: Final = 8
OPENED_IN: Final = 8
"""A section is opened by its number in so many contracts at most: in more its number says nothing."""


def tier_of(question: str) -> Asked:
    """The tier on which ``question`` can be answered, by its wording alone."""
    labels = [
        label
        for match in _NAMED.finditer(question)
        for one in _ONE.finditer(match["labels"])
        if (label := read_label(match["kind"], one.group(), match["outer"] or "", match["whose"] or ""))
        is not None
    ]
    if labels:
        return Asked(Tier.SECTION, tuple(dict.fromkeys(labels))[:MOST_LABELS], alone=_alone(question))
    if _LAW.search(question):
        return Asked(Tier.CONTRACT, law=True)
    return Asked(Tier.CONTRACT) if _FRONT.search(question) else Asked(Tier.CLAUSE)


def _alone(question: str) -> bool:
    """Whether nothing is left of ``question`` but the wish to see what its sections say."""
    rest = _NAME.sub(" ", _WHOSE.sub(" ", _NAMED.sub(" ", question)))
    return set(tokenize(rest)) <= _ASKING
