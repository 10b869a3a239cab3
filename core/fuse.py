"""Reciprocal rank fusion: one ranking out of several, from ranks alone.

Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
Learning Methods", SIGIR 2009.
"""

from collections.abc import Sequence

from core.records import Hit


def reciprocal_rank_fusion(rankings: Sequence[Sequence[Hit]], k: int = 60) -> tuple[Hit, ...]:
    """Fuse ``rankings``: a chunk scores the sum of 1 / (k + rank) over the rankings that hold it.

    Returns:
        Every chunk of any ranking once, by falling score, ties broken by chunk id; ranks count from 1.

    Raises:
        ValueError: ``k`` is not positive, or a ranking names a chunk twice.
    """
    if k < 1:
        raise ValueError(f"The constant of reciprocal rank fusion must be positive, not {k}.")
    scores: dict[str, float] = {}
    for ranking in rankings:
        if len({hit.chunk_id for hit in ranking}) != len(ranking):
            raise ValueError("A ranking names a chunk twice.")
        for hit in ranking:
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + 1.0 / (k + hit.rank)
    order = sorted((-score, chunk_id) for chunk_id, score in scores.items())
    return tuple(Hit(chunk_id, rank, -score) for rank, (score, chunk_id) in enumerate(order, start=1))
