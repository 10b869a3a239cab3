"""python -m training.measure --model FOLDER: figures on the tune part, for choosing between checkpoints.

The answers stand among the first stage's candidates, all of one contract; they need not have been found by it. Clause
queries order the clauses that were rated for them.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evals.measures import area_under_curve, hit_at
from evals.rankings import STARS, measure_rankings
from training.clause_examples import RATED
from training.cuad_examples import ABSENT, PRESENT
from training.network import load_network
from training.records import Example, read_examples, read_passages
from training.score import Scored, score_examples
from training.written_examples import WRITTEN

ASKED = {PRESENT: 130, WRITTEN: 130, ABSENT: 90, RATED: 100}
CANDIDATES = 40


def main() -> None:
    """Print hit@1, hit@5 and the mean reciprocal rank by source, and how well present is told from absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--longest", type=int, default=320)
    given = parser.parse_args()
    network = load_network(given.model)
    passages = read_passages(given.work / "passages.jsonl")
    chosen = choose_examples(read_examples(given.work / "tune.jsonl"), ASKED)
    scored = list(score_examples(network, passages, chosen, given.longest, CANDIDATES))
    for source in (PRESENT, WRITTEN):
        ranks = [one.rank for one in scored if one.example.source == source]
        figures = [
            sum(hit_at(rank, 1) for rank in ranks) / len(ranks),
            sum(hit_at(rank, 5) for rank in ranks) / len(ranks),
            sum(1.0 / rank for rank in ranks if rank) / len(ranks),
        ]
        print(f"{source:9} hit@1 {figures[0]:.3f}  hit@5 {figures[1]:.3f}  MRR {figures[2]:.3f}")
    print(f"present against absent: area under the curve {_separation(scored):.3f}")
    rated = [(one.passage_ids, one.example.grades) for one in scored if one.example.source == RATED]
    gains = measure_rankings(rated, STARS)["nDCG@5"]
    print(f"{RATED:9} nDCG@5 {sum(gains) / len(gains):.3f} ({len(gains)} queries)")


def choose_examples(examples: Sequence[Example], asked: dict[str, int]) -> list[Example]:
    """As many examples of each source as ``asked`` says, always the same, each with one wording."""
    choose = random.Random(5)  # noqa: S311 - a sample, not a secret
    return [
        replace(example, wordings=(choose.choice(example.wordings),))
        for example in sample_examples(examples, asked)
    ]


def sample_examples(examples: Sequence[Example], asked: dict[str, int]) -> list[Example]:
    """As many examples of each source as ``asked`` says, always the same."""
    choose = random.Random(5)  # noqa: S311
    chosen: list[Example] = []
    for source, count in asked.items():
        found = [one for one in examples if one.source == source and (one.grades or one.negatives)]
        chosen += choose.sample(found, min(count, len(found)))
    return chosen


def _separation(scored: Sequence[Scored]) -> float:
    best = {
        source: [one.logits[0] for one in scored if one.example.source == source]
        for source in (PRESENT, ABSENT)
    }
    return area_under_curve(best[PRESENT], best[ABSENT])


if __name__ == "__main__":
    main()
