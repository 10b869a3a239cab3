"""From seeds to chunks: the part of the graph that matters, the walk over it, and the way to each chunk in words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pipeline.graph.page_rank import Vector, page_rank, strongest_ways, transitions
from core.pipeline.graph.records import EdgeKind
from core.pipeline.graph.seeds import Seed
from core.pipeline.graph.whole import LibraryGraph
from core.pipeline.graph.words import way_in_words

MOST_CONTRACTS = 150
LONGEST_WAY = 8


@dataclass(frozen=True, slots=True)
class Weights:
    """How readily the walk takes an edge of each kind."""

    contains: float = 0.5
    defined_in: float = 2.0
    uses: float = 1.0
    refers: float = 3.0
    names: float = 1.0
    amends: float = 2.0
    party: float = 0.5
    fact: float = 1.0

    @property
    def by_kind(self) -> Vector:
        """The weights in the order of ``EdgeKind``."""
        kinds = {kind: getattr(self, kind.name.lower()) for kind in EdgeKind}
        return np.asarray([kinds[kind] for kind in EdgeKind], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Reached:
    """A chunk that the walk reached: its share of the walker's time, and the way there in words."""

    chunk_id: str
    share: float
    way: tuple[str, ...]


def walk(
    graph: LibraryGraph,
    seeds: Sequence[Seed],
    contracts: Collection[int],
    damping: float,
    limit: int,
    weights: Weights = Weights(),
) -> tuple[Reached, ...]:
    """The ``limit`` chunks at which the walker spends most time, the best first.

    Only contracts that hold a seed, or are joined to such a one, take part: what is not joined to a seed has no
    share. Of very many contracts those with the heaviest seeds take part.

    Args:
        graph: of the whole library.
        seeds: where the walk begins.
        contracts: numbers of the contracts that may be searched; the walk never leaves them.
        damping: how probably the walker goes on.
        limit: the most chunks.
        weights: of the kinds of edges.
    """
    chosen = _chosen(graph, seeds, contracts)
    part = _Part.of(graph, chosen)
    start = np.zeros(len(part.nodes))
    words: dict[int, str] = {}
    for seed in sorted(seeds, key=lambda seed: seed.weight):
        position = part.position(seed.node)
        if position is not None:
            start[position] += seed.weight
            words[seed.node] = seed.words
    if not start.sum():
        return ()
    steps = transitions(part.edges, part.weights(weights), len(part.nodes))
    rank = page_rank(steps, start, damping)
    chunks = np.flatnonzero(part.is_chunk & (rank > 0))
    best = chunks[np.lexsort((chunks, -rank[chunks]))][:limit]
    before = strongest_ways(steps, start, damping)
    return tuple(
        Reached(
            graph.chunk_id(int(part.nodes[at])),
            float(rank[at]),
            way_in_words(graph, part.nodes[_way(before, int(at))].tolist(), words),
        )
        for at in best
    )


def _way(before: NDArray[np.int64], end: int) -> list[int]:
    way = [end]
    while before[way[-1]] >= 0 and len(way) < LONGEST_WAY:
        way.append(int(before[way[-1]]))
    return way[::-1]


def _chosen(graph: LibraryGraph, seeds: Sequence[Seed], contracts: Collection[int]) -> list[int]:
    """The contracts of the heaviest seeds, and those joined to them by an amendment or a name."""
    mass: dict[int, float] = {}
    owners = graph.contract_of(np.asarray([seed.node for seed in seeds], dtype=np.int64)).tolist()
    for seed, owner in zip(seeds, owners, strict=True):
        if owner in contracts:
            mass[owner] = mass.get(owner, 0.0) + seed.weight
    chosen = sorted(mass, key=lambda owner: (-mass[owner], owner))[:MOST_CONTRACTS]
    within = set(chosen)
    for begin, end in _pairs(graph):
        if begin in within and end in contracts:
            chosen.append(end)
        if end in within and begin in contracts:
            chosen.append(begin)
    return sorted(set(chosen))


def _pairs(graph: LibraryGraph) -> list[tuple[int, int]]:
    between = graph.links[graph.links[:, 2] != EdgeKind.PARTY]
    begin, end = (
        graph.contract_of(between[:, 0].astype(np.int64)),
        graph.contract_of(between[:, 1].astype(np.int64)),
    )
    return list(zip(begin.tolist(), end.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Part:
    """The nodes and edges of some contracts, with the parties; edges name positions in ``nodes``."""

    nodes: NDArray[np.int64]
    edges: NDArray[np.int64]
    kinds: NDArray[np.int64]
    is_chunk: NDArray[np.bool_]

    @classmethod
    def of(cls, graph: LibraryGraph, chosen: Sequence[int]) -> "_Part":
        first = graph.first
        party = np.arange(len(graph.parties), dtype=np.int64) + first[-1]
        nodes = np.concatenate([*(np.arange(first[one], first[one + 1]) for one in chosen), party])
        inner = [graph.edges[graph.first_edge[one] : graph.first_edge[one + 1]] for one in chosen]
        edges = np.concatenate([*inner, graph.links]).astype(np.int64)
        positions = np.searchsorted(nodes, edges[:, :2])
        positions[positions == len(nodes)] = 0
        kept = (nodes[positions] == edges[:, :2]).all(axis=1) if len(nodes) else np.zeros(0, dtype=np.bool_)
        chunk = np.zeros(len(nodes), dtype=np.bool_)
        begin = 0
        for one in chosen:
            chunk[begin + 1 : begin + 1 + graph.entries[one].chunks] = True
            begin += graph.entries[one].nodes
        return cls(nodes, positions[kept], edges[kept, 2], chunk)

    def position(self, node: int) -> int | None:
        at = int(np.searchsorted(self.nodes, node))
        return at if at < len(self.nodes) and self.nodes[at] == node else None

    def weights(self, weights: Weights) -> Vector:
        """Of each edge: that of its kind; what leads to a common term counts less."""
        given = weights.by_kind[self.kinds]
        uses = np.isin(self.kinds, (EdgeKind.USES, EdgeKind.FACT))
        spread = np.bincount(self.edges[uses, 1], minlength=len(self.nodes)).astype(np.float64)
        given[uses] /= np.sqrt(spread[self.edges[uses, 1]])
        return np.asarray(given)
