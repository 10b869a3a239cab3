"""Measures of whole rankings, by ir-measures (trec_eval's definitions)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import ir_measures
from ir_measures import RR, Measure, P, Qrel, ScoredDoc, Success, nDCG

# The gain of nDCG is the grade itself and the discount is log2(1 + rank), as trec_eval has it.
STARS: Final[Mapping[str, Measure]] = {
    "nDCG@5": nDCG @ 5,
    "nDCG@10": nDCG @ 10,
    # A grade of 2 is an attorney's third star: grades count from 0, stars from 1.
    "3-star P@5": P(rel=2) @ 5,
    "4-star P@5": P(rel=3) @ 5,
    "5-star P@5": P(rel=4) @ 5,
}
Ranking = tuple[Sequence[str], Mapping[str, int]]
"""Ids of one question's results, best first, and the grade of every id that has one."""


def passage_measures(keep: int) -> Mapping[str, Measure]:
    """The measures of questions with right passages: of the first, the first five and the first ``keep``."""
    hits = {f"hit@{depth}": Success @ depth for depth in sorted({1, 5, keep})}
    return {**hits, "MRR": RR, "nDCG@10": nDCG @ 10}


def measure_rankings(
    rankings: Sequence[Ranking], measures: Mapping[str, Measure]
) -> dict[str, tuple[float, ...]]:
    """For each measure its value on each of ``rankings``, in their order.

    Raises:
        ValueError: to some question nothing is right, so that no ranking of it could be ideal.
    """
    for place, (_, grades) in enumerate(rankings):
        if not any(grade > 0 for grade in grades.values()):
            raise ValueError(f"To question {place} nothing is right.")
    values = {measure: [0.0] * len(rankings) for measure in measures.values()}
    for one in ir_measures.iter_calc(list(values), _grades(rankings), _results(rankings)):
        values[one.measure][int(one.query_id)] = float(one.value)
    return {name: tuple(values[measure]) for name, measure in measures.items()}


def _grades(rankings: Sequence[Ranking]) -> Iterator[Qrel]:
    for place, (_, grades) in enumerate(rankings):
        yield from (Qrel(str(place), one, grade) for one, grade in grades.items())


def _results(rankings: Sequence[Ranking]) -> Iterator[ScoredDoc]:
    # Scores that fall with the rank keep the order given: trec_eval sorts by score.
    for place, (ranked, _) in enumerate(rankings):
        yield from (ScoredDoc(str(place), one, -float(rank)) for rank, one in enumerate(ranked))
