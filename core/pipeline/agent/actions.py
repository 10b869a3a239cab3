"""What a loop can do, each a plain function that gives a leg: search, search every contract, follow what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.fuse import reciprocal_rank_fusion
from core.pipeline.agent.reading import Link, Reading, place_of
from core.pipeline.records import Formulation, Leg
from core.pipeline.tools import Tools
from core.records import Chunk, Hit, Part
from core.storage.tokens import tokenize

AGENT: Final = "agent"
PLAN: Final = "plan"


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found, best first, and the cosine of the nearest vector (0 where nothing was found)."""

    hits: tuple[Hit, ...]
    nearest: float


def search(text: str, contract_ids: Sequence[str], tools: Tools) -> Searched:
    """The chunks nearest to ``text`` and those with its words, fused by rank; an empty scope is every contract."""
    scope = tuple(contract_ids) or None
    near = tools.shelf.dense(text, tools.encoder, tools.limit, scope)
    words = tools.shelf.bm25(tokenize(text), tools.limit, scope)
    fused = reciprocal_rank_fusion([near, words], tools.rrf_k)[: tools.limit]
    return Searched(fused, near[0].score if near else 0.0)


def part_leg(
    part: Part, hits: Sequence[Hit], path: str, origin: str = PLAN, weight: float = 1.0, text: str = ""
) -> Leg:
    """What a search for a part of the question found."""
    wording = Formulation(text or part.text, origin, weight=weight)
    return Leg(AGENT, wording, tuple(hits), {hit.chunk_id: (path,) for hit in hits}, part=part)


def follow(
    part: Part, path: str, seeds: Sequence[Chunk], most: int, weight: float, reading: Reading
) -> Leg | None:
    """The chunks to which the best passages of a part lead, one hop, the best passage's first; None for none."""
    links: dict[str, tuple[str, ...]] = {}
    known = {chunk.chunk_id for chunk in seeds}
    for chunk, link in _by_turns(seeds, reading):
        if len(links) == most:
            break
        if link.chunk.chunk_id not in known:
            links.setdefault(link.chunk.chunk_id, (path, place_of(chunk), link.said))
    if not links:
        return None
    found = tuple(Hit(chunk_id, rank, 1.0 / rank) for rank, chunk_id in enumerate(links, start=1))
    return Leg(AGENT, Formulation(part.text, PLAN, weight=weight), found, links, part=part)


def _by_turns(chunks: Sequence[Chunk], reading: Reading) -> list[tuple[Chunk, Link]]:
    """The links of ``chunks``: first one of each, then another of each, so that no passage takes every place."""
    rows = [[(chunk, link) for link in reading.links(chunk)] for chunk in chunks]
    return [row[turn] for turn in range(max(map(len, rows), default=0)) for row in rows if turn < len(row)]
