"""The loop without a model: search every part, follow what its best passages refer to, search weak parts again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.conversation.key_terms import key_terms
from core.pipeline.agent.actions import PLAN, Searched, follow, part_leg, search
from core.pipeline.agent.budget import Budget
from core.pipeline.agent.reading import Reading
from core.pipeline.records import Leg
from core.pipeline.tools import Tools
from core.records import Chunk, Part

# The best passages of a part whose references and terms are followed, and how many of these at most.
SEEDS: Final = 5
MOST_FOLLOWED: Final = 24
PART_WEIGHT: Final = 0.7
FOLLOWED_WEIGHT: Final = 0.8
AGAIN_WEIGHT: Final = 0.5


@dataclass
class Loop:
    """What a loop has found so far.

    Args:
        question, scope: as they were put; an empty scope is every contract.
        tools, budget, reading: what it works with.
        weak: a part whose nearest passage has a lower cosine is searched again.
    """

    question: str
    scope: tuple[str, ...]
    tools: Tools
    budget: Budget
    reading: Reading
    weak: float
    legs: list[Leg] = field(default_factory=list)


def explore(parts: Sequence[Part], loop: Loop) -> None:
    """Search the parts, follow the best of each, and reflect; every leg is added to ``loop.legs``."""
    if len(parts) == 1:
        whole = Part(loop.question, loop.question, loop.scope)
        found = {whole: search(loop.question, loop.scope, loop.tools)}
        _follow_all(found, loop, alone=True)
        return
    found = _search_all(parts, loop)
    _follow_all(found, loop)
    _reflect(found, loop)


def _search_all(parts: Sequence[Part], loop: Loop) -> dict[Part, Searched]:
    """Contracts that are compared are one step: each of them costs some milliseconds."""
    found: dict[Part, Searched] = {}
    by_contract = all(part.contract_ids for part in parts)
    for number, part in enumerate(parts, start=1):
        if by_contract and number == 1:
            words = f"searching {len(parts)} contracts one by one"
        else:
            words = f"searching part {number} of {len(parts)}: {part.name}"
        if (not by_contract or number == 1) and not loop.budget.take(words):
            break
        result = search(part.text, part.contract_ids or loop.scope, loop.tools)
        found[part] = result
        loop.legs.append(part_leg(part, result.hits, path_of(part, parts), PLAN, PART_WEIGHT))
    return found


def _follow_all(found: dict[Part, Searched], loop: Loop, *, alone: bool = False) -> None:
    if not found or not loop.budget.take("following cross-references and defined terms of the best passages"):
        return
    most = max(1, MOST_FOLLOWED // len(found))
    for part, searched in found.items():
        path = "" if alone else path_of(part, list(found))
        leg = follow(part, path, _seeds(searched, loop), most, FOLLOWED_WEIGHT, loop.reading)
        if leg is not None:
            loop.legs.append(leg)


def _reflect(found: dict[Part, Searched], loop: Loop) -> None:
    parts = list(found)
    for part, searched in found.items():
        terms = ", ".join(key_terms(part.text))
        if part.contract_ids or searched.nearest >= loop.weak or not terms:
            continue
        if not loop.budget.take(f"little found for {part.name}; searching again for {terms}"):
            return
        again = search(terms, part.contract_ids or loop.scope, loop.tools)
        path = f"{path_of(part, parts)}, searched again by its key terms"
        loop.legs.append(part_leg(part, again.hits, path, PLAN, AGAIN_WEIGHT, terms))


def _seeds(searched: Searched, loop: Loop) -> list[Chunk]:
    best = [hit.chunk_id for hit in searched.hits[:SEEDS]]
    chunks = loop.tools.shelf.chunks(best)
    return [chunks[chunk_id] for chunk_id in best if chunk_id in chunks]


def path_of(part: Part, parts: Sequence[Part]) -> str:
    """The first step of a path, such as ``part 2: Is it capped?``."""
    return f"part {list(parts).index(part) + 1}: {part.name}"
