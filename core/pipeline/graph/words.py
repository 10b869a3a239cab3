"""A way through the graph in words, one for each step."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.pipeline.graph.records import EdgeKind, Edges
from core.pipeline.graph.whole import LibraryGraph

LONGEST = 120


def way_in_words(graph: LibraryGraph, nodes: Sequence[int], seeds: Mapping[int, str]) -> tuple[str, ...]:
    """What of the question leads to the first of ``nodes``, then each node with how the one before leads to it.

    A passage that is near the question itself was reached over no way.
    """
    entered = seeds.get(nodes[0], "") if nodes else ""
    if len(nodes) < 2 and not entered:
        return ()
    first = _node(graph, nodes[0])
    way = [f"the question: {entered}", first] if entered else ["the question", f"is near {first}"]
    for before, node in itertools.pairwise(nodes):
        way.append(_step(graph, before, node))
    return tuple(one if len(one) <= LONGEST else f"{one[: LONGEST - 1].rstrip()}\u2026" for one in way)


def _node(graph: LibraryGraph, node: int) -> str:
    contract = int(graph.contract_of(np.asarray([node]))[0])
    if contract >= len(graph.entries):
        return f"party {graph.party_names[node]}"
    entry, names = graph.entries[contract], graph.names_of(contract)
    local = node - int(graph.first[contract])
    if local == 0:
        return entry.title
    local -= 1
    if local < entry.chunks:
        return names.chunks[local]
    local -= entry.chunks
    if local < entry.sections:
        return names.sections[local]
    local -= entry.sections
    if local < len(names.terms):
        return names.terms[local]
    named = entry.agreements[local - len(names.terms)]
    return f"{named.title} dated {named.date}" if named.date else named.title


def _step(graph: LibraryGraph, before: int, node: int) -> str:
    kind, forward = _edge(graph, before, node)
    name = _node(graph, node)
    owner, other = graph.contract_of_each([before, node])
    if kind is EdgeKind.REFERS and owner != other:
        name = f"{name} ({graph.entries[other].title})"
    if kind is EdgeKind.REFERS:
        words = _reference(graph, *((before, node) if forward else (node, before)))
        if forward:
            return f"refers to {words}: {name}" if words else f"refers to {name}"
        return f"is referred to in {name}" + (f" ({words})" if words else "")
    if kind is EdgeKind.FACT:
        words = _reference(graph, *((before, node) if forward else (node, before)))
        if words:
            return f"{words} {name}" if forward else f"{name} ({words})"
        return f"speaks of {name}" if forward else f"is spoken of in {name}"
    return {
        (EdgeKind.CONTAINS, True): "contains ",
        (EdgeKind.CONTAINS, False): "is part of ",
        (EdgeKind.DEFINED_IN, True): "is defined in ",
        (EdgeKind.DEFINED_IN, False): "defines the ",
        (EdgeKind.USES, True): "uses the ",
        (EdgeKind.USES, False): "is used in ",
        (EdgeKind.NAMES, True): "names ",
        (EdgeKind.NAMES, False): "is named in ",
        (EdgeKind.AMENDS, True): "amends ",
        (EdgeKind.AMENDS, False): "is amended by ",
        (EdgeKind.PARTY, True): "is between others and ",
        (EdgeKind.PARTY, False): "is in ",
    }[kind, forward] + name


def _edge(graph: LibraryGraph, before: int, node: int) -> tuple[EdgeKind, bool]:
    """The kind of the edge between two nodes, and whether it leads from the first to the second."""
    contract = int(graph.contract_of(np.asarray([before]))[0])
    own = (
        graph.edges[graph.first_edge[contract] : graph.first_edge[contract + 1]]
        if contract < len(graph.entries)
        else graph.links[:0]
    )
    found = [
        (EdgeKind(int(kind)), int(begin) == before)
        for edges in (own, graph.links)
        for begin, end, kind in edges[_between(edges, before, node)].tolist()
    ]
    # Where two clauses are joined in several ways, a reference says most.
    return max(found, key=lambda one: (one[0] is EdgeKind.REFERS, one[0], one[1]))


def _between(edges: Edges, one: int, other: int) -> NDArray[np.bool_]:
    forward = (edges[:, 0] == one) & (edges[:, 1] == other)
    return np.asarray(forward | ((edges[:, 0] == other) & (edges[:, 1] == one)))


def _reference(graph: LibraryGraph, begin: int, end: int) -> str:
    if (begin, end) in graph.outward:
        return graph.outward[begin, end]
    contract = int(graph.contract_of(np.asarray([begin]))[0])
    first = int(graph.first[contract])
    return graph.names_of(contract).references.get(f"{begin - first}-{end - first}", "")
