"""Step 8: python -m training.fit_prior: what the encoder's similarity is worth beside the reranker's logit.

The first stage finds candidates for questions of the tune part, within the right contract and among all contracts, and
both models judge them. The weight is the least of ``WEIGHTS`` that orders them nearly as well as the best does: the
cross-encoder has read the words, and tells better whether anything answers. Scale and offset make the sum a chance
(Platt scaling, as in ``training.calibrate``). Written beside the reranker's weights.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.inference.prior import Prior, write_prior
from core.models import (
    BUNDLED_ENCODER,
    RERANKER_DIRECTORY,
    Encoder,
    EncoderSource,
    Scorer,
    load_encoder,
    load_scorer,
    weights_digest,
)
from evals.measures import area_under_curve, expected_calibration_error, hit_at, reliability
from evals.splits import Part, part_of
from training.calibrate import KEPT, MINIMA, fit, sigmoid
from training.cuad_examples import ABSENT, NAMED, PRESENT
from training.first_stage import FirstStage, encode
from training.measure import choose_examples
from training.records import Example, Passage, read_examples, read_passages
from training.written_examples import WRITTEN

WITHIN: Final[Mapping[str, int]] = {PRESENT: 150, WRITTEN: 150, ABSENT: 150}
AMONG_ALL: Final[Mapping[str, int]] = {WRITTEN: 100, NAMED: 100}
CANDIDATES: Final = 100
WEIGHTS: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
# Of the mean reciprocal rank: less than chance makes of 600 questions.
NEARLY: Final = 0.005

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what both models say of its candidates, all of shape (candidates,)."""

    group: str
    logits: Values
    similarities: Values
    right: NDArray[np.bool_]

    def ordered(self, weight: float) -> tuple[Values, NDArray[np.bool_]]:
        """The sums of logit and weighted similarity, highest first, and which of them are right."""
        sums = self.logits + weight * self.similarities
        order = np.argsort(-sums, kind="stable")
        return sums[order], self.right[order]

    def rank(self, weight: float) -> int | None:
        """The rank of the first right candidate, from 1."""
        found = np.flatnonzero(self.ordered(weight)[1])
        return int(found[0]) + 1 if len(found) else None


def main() -> None:
    """Judge, choose, fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--encoder", default=BUNDLED_ENCODER)
    parser.add_argument("--model", type=Path, default=RERANKER_DIRECTORY)
    given = parser.parse_args()
    cases = tuple(
        judged(
            read_passages(given.work / "passages.jsonl"),
            read_examples(given.work / "tune.jsonl"),
            load_encoder(given.encoder),
            load_scorer(str(given.model)),
        )
    )
    for weight in WEIGHTS:
        print(f"weight {weight:4.0f}  {_told(cases, weight)}")
    prior = fitted(cases, chosen_weight(cases))
    print(prior)
    print("minimum  answered questions that keep a right passage  silent questions that keep nothing")
    for minimum in MINIMA:
        kept, quiet = at_minimum(cases, prior, minimum)
        print(f"{minimum:7.2f}  {kept:.3f}  {quiet:.3f}")
    source = EncoderSource(given.encoder)
    write_prior(given.model, prior, source.identity, weights_digest(str(given.model)))


def judged(
    passages: Mapping[str, Passage], examples: Sequence[Example], encoder: Encoder, scorer: Scorer
) -> Iterator[Case]:
    """The cases of ``WITHIN`` and ``AMONG_ALL``; logits are the reranker's alone."""
    tune = {name: one for name, one in passages.items() if one.context and part_of(one.owner) is Part.TUNE}
    stage = FirstStage(tune, encode([one.situated_text for one in tune.values()], encoder))
    for asked, all_contracts in ((WITHIN, False), (AMONG_ALL, True)):
        for example in choose_examples(examples, dict(asked)):
            owner = tune[next(iter(example.grades or example.negatives))].owner
            question = example.wordings[0]
            vector = encode([question], encoder)[0]
            ids = stage.ranked(question, vector, None if all_contracts else owner, CANDIDATES)
            texts = [tune[one].situated_text for one in ids]
            yield Case(
                f"{example.source}, all" if all_contracts else example.source,
                scorer.score_pairs(question, texts).logits,
                stage.similarities(vector, ids),
                np.asarray([example.grades.get(one, 0) > 1 for one in ids]),
            )


def chosen_weight(cases: Sequence[Case]) -> float:
    """The least weight within ``NEARLY`` of the best mean reciprocal rank."""
    found = {weight: mean_reciprocal_rank(cases, weight) for weight in WEIGHTS}
    return min(weight for weight in WEIGHTS if found[weight] >= max(found.values()) - NEARLY)


def mean_reciprocal_rank(cases: Sequence[Case], weight: float) -> float:
    """The mean over the groups of questions with an answer, each of the same weight."""
    means = [
        np.mean([1.0 / rank if (rank := one.rank(weight)) else 0.0 for one in cases if one.group == group])
        for group in answered(cases)
    ]
    return float(np.mean(means))


def fitted(cases: Sequence[Case], weight: float) -> Prior:
    """The prior of this weight whose relevance is a chance for the passages that would be kept."""
    kept = [one.ordered(weight) for one in cases]
    sums = np.concatenate([found[:KEPT] for found, _ in kept])
    right = np.concatenate([found[:KEPT] for _, found in kept]).astype(np.float64)
    scale, offset = fit(sums, right)
    chances = sigmoid(scale * sums + offset)
    error = expected_calibration_error(reliability(chances.tolist(), right.astype(bool).tolist()))
    print(f"expected calibration error {error:.3f} over {len(sums)} kept passages, {right.mean():.2f} right")
    return Prior(scale, scale * weight, offset)


def at_minimum(cases: Sequence[Case], prior: Prior, minimum: float) -> tuple[float, float]:
    """The share of questions with an answer that keep a right passage, and of those without that keep nothing."""
    kept, quiet = [], []
    for one in cases:
        sums, right = one.ordered(prior.weight / prior.scale)
        chances = sigmoid(prior.scale * sums[:KEPT] + prior.offset)
        if one.group == ABSENT:
            quiet.append(bool((chances < minimum).all()))
        else:
            kept.append(bool((right[:KEPT] & (chances >= minimum)).any()))
    return float(np.mean(kept)), float(np.mean(quiet))


def answered(cases: Sequence[Case]) -> list[str]:
    """The groups of which some question has an answer."""
    return sorted({one.group for one in cases if one.right.any()})


def _told(cases: Sequence[Case], weight: float) -> str:
    said = []
    for group in answered(cases):
        ranks = [one.rank(weight) for one in cases if one.group == group]
        hits = [sum(hit_at(rank, depth) for rank in ranks) / len(ranks) for depth in (1, 5)]
        said.append(f"{group} {hits[0]:.3f} {hits[1]:.3f}")
    best = {
        group: [float(one.ordered(weight)[0][0]) for one in cases if one.group == group]
        for group in (PRESENT, ABSENT)
    }
    said.append(f"present against absent {area_under_curve(best[PRESENT], best[ABSENT]):.3f}")
    return f"MRR {mean_reciprocal_rank(cases, weight):.4f}  {'  '.join(said)}"


if __name__ == "__main__":
    main()
