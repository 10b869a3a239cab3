"""Step 5: python -m training.calibrate --model FOLDER --out FOLDER: scores that can be read as chances.

Platt scaling (Platt 1999) on the tune part: relevance = sigmoid(slope * logit + offset), fitted to whether a passage
that would be kept answers the question. Slope and offset are folded into the classifier, so that whatever runs the
weights gives calibrated scores; the order of passages does not change.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from evals.measures import expected_calibration_error, reliability
from training.cuad_examples import ABSENT, PRESENT
from training.measure import CANDIDATES, choose_examples
from training.network import load_network
from training.records import read_examples, read_passages
from training.score import Scored, score_examples
from training.written_examples import WRITTEN

ASKED = {PRESENT: 220, WRITTEN: 150, ABSENT: 220}
KEPT = 5
MINIMA = (0.0, 0.02, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)


def main() -> None:
    """Fit, fold, write, and print the expected calibration error before and after."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--longest", type=int, default=320)
    given = parser.parse_args()
    network = load_network(given.model)
    passages = read_passages(given.work / "passages.jsonl")
    chosen = choose_examples(read_examples(given.work / "tune.jsonl"), ASKED)
    scored = list(score_examples(network, passages, chosen, given.longest, CANDIDATES))
    logits, right = kept_pairs(scored)
    slope, offset = fit(logits, right)
    fold(network.module, slope, offset)
    network.save(given.out)
    print(
        f"slope {slope:.3f}, offset {offset:.3f} from {len(logits)} kept passages, {right.mean():.2f} right"
    )
    for name, values in (("before", logits), ("after", slope * logits + offset)):
        bins = reliability(sigmoid(values).tolist(), right.astype(bool).tolist())
        print(f"expected calibration error {name}: {expected_calibration_error(bins):.3f}")
    print("minimum  answered questions that keep a right passage  silent questions that keep nothing")
    for minimum in MINIMA:
        kept, quiet = at_minimum(scored, slope, offset, minimum)
        print(f"{minimum:7.2f}  {kept:.3f}  {quiet:.3f}")


def at_minimum(scored: Sequence[Scored], slope: float, offset: float, minimum: float) -> tuple[float, float]:
    """What a minimum relevance leaves: the share of questions with an answer that keep a right passage among their
    first ``KEPT``, and the share of questions without one that keep nothing.
    """
    kept, quiet = [], []
    for one in scored:
        chances = sigmoid(slope * np.asarray(one.logits[:KEPT]) + offset)
        if one.example.grades:
            kept.append(
                any(right and chance >= minimum for right, chance in zip(one.right, chances, strict=False))
            )
        else:
            quiet.append(bool((chances < minimum).all()))
    return float(np.mean(kept)), float(np.mean(quiet))


def kept_pairs(scored: Sequence[Scored]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Logits of the passages that would be kept, and 1 where one answers, both of shape (passages,)."""
    pairs = [
        (logit, float(right))
        for one in scored
        for logit, right in zip(one.logits[:KEPT], one.right[:KEPT], strict=True)
    ]
    values = np.asarray(pairs, dtype=np.float64)
    return values[:, 0], values[:, 1]


def fit(logits: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the likeliest logistic curve, by Newton's method."""
    # Centred and of unit spread, the method converges from nothing.
    middle, spread = float(logits.mean()), float(logits.std()) or 1.0
    design = np.stack([(logits - middle) / spread, np.ones_like(logits)], axis=1)
    weights = np.zeros(2)
    for _ in range(50):
        chance = sigmoid(design @ weights)
        gradient = design.T @ (chance - right)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(2)
        weights = weights - np.linalg.solve(curvature, gradient)
    slope = float(weights[0]) / spread
    return slope, float(weights[1]) - slope * middle


def fold(network: nn.Module, slope: float, offset: float) -> None:
    """Make the classifier of ``network`` give ``slope * logit + offset``."""
    classifier = network.get_submodule("classifier")
    with torch.no_grad():
        classifier.weight.mul_(slope)  # type: ignore[operator]
        classifier.bias.mul_(slope).add_(offset)  # type: ignore[operator]


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits as chances."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)))


if __name__ == "__main__":
    main()
