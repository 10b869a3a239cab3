"""Reciprocal rank fusion: one ranking out of several, from ranks alone.

Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
Learning Methods", SIGIR 2009.
"""

from collections.abc import Sequence

from core.records import Hit


def reciprocal_rank_fusion(
    rankings: Sequence[Sequence[Hit]], k: int = 60, weights: Sequence[float] | None = None
) -> tuple[Hit, ...]:
    """Fuse ``rankings``: a chunk scores the sum of weight / (k + rank) over the rankings that hold it; every weight
    is 1 unless ``weights`` gives one for each ranking.

    Returns:
        Every chunk of any ranking once, by falling score, ties broken by chunk id; ranks count from 1.

    Raises:
        ValueError: ``k`` or a weight is not positive, or a ranking names a chunk twice.
    """
    if k < 1:
        raise ValueError(f"The constant of reciprocal rank fusion must be positive, not {k}.")
    shares = [1.0] * len(rankings) if weights is None else list(weights)
    if any(weight <= 0 for weight in shares):
        raise ValueError(f"The weights of reciprocal rank fusion must be positive, not {shares}.")
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, shares, strict=True):
        if len({hit.chunk_id for hit in ranking}) != len(ranking):
            raise ValueError("A ranking names a chunk twice.")
        for hit in ranking:
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + weight / (k + hit.rank)
    order = sorted((-score, chunk_id) for chunk_id, score in scores.items())
    return tuple(Hit(chunk_id, rank, -score) for rank, (score, chunk_id) in enumerate(order, start=1))
