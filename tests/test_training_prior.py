"""Choosing what the encoder's similarity is worth, on cases small enough to follow."""

import math

import numpy as np
import pytest

from core.inference.prior import Prior
from training.cuad_examples import ABSENT, PRESENT
from training.fit_prior import Case, answered, at_minimum, chosen_weight, fitted, mean_reciprocal_rank


def case(logits: list[float], similarities: list[float], right: list[bool], group: str = PRESENT) -> Case:
    return Case(group, np.asarray(logits), np.asarray(similarities), np.asarray(right))


def test_the_weight_moves_what_the_encoder_likes() -> None:
    # 1 + 0.1 w against 0 + 0.9 w: the second leads from a weight of 1.25 on.
    one = case([1.0, 0.0], [0.1, 0.9], [False, True])
    assert [one.rank(weight) for weight in (0.0, 1.0, 2.0)] == [2, 2, 1]


def test_what_is_not_among_the_candidates_has_no_rank() -> None:
    assert case([1.0], [0.5], [False]).rank(4.0) is None


def test_every_group_counts_the_same() -> None:
    # Ranks 1 and 2 and 2 in one group, 1 in the other: ((1 + 1/2 + 1/2) / 3 + 1) / 2.
    first, second = [True, False], [False, True]
    cases = [case([1.0, 0.0], [0.0, 0.0], right) for right in (first, second, second)]
    cases.append(case([1.0, 0.0], [0.0, 0.0], first, "written"))
    assert mean_reciprocal_rank(cases, 4.0) == pytest.approx((2 / 3 + 1) / 2)


def test_the_least_weight_that_is_nearly_the_best_is_chosen() -> None:
    # The first is right from a weight of 4 on (3.5 behind, 1.0 more similar), the other whatever the weight.
    cases = [case([3.5, 0.0], [0.0, 1.0], [False, True]), case([1.0, 0.0], [0.0, 0.0], [True, False])]
    assert chosen_weight(cases) == 4.0


def test_questions_without_an_answer_are_no_group_of_their_own() -> None:
    cases = [case([1.0], [0.0], [True]), case([1.0], [0.0], [False], ABSENT)]
    assert answered(cases) == [PRESENT]


def test_the_fitted_sums_are_chances() -> None:
    # Sums of 3 are right in three of four, sums of 1 in one of four: scale log(3), offset -2 log(3).
    high = [case([1.0], [1.0], [right]) for right in (True, True, True, False)]
    low = [case([1.0], [0.0], [right]) for right in (True, False, False, False)]
    prior = fitted([*high, *low], 2.0)
    assert prior.scale == pytest.approx(math.log(3), abs=1e-4)
    assert prior.weight == pytest.approx(2 * math.log(3), abs=1e-4)
    assert prior.offset == pytest.approx(-2 * math.log(3), abs=1e-4)


def test_a_minimum_silences_and_loses() -> None:
    # Logits of relevance: 2 (.88) for the answered question, -1 (.27) for the silent one.
    cases = [case([2.0], [0.5], [True]), case([-1.0], [0.5], [False], ABSENT)]
    prior = Prior(scale=1.0, weight=2.0, offset=-1.0)
    assert at_minimum(cases, prior, 0.5) == (1.0, 1.0)
    assert at_minimum(cases, prior, 0.9) == (0.0, 1.0)
    assert at_minimum(cases, prior, 0.0) == (1.0, 0.0)
