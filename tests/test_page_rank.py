"""Personalised PageRank: values checked by hand, properties of any graph, and the strongest way to a node."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray

from core.pipeline.graph.page_rank import Vector, page_rank, strongest_ways, transitions


def vector(*values: float) -> Vector:
    return np.asarray(values, dtype=np.float64)


def pairs(*edges: tuple[int, int]) -> NDArray[np.int64]:
    return np.asarray(edges, dtype=np.int64).reshape(-1, 2)


def test_a_step_is_as_probable_as_its_edge_is_heavy() -> None:
    steps = transitions(pairs((0, 1), (0, 2)), vector(3.0, 1.0), 4).toarray()
    assert steps[0].tolist() == [0.0, 0.75, 0.25, 0.0]
    assert steps[1].tolist() == steps[2].tolist() == [1.0, 0.0, 0.0, 0.0]
    # A node without an edge has nowhere to go.
    assert steps[3].sum() == 0.0


def test_two_nodes() -> None:
    # r0 = 1/2 + 1/2 r1 and r1 = 1/2 r0, so r0 = 2/3 and r1 = 1/3.
    steps = transitions(pairs((0, 1)), vector(1.0), 2)
    assert page_rank(steps, vector(1.0, 0.0), 0.5) == pytest.approx([2 / 3, 1 / 3], abs=1e-6)


def test_a_row_of_three() -> None:
    # From one end of a - b - c: a = 1/2 + b/4, b = a/2 + c/2, c = b/4, so a = 7/12, b = 4/12, c = 1/12.
    steps = transitions(pairs((0, 1), (1, 2)), vector(1.0, 1.0), 3)
    assert page_rank(steps, vector(5.0, 0.0, 0.0), 0.5) == pytest.approx([7 / 12, 4 / 12, 1 / 12], abs=1e-6)


def test_a_walker_who_cannot_go_on_begins_again() -> None:
    steps = transitions(pairs((1, 2)), vector(1.0), 3)
    assert page_rank(steps, vector(1.0, 0.0, 0.0), 0.5).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("seeds", "damping"), [((0.0, 0.0), 0.5), ((1.0, -1.0), 0.5), ((1.0, 0.0), 1.0), ((1.0, 0.0), -0.1)]
)
def test_what_is_no_walk_is_refused(seeds: tuple[float, float], damping: float) -> None:
    with pytest.raises(ValueError, match="must"):
        page_rank(transitions(pairs((0, 1)), vector(1.0), 2), vector(*seeds), damping)


NODES = 8
EDGES = some.lists(some.tuples(some.integers(0, NODES - 1), some.integers(0, NODES - 1)), max_size=20)
SEEDS = some.lists(some.floats(0, 10), min_size=NODES, max_size=NODES).filter(lambda seeds: sum(seeds) > 0.01)


@settings(deadline=None, max_examples=60)
@given(EDGES, SEEDS, some.floats(0, 0.95))
def test_the_shares_are_a_distribution_that_only_seeds_feed(
    edges: list[tuple[int, int]], seeds: list[float], damping: float
) -> None:
    steps = transitions(pairs(*edges), np.ones(len(edges)), NODES)
    rank = page_rank(steps, vector(*seeds), damping)
    assert rank.sum() == pytest.approx(1.0)
    assert (rank >= 0).all()
    joined = {node for node in range(NODES) if seeds[node] > 0}
    for _ in range(NODES):
        joined |= {node for edge in edges if joined & set(edge) for node in edge}
    assert {node for node in range(NODES) if rank[node] > 0} <= joined
    # A seed keeps at least the share with which the walker begins again.
    start = vector(*seeds) / sum(seeds)
    assert (rank >= (1 - damping) * start - 1e-6).all()


def test_the_strongest_way() -> None:
    # From 0 to 3 over 1 (1/2 * 1/2) or over 2 (1/2 * 1/3): node 2 has one more neighbour, 4.
    steps = transitions(pairs((0, 1), (1, 3), (0, 2), (2, 3), (2, 4)), np.ones(5), 6)
    assert strongest_ways(steps, vector(1, 0, 0, 0, 0, 0), 0.5).tolist() == [-1, 0, 0, 1, 2, -1]
