"""The loop without a model: search every part, follow what its best passages refer to, search weak parts again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.conversation.key_terms import key_terms
from core.pipeline.agent.actions import PLAN, Path, Searched, followed, in_order, leg_of, search
from core.pipeline.agent.budget import Budget
from core.pipeline.agent.reading import Reading
from core.pipeline.records import Leg
from core.pipeline.tools import Tools
from core.records import Chunk, Part

# The best passages of a part whose references and terms are followed, and how many of these are taken in all.
SEEDS: Final = 5
MOST_FOLLOWED: Final = 24
PART_WEIGHT: Final = 0.7
FOLLOWED_WEIGHT: Final = 0.8
AGAIN_WEIGHT: Final = 0.5


@dataclass
class Loop:
    """A question, what the loop works with, and what it has found so far.

    Args:
        question, scope: as they were put; an empty scope is every contract.
        parts: of the question; a simple one is one part.
        tools, budget, reading: what it works with.
        weak: a part whose nearest passage has a lower cosine is searched again.
        found: what the search for each part found.
        legs: of every action that found chunks.
        part: the part that the model last searched for, None for the whole.
    """

    question: str
    scope: tuple[str, ...]
    parts: tuple[Part, ...]
    tools: Tools
    budget: Budget
    reading: Reading
    weak: float
    found: dict[Part, Searched] = field(default_factory=dict)
    legs: list[Leg] = field(default_factory=list)
    part: Part | None = None

    @property
    def simple(self) -> bool:
        """Whether the question is one part: the modules beside the loop search for it already."""
        return len(self.parts) == 1

    def way(self, part: Part | None) -> Path:
        """The first step of the path to what was found for a part, such as ``part 2: Is it capped?``."""
        return () if part is None or self.simple else (f"part {self.parts.index(part) + 1}: {part.name}",)

    def part_of_leg(self, part: Part | None) -> Part | None:
        """The part as legs name it: a simple question is taken as a whole."""
        return None if self.simple else part


def search_parts(loop: Loop) -> None:
    """Search every part. Contracts that are compared are one step: each of them costs some milliseconds."""
    by_contract = all(part.contract_ids for part in loop.parts)
    for number, part in enumerate(loop.parts, start=1):
        if not loop.simple and (number == 1 or not by_contract):
            words = f"searching part {number} of {len(loop.parts)}: {part.name}"
            if by_contract:
                words = f"searching {len(loop.parts)} contracts one by one"
            if not loop.budget.take(words):
                return
        result = search(part.text, part.contract_ids or loop.scope, loop.tools)
        loop.found[part] = result
        if not loop.simple:
            paths = dict.fromkeys((hit.chunk_id for hit in result.hits), loop.way(part))
            loop.legs.append(leg_of(part.text, result.hits, paths, PLAN, PART_WEIGHT, part))


def follow_best(loop: Loop) -> None:
    """Take up what the best passages of every part refer to, and the definitions of the terms that they use."""
    seeds = {part: _best(searched, loop) for part, searched in loop.found.items()}
    leads = any(next(loop.reading.links(chunk), None) for chunks in seeds.values() for chunk in chunks)
    if not leads or not loop.budget.take("following cross-references and defined terms of the best passages"):
        return
    most = max(1, MOST_FOLLOWED // len(seeds))
    for part, chunks in seeds.items():
        paths = followed(chunks, most, loop.way(part), loop.reading)
        if paths:
            hits, whose = in_order(paths), loop.part_of_leg(part)
            loop.legs.append(leg_of(part.text, hits, paths, PLAN, FOLLOWED_WEIGHT, whose))


def search_weak_again(loop: Loop) -> None:
    """Search again, by its key terms, for every part to which no passage comes near."""
    for part, searched in loop.found.items():
        terms = ", ".join(key_terms(part.text))
        if loop.simple or part.contract_ids or searched.nearest >= loop.weak or not terms:
            continue
        if not loop.budget.take(f"little found for {part.name}; searching again for {terms}"):
            return
        again = search(terms, part.contract_ids or loop.scope, loop.tools)
        path = (*loop.way(part), "searched again by its key terms")
        paths = dict.fromkeys((hit.chunk_id for hit in again.hits), path)
        loop.legs.append(leg_of(terms, again.hits, paths, PLAN, AGAIN_WEIGHT, part))


def _best(searched: Searched, loop: Loop) -> Sequence[Chunk]:
    best = [hit.chunk_id for hit in searched.hits[:SEEDS]]
    chunks = loop.tools.shelf.chunks(best)
    return [chunks[chunk_id] for chunk_id in best if chunk_id in chunks]
