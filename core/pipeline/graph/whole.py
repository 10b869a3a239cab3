"""The graph of the whole library: the parts of all contracts one after another, and what joins contracts."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.pipeline.graph.called import Called
from core.pipeline.graph.linking import links_between
from core.pipeline.graph.records import EdgeKind, Edges, Entry, Names, decode, names_of
from core.storage.derived import Facts

Nodes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LibraryGraph:
    """Every contract's nodes, numbered one contract after another; the last ones are parties.

    Args:
        contract_ids: in the order of their nodes.
        entries: of each contract.
        first: shape (contracts + 1): number of each contract's first node; the last is the first party's.
        edges: shape (edges, 3), in the order of the contracts: from, to, kind.
        first_edge: shape (contracts + 1): where each contract's edges begin.
        links: shape (links, 3): edges between contracts, and from contracts to parties.
        chunk_ids: shape (chunks, 16): UUIDs as bytes, in the order of the chunks' nodes.
        first_chunk: shape (contracts + 1): where each contract's chunk ids begin.
        terms: the nodes of the defined terms with these stems.
        parties: the node of every party, by name; ``party_names`` the name of each such node.
        called: which contracts a party's or a title's words name.
        uses: shape (nodes): how often each term is used or spoken of.
        names: the stored names of each contract.
        outward: the words of a reference to another contract, by both nodes.
    """

    contract_ids: tuple[str, ...]
    entries: tuple[Entry, ...]
    first: Nodes
    edges: Edges
    first_edge: Nodes
    links: Edges
    chunk_ids: NDArray[np.uint8]
    first_chunk: Nodes
    terms: Mapping[str, list[int]]
    parties: Mapping[str, int]
    party_names: Mapping[int, str]
    called: Called
    uses: Nodes
    names: tuple[bytes, ...]
    outward: Mapping[tuple[int, int], str]

    def contract_of(self, nodes: Nodes) -> Nodes:
        """The number of the contract of each node; parties have the number behind the last contract."""
        return np.asarray(np.searchsorted(self.first, nodes, side="right") - 1)

    def contract_of_each(self, nodes: Sequence[int]) -> list[int]:
        """``contract_of`` for numbers that are in no array."""
        found: list[int] = self.contract_of(np.asarray(nodes, dtype=np.int64)).tolist()
        return found

    def names_of(self, contract: int) -> Names:
        """The names of a contract's nodes."""
        return _names(self.names[contract])

    def chunk_id(self, node: int) -> str:
        """The id of the chunk that is this node."""
        contract = int(self.contract_of(np.asarray([node]))[0])
        row = self.first_chunk[contract] + node - self.first[contract] - 1
        return str(uuid.UUID(bytes=self.chunk_ids[row].tobytes()))


@lru_cache(maxsize=256)
def _names(stored: bytes) -> Names:
    return names_of(stored)


def build(facts: Facts) -> LibraryGraph:
    """The graph of every contract in ``facts``."""
    pairs = [(contract_id, part) for contract_id, body in facts if (part := decode(body)) is not None]
    parts = [part for _, part in pairs]
    entries = tuple(part.entry for part in parts)
    first = _starts([entry.nodes for entry in entries])
    first_edge = _starts([len(part.edges) for part in parts])
    edges = np.concatenate([part.edges for part in parts]) if parts else np.empty((0, 3), dtype=np.int32)
    edges[:, :2] += np.repeat(first[:-1], np.diff(first_edge))[:, None].astype(np.int32)
    parties: dict[str, int] = {}
    links = links_between(entries, first, lambda contract: names_of(parts[contract].names).numbers, parties)
    terms: dict[str, list[int]] = {}
    for entry, begin in zip(entries, first.tolist(), strict=False):
        node = begin + 1 + entry.chunks + entry.sections
        for number, key in enumerate(entry.term_keys):
            terms.setdefault(key, []).append(node + number)
    return LibraryGraph(
        tuple(contract_id for contract_id, _ in pairs),
        entries,
        first,
        edges,
        first_edge,
        np.asarray([(one.begin, one.end, one.kind) for one in links], dtype=np.int32).reshape(-1, 3),
        np.concatenate([part.chunk_ids for part in parts]) if parts else np.empty((0, 16), dtype=np.uint8),
        _starts([entry.chunks for entry in entries]),
        terms,
        parties,
        {node: name for name, node in parties.items()},
        Called.of(entries),
        np.bincount(edges[np.isin(edges[:, 2], (EdgeKind.USES, EdgeKind.FACT)), 1], minlength=int(first[-1])),
        tuple(part.names for part in parts),
        {(one.begin, one.end): one.words for one in links if one.words},
    )


def _starts(counts: list[int]) -> Nodes:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.asarray(counts, dtype=np.int64))])
