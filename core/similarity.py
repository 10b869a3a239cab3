"""What the dense leg said of candidates, for the second stage."""

from collections.abc import Mapping, Sequence

from core.records import Candidate


def similarities(candidates: Sequence[Candidate]) -> Mapping[str, float]:
    """The cosine similarity of question and passage by chunk id; empty where the dense leg found none of them.

    What only other legs found lay behind the last that the dense leg gave, so it counts as that one.
    """
    known = [one.dense.score for one in candidates if one.dense is not None]
    if not known:
        return {}
    least = min(known)
    return {one.chunk.chunk_id: least if one.dense is None else one.dense.score for one in candidates}


def of_candidates(alike: Mapping[str, float], candidates: Sequence[Candidate]) -> list[float] | None:
    """Those of ``candidates``, in their order; None where nothing is known of any."""
    return [alike[one.chunk.chunk_id] for one in candidates] if alike else None
