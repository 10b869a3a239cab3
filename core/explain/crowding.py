"""The crowding guard: one contract, or the same boilerplate again and again, in most of the kept places."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.records import Inquiry, Judged, Ranking, Selection, Verdict

FEWEST = 3
MOST_OF = 0.6
SHINGLE_WORDS = 4
# Of 6,960 pairs of candidates from 53 CUAD contracts, the ten at 0.41 and more were the same clause with other
# names and figures; the next ones, at 0.31 and below, were not.
SAME_WORDS = 0.4

_WORD = re.compile(r"[^\W\d_]+")


class Crowd(StrEnum):
    """What takes most of the places."""

    CONTRACT = "one contract"
    BOILERPLATE = "near-identical passages"


@dataclass(frozen=True, slots=True)
class Crowding:
    """Most of the kept places are taken by one contract or by one text.

    Args:
        kind: which of both.
        ranks: of the passages concerned, best first.
        kept: how many passages are kept in all.
        contract_title: of the contract, empty for boilerplate.
        elsewhere: other contracts with a candidate above the minimum that hold no place now.
        best_of_each_helps: whether keeping the best of each contract would bring in other contracts.
    """

    kind: Crowd
    ranks: tuple[int, ...]
    kept: int
    contract_title: str
    elsewhere: int
    best_of_each_helps: bool


def crowding(inquiry: Inquiry, ranking: Ranking) -> tuple[Crowding, ...]:
    """What crowds the kept places, at most one of each kind.

    One contract counts only where other contracts have candidates that reach the minimum; a question to one
    contract is never said to be crowded by it. What a reader promoted is the reader's own choice and not counted.
    """
    kept = [one for one in ranking.kept if one.verdict is Verdict.KEPT]
    needed = max(FEWEST, math.ceil(MOST_OF * len(kept)))
    holding = {one.candidate.chunk.contract_id for one in kept}
    elsewhere = {
        one.candidate.chunk.contract_id
        for one in ranking.discarded
        if one.relevance >= inquiry.minimum_relevance
    } - holding
    helps = bool(elsewhere) and inquiry.selection is Selection.BEST
    found: list[Crowding] = []
    contract = _largest_contract(kept)
    if len(contract) >= needed and elsewhere:
        title = contract[0].candidate.contract_title
        found.append(Crowding(Crowd.CONTRACT, _ranks(contract), len(kept), title, len(elsewhere), helps))
    same = _largest_group_alike(kept)
    if len(same) >= needed:
        found.append(Crowding(Crowd.BOILERPLATE, _ranks(same), len(kept), "", len(elsewhere), helps))
    return tuple(found)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of four words of a text, in lower case, without figures and punctuation.

    A text of fewer words is one shingle.
    """
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < SHINGLE_WORDS:
        return frozenset({tuple(words)}) if words else frozenset()
    return frozenset(
        tuple(words[start : start + SHINGLE_WORDS]) for start in range(len(words) - SHINGLE_WORDS + 1)
    )


def similarity(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Jaccard's index: shingles that both have, of those that either has; 0 where both are empty."""
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def _largest_contract(kept: Sequence[Judged]) -> list[Judged]:
    counts = Counter(one.candidate.chunk.contract_id for one in kept)
    if not counts:
        return []
    (contract_id, _), *_ = counts.most_common(1)
    return [one for one in kept if one.candidate.chunk.contract_id == contract_id]


def _largest_group_alike(kept: Sequence[Judged]) -> list[Judged]:
    """The passage with the most near-identical ones, and those."""
    texts = [shingles(one.candidate.chunk.text) for one in kept]
    groups = [
        [other for at, other in enumerate(kept) if similarity(text, texts[at]) >= SAME_WORDS]
        for text in texts
    ]
    return max(groups, key=len, default=[])


def _ranks(group: Sequence[Judged]) -> tuple[int, ...]:
    return tuple(one.rank for one in group)
