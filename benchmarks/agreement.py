"""How far two ways to score candidates agree, over questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

KEEP = 5
# Taken from the logits of the first look alone, which rank below all others.
BELOW = 1_000.0
Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two scorers agree over questions: Kendall's tau, the share of questions with the same five kept, the
    largest difference of a logit, and the share of candidates that were read in full.
    """

    tau: float
    least_tau: float
    same_five: float
    difference: float
    read: float


def agreement_of(right: Sequence[Logits], given: Sequence[Logits]) -> Agreement:
    """How two scorers agree over the same questions; the difference is that of what both read in full."""
    pairs = list(zip(right, given, strict=True))
    taus = [float(kendalltau(one, other).statistic) for one, other in pairs]
    return Agreement(
        tau=float(np.mean(taus)),
        least_tau=min(taus),
        same_five=float(np.mean([_best(one) == _best(other) for one, other in pairs])),
        difference=max(float(np.abs(one - other)[other > -BELOW / 2].max()) for one, other in pairs),
        read=float(np.mean([(other > -BELOW / 2).mean() for _, other in pairs])),
    )


def _best(logits: Logits) -> set[int]:
    return {int(index) for index in np.argsort(-logits, kind="stable")[:KEEP]}
