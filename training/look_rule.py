"""Who goes on after the first look, by agreement with full depth, and what that costs. Pure arithmetic on logits."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.inference.look_file import Rule

KEEPS: Final = (3, 5, 10)
# More than the 98 of 100 that are promised, because contracts that were never seen agree a little less.
AGREEMENT: Final = 0.985
MOST_EACH: Final = 8
PUBLISHED_KEEP: Final = 5
# The last layer is computed for the first token alone: a third of another one.
LAST_LAYER: Final = 0.35

Logits = NDArray[np.float64]


def choose_rule(first: Logits, full: Logits, keeps: Sequence[int] = KEEPS) -> Rule:
    """The rule that reaches ``AGREEMENT`` for every number kept and lets the fewest go on for the five of the product.

    Args:
        first: logits of the first look, shape (questions, candidates).
        full: logits of the full model, of the same shape.
        keeps: numbers of candidates kept.
    """
    rules = [_least_more(each, first, full, keeps) for each in range(1, MOST_EACH + 1)]
    return min(rules, key=lambda rule: (rule.each * PUBLISHED_KEEP + rule.more, rule.each))


def _least_more(each: int, first: Logits, full: Logits, keeps: Sequence[int]) -> Rule:
    rules = (Rule(more, each) for more in range(first.shape[1] + 1))
    return next(
        rule for rule in rules if min(agreement_of(rule, first, full, keep) for keep in keeps) >= AGREEMENT
    )


def agreement_of(rule: Rule, first: Logits, full: Logits, keep: int) -> float:
    """The share of questions whose ``keep`` best by ``full`` all go on by ``rule``."""
    kept = (set(np.argsort(-logits, kind="stable")[:keep].tolist()) for logits in full)
    same = [best <= set(rule.chosen(logits, keep)) for best, logits in zip(kept, first, strict=True)]
    return float(np.mean(same))


def cost(layers: int, depth: int, share: float) -> float:
    """The share of the model's arithmetic that is left when ``share`` of the candidates go on after ``layers``."""
    below = layers / (depth - 1 + LAST_LAYER)
    return below + share * (1.0 - below)
