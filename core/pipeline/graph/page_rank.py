"""Personalised PageRank over part of the graph, and the strongest way from the seeds to each node.

Source: Haveliwala, "Topic-Sensitive PageRank", WWW 2002.

Sparse matrices are imported when a walk begins: every command would wait a seventh of a second for them.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Vector = NDArray[np.float64]
ITERATIONS, TOLERANCE = 60, 1e-7


def transitions(edges: NDArray[np.int64], weights: Vector, nodes: int) -> "sparse.csr_array":
    """The matrix of steps: from a row to a column with a probability in proportion to the weight of their edge.

    Args:
        edges: shape (edges, 2), walked both ways.
        weights: of each edge, positive.
        nodes: how many there are; one without an edge has an empty row.
    """
    from scipy import sparse

    begin, end = edges[:, 0], edges[:, 1]
    shape = (nodes, nodes)
    both = sparse.coo_array(
        (np.concatenate([weights, weights]), (np.concatenate([begin, end]), np.concatenate([end, begin]))),
        shape,
    ).tocsr()
    out = both.sum(axis=1)
    shares = np.divide(1.0, out, out=np.zeros_like(out), where=out > 0)
    return sparse.csr_array(sparse.diags_array(shares) @ both)


def page_rank(steps: "sparse.csr_array", seeds: Vector, damping: float) -> Vector:
    """The share of time that a walker spends at each node who goes on with probability ``damping`` and otherwise
    begins again at a seed; one who cannot go on begins again. The shares add up to 1.

    Raises:
        ValueError: no seed has weight, one has a negative one, or ``damping`` is not at least 0 and below 1.
    """
    if not 0.0 <= damping < 1.0:
        raise ValueError(f"The damping must be at least 0 and below 1, not {damping}.")
    if seeds.min(initial=0.0) < 0.0 or seeds.sum() <= 0.0:
        raise ValueError("The seeds must have weights that are not negative, and one that is positive.")
    from scipy import sparse

    start = seeds / seeds.sum()
    back = sparse.csr_array(steps.T)
    rank = start
    for _ in range(ITERATIONS):
        walked = damping * (back @ rank)
        following = walked + (1.0 - walked.sum()) * start
        change = float(np.abs(following - rank).sum())
        rank = following
        if change < TOLERANCE:
            break
    return np.asarray(rank)


def strongest_ways(steps: "sparse.csr_array", seeds: Vector, damping: float) -> NDArray[np.int64]:
    """For each node the one before it on the most probable way from a seed; -1 for the first and for the unreached."""
    from scipy import sparse
    from scipy.sparse import csgraph

    nodes = len(seeds)
    start = np.flatnonzero(seeds)
    walk = steps.tocoo()
    share = seeds[start] / seeds.sum()
    costs = np.concatenate([-np.log(damping * walk.data), -np.log(share * 0.5)])
    begin = np.concatenate([walk.coords[0], np.full(len(start), nodes)])
    end = np.concatenate([walk.coords[1], start])
    graph = sparse.csr_array((costs, (begin, end)), shape=(nodes + 1, nodes + 1))
    _, before = csgraph.dijkstra(graph, directed=True, indices=[nodes], return_predecessors=True)
    found = np.asarray(before[0, :nodes], dtype=np.int64)
    found[(found < 0) | (found == nodes)] = -1
    return found
