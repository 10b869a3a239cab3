"""What a loop can do, as plain functions: search, take up what passages lead to, and make a leg of either."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.fuse import reciprocal_rank_fusion
from core.pipeline.agent.reading import Link, Reading, place_of
from core.pipeline.records import Formulation, Leg
from core.pipeline.tools import Tools
from core.records import Chunk, Hit, Part
from core.storage.tokens import tokenize

# Who wrote a wording: the plan that took the question apart, or the model that planned the search.
PLAN: Final = "plan"
AGENT: Final = "agent"
Path = tuple[str, ...]


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


def leg_of(
    wording: str,
    hits: Sequence[Hit],
    paths: Mapping[str, Path],
    origin: str,
    weight: float,
    part: Part | None,
) -> Leg:
    """The leg of one action; ``paths`` says by chunk id how each was reached."""
    return Leg(AGENT, Formulation(wording, origin, weight=weight), tuple(hits), paths, part=part)


def in_order(chunk_ids: Iterable[str]) -> tuple[Hit, ...]:
    """Chunks that were not searched but taken up, as hits in their order."""
    return tuple(Hit(chunk_id, rank, 1.0 / rank) for rank, chunk_id in enumerate(chunk_ids, start=1))


def followed(seeds: Sequence[Chunk], most: int, way: Path, reading: Reading) -> dict[str, Path]:
    """The chunks to which ``seeds`` lead, one hop, with the path to each; ``way`` is how the seeds were reached."""
    known = {chunk.chunk_id for chunk in seeds}
    paths: dict[str, Path] = {}
    for chunk, link in _by_turns(seeds, reading):
        if len(paths) == most:
            break
        if link.chunk.chunk_id not in known:
            paths.setdefault(link.chunk.chunk_id, (*way, place_of(chunk), link.said))
    return paths


def _by_turns(chunks: Sequence[Chunk], reading: Reading) -> list[tuple[Chunk, Link]]:
    """The links of ``chunks``: first one of each, then another of each, so that no passage takes every place."""
    rows = [[(chunk, link) for link in reading.links(chunk)] for chunk in chunks]
    return [row[turn] for turn in range(max(map(len, rows), default=0)) for row in rows if turn < len(row)]
