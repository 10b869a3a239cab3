"""Measures of an evaluation against arithmetic that a reader can check."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.measures import (
    Bin,
    area_under_curve,
    bootstrap,
    bootstrap_area,
    expected_calibration_error,
    hit_at,
    quantiles,
    rank_of_first,
    reliability,
)
from evals.rankings import STARS, measure_rankings, passage_measures


@pytest.mark.parametrize(
    ("rank", "k", "hit"),
    [(1, 1, 1.0), (2, 1, 0.0), (5, 5, 1.0), (6, 5, 0.0), (None, 5, 0.0)],
    ids=["first", "second of one", "last that counts", "one too late", "never"],
)
def test_hit(rank: int | None, k: int, hit: float) -> None:
    assert hit_at(rank, k) == hit


@pytest.mark.parametrize(
    ("ranked", "right", "rank"),
    [("abc", "c", 3), ("abc", "cb", 2), ("abc", "x", None), ("", "a", None)],
    ids=["last", "first of two", "not ranked", "nothing ranked"],
)
def test_rank_of_first(ranked: str, right: str, rank: int | None) -> None:
    assert rank_of_first(ranked, set(right)) == rank


@pytest.mark.parametrize(
    ("ranked", "right", "values"),
    [
        ("abc", "a", {"hit@1": 1.0, "hit@5": 1.0, "MRR": 1.0, "nDCG@10": 1.0}),
        ("abc", "b", {"hit@1": 0.0, "hit@5": 1.0, "MRR": 1 / 2, "nDCG@10": 1 / math.log2(3)}),
        ("abcdef", "f", {"hit@1": 0.0, "hit@5": 0.0, "MRR": 1 / 6, "nDCG@10": 1 / math.log2(7)}),
        ("abc", "ac", {"hit@1": 1.0, "MRR": 1.0, "nDCG@10": (1 + 1 / 2) / (1 + 1 / math.log2(3))}),
        ("ab", "x", {"hit@1": 0.0, "hit@5": 0.0, "MRR": 0.0, "nDCG@10": 0.0}),
        ("", "x", {"hit@1": 0.0, "hit@5": 0.0, "MRR": 0.0, "nDCG@10": 0.0}),
    ],
    ids=["ideal", "second", "sixth", "first and third of two", "none", "nothing ranked"],
)
def test_measures_of_right_passages(ranked: str, right: str, values: dict[str, float]) -> None:
    found = measure_rankings([(ranked, dict.fromkeys(right, 1))], passage_measures(5))
    assert {name: found[name][0] for name in values} == pytest.approx(values)


def test_the_number_kept_is_measured_as_well() -> None:
    assert list(passage_measures(3)) == ["hit@1", "hit@3", "hit@5", "MRR", "nDCG@10"]


def test_graded_measures_gain_the_grade_itself() -> None:
    # Ranked: a grade 2, then one that is worth nothing, then a grade 4; a grade 3 was not found.
    found = measure_rankings([("abc", {"a": 2, "b": 0, "c": 4, "d": 3})], STARS)
    ideal = 4 + 3 / math.log2(3) + 2 / math.log2(4)
    assert found["nDCG@5"] == pytest.approx(((2 + 4 / math.log2(4)) / ideal,))
    assert found["3-star P@5"] == pytest.approx((2 / 5,))
    assert found["4-star P@5"] == pytest.approx((1 / 5,))
    assert found["5-star P@5"] == pytest.approx((1 / 5,))


def test_each_ranking_keeps_its_place() -> None:
    rankings = [(f"{'x' * (place > 1)}a", {"a": 1}) for place in range(12)]
    found = measure_rankings(rankings, passage_measures(5))["MRR"]
    assert found == (1.0, 1.0, *[1 / 2] * 10)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: hit_at(0, 5),
        lambda: hit_at(1, 0),
        lambda: measure_rankings([("ab", {"a": 0})], STARS),
        lambda: bootstrap([]),
        lambda: area_under_curve([1.0], []),
        lambda: bootstrap_area([], [1.0]),
        lambda: quantiles([]),
        lambda: reliability([0.5], []),
        lambda: reliability([1.2], [True]),
        lambda: reliability([0.5], [True], bins=0),
        lambda: expected_calibration_error(reliability([], [])),
    ],
    ids=[
        "rank 0", "k 0", "nothing right", "no values", "one side", "other side", "no quantiles",
        "lengths", "relevance above 1", "no bins", "empty bins",
    ],
)  # fmt: skip
def test_measures_reject(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


def test_bootstrap_is_repeatable_and_covers_the_mean() -> None:
    values = [1.0] * 30 + [0.0] * 10
    interval = bootstrap(values, seed=3)
    assert interval == bootstrap(values, seed=3)
    assert interval.mean == 0.75
    # The normal approximation gives 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 40) = [0.616, 0.884].
    assert interval.low == pytest.approx(0.616, abs=0.03)
    assert interval.high == pytest.approx(0.884, abs=0.03)


def test_bootstrap_depends_on_its_seed() -> None:
    values = [index**0.5 for index in range(20)]
    assert bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_bootstrap_of_a_constant_has_no_width() -> None:
    interval = bootstrap([0.5, 0.5, 0.5])
    assert (interval.mean, interval.low, interval.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("present", "absent", "value"),
    [([3.0, 4.0], [1.0, 2.0], 1.0), ([1.0], [1.0], 0.5), ([1.0, 3.0], [2.0], 0.5), ([0.0], [1.0], 0.0)],
    ids=["apart", "tied", "one of two above", "upside down"],
)
def test_area_under_curve(present: list[float], absent: list[float], value: float) -> None:
    assert area_under_curve(present, absent) == value


@given(st.lists(st.floats(0, 1), min_size=1), st.lists(st.floats(0, 1), min_size=1))
def test_area_under_curve_changes_sides(present: list[float], absent: list[float]) -> None:
    assert area_under_curve(present, absent) + area_under_curve(absent, present) == pytest.approx(1.0)


def test_the_interval_of_an_area_is_exact_where_sides_are_apart() -> None:
    interval = bootstrap_area([0.8, 0.9], [0.1, 0.2, 0.3], resamples=50)
    assert (interval.mean, interval.low, interval.high) == (1.0, 1.0, 1.0)


def test_the_interval_of_an_area_covers_it() -> None:
    present, absent = [0.2, 0.4, 0.6, 0.8], [0.1, 0.3, 0.5, 0.7]
    interval = bootstrap_area(present, absent, seed=1)
    # 4 + 3 + 2 + 1 of 16 pairs are in order.
    assert interval.mean == 10 / 16
    assert interval.low < 10 / 16 < interval.high


def test_reliability_puts_each_passage_into_its_bin() -> None:
    bins = reliability([0.0, 0.25, 0.75, 1.0], [False, True, True, True], bins=2)
    assert bins == (Bin(0.0, 0.5, 2, 0.125, 0.5), Bin(0.5, 1.0, 2, 0.875, 1.0))


@pytest.mark.parametrize(
    ("relevance", "place"),
    [(0.0, 0), (0.1, 1), (0.3, 3), (0.6, 6), (0.7, 7), (0.999, 9), (1.0, 9)],
    ids=str,
)
def test_an_edge_belongs_to_the_bin_above(relevance: float, place: int) -> None:
    counts = [one.count for one in reliability([relevance], [True])]
    assert counts.index(1) == place


@pytest.mark.parametrize(
    ("relevances", "right", "error"),
    [
        ([1.0, 1.0, 0.0], [True, True, False], 0.0),
        ([0.9, 0.9], [False, False], 0.9),
        ([0.8] * 5, [True] * 4 + [False], 0.0),
        # A bin of three that is 0.15 off and a bin of one that is 0.25 off.
        ([0.85, 0.85, 0.85, 0.25], [True, True, True, False], (3 * 0.15 + 1 * 0.25) / 4),
    ],
    ids=["certain and right", "certain and wrong", "right 8 times in 10", "two bins"],
)
def test_expected_calibration_error(relevances: list[float], right: list[bool], error: float) -> None:
    assert expected_calibration_error(reliability(relevances, right)) == pytest.approx(error)


def test_quantiles() -> None:
    assert quantiles([0.0, 1.0, 2.0, 3.0, 4.0], (0.25, 0.5, 1.0)) == (1.0, 2.0, 4.0)
