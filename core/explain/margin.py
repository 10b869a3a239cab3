"""The margin at the cut: what was only just kept, and what was only just not.

Near 0, where most candidates lie, small differences mean nothing: a passage with less than one chance in twenty of
being right is no near miss, however close to the cut it lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.records import Judged, Ranking, Verdict

# benchmarks/near_misses.py, 220 questions put to one CUAD contract each, margin 0.05: 425 near misses on 99 questions,
# 18 of them right by the annotations, and one found for 6 of the 19 questions of which every right passage had been
# discarded. On another draw a floor of 0.1 found 1 of 17, this one 7, and none at all 12, with a flag on 185 of 220.
LEAST_RELEVANCE = 0.05
_BY_RANK = frozenset({Verdict.BEYOND_KEEP, Verdict.BELOW_MINIMUM})


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the cut fell, by the reranker's own rule: a reader's promotions and removals do not move it.

    Args:
        last_kept: the lowest passage that the reranker kept, None where it kept none.
        next_discarded: the best one that rank or minimum cut off, None where nothing was.
        near_misses: discarded passages within the margin of the cut, best first.
        narrowly_kept: kept passages within the margin of the best discarded one, best first.
    """

    last_kept: Judged | None
    next_discarded: Judged | None
    near_misses: tuple[Judged, ...]
    narrowly_kept: tuple[Judged, ...]

    @property
    def near_ids(self) -> frozenset[str]:
        """The chunk ids of the near misses."""
        return frozenset(one.candidate.chunk.chunk_id for one in self.near_misses)

    @property
    def narrow_ids(self) -> frozenset[str]:
        """The chunk ids of the passages that were only just kept."""
        return frozenset(one.candidate.chunk.chunk_id for one in self.narrowly_kept)


def cut(ranking: Ranking, margin: float, minimum_relevance: float) -> Cut:
    """The cut of a ranking and what lies close to it.

    Where nothing is kept, the minimum is the cut; that passages were cut by the rule "one of each contract" or by
    a reader makes them no near misses.

    Args:
        ranking: kept and discarded candidates.
        margin: the largest difference of relevance (0-1) that counts as near.
        minimum_relevance: below which nothing is kept.

    Raises:
        ValueError: ``margin`` does not lie between 0 and 1.
    """
    if not 0.0 <= margin <= 1.0:
        raise ValueError(f"The margin of a near miss must lie between 0 and 1, not {margin}.")
    kept = [one for one in ranking.all if one.verdict in (Verdict.KEPT, Verdict.REMOVED)]
    cut_off = [one for one in ranking.all if one.verdict in _BY_RANK]
    floor = kept[-1].relevance if kept else minimum_relevance
    following = cut_off[0] if cut_off else None
    return Cut(
        last_kept=kept[-1] if kept else None,
        next_discarded=following,
        near_misses=tuple(one for one in cut_off if _near(one.relevance, floor, margin)),
        narrowly_kept=tuple(_kept_near(kept, following, margin)),
    )


def _kept_near(kept: Sequence[Judged], following: Judged | None, margin: float) -> list[Judged]:
    if following is None:
        return []
    still = (one for one in kept if one.verdict is Verdict.KEPT)
    return [one for one in still if _near(following.relevance, one.relevance, margin)]


def _near(lower: float, higher: float, margin: float) -> bool:
    return higher - lower <= margin and lower >= LEAST_RELEVANCE
