"""The margin at the cut: near misses and passages that were only just kept."""

import math

import pytest

from core.explain.margin import cut
from core.records import Inquiry, Selection
from core.stage2_rerank import override
from tests.rankings import Row, ids, ranked, texts


def logit(relevance: float) -> float:
    return math.log(relevance / (1 - relevance))


def rows(*relevances: float, contracts: str = "a") -> list[Row]:
    return [
        (contracts[at % len(contracts)], f"{value:.2f}", logit(value)) for at, value in enumerate(relevances)
    ]


@pytest.mark.parametrize(
    ("relevances", "near", "narrow"),
    [
        pytest.param((0.90, 0.80, 0.76, 0.74), ["0.76"], ["0.80"], id="one within 0.05 of the last kept"),
        pytest.param((0.80, 0.79, 0.78, 0.60), ["0.78"], ["0.80", "0.79"], id="both kept are close"),
        pytest.param((0.90, 0.80, 0.70), [], [], id="a clear cut"),
        pytest.param((0.90, 0.07, 0.04), [], [], id="close, and less than one chance in twenty"),
        pytest.param((0.90, 0.08, 0.06), ["0.06"], ["0.08"], id="close, and more than one chance in twenty"),
        pytest.param((0.90, 0.80), [], [], id="nothing discarded"),
        pytest.param((), [], [], id="no candidates"),
    ],
)
def test_near_misses_lie_within_the_margin_and_have_a_chance(
    relevances: tuple[float, ...], near: list[str], narrow: list[str]
) -> None:
    at = cut(ranked(Inquiry("q", keep=2), *rows(*relevances)), 0.05, 0.0)
    assert texts(at.near_misses) == near
    assert texts(at.narrowly_kept) == narrow


def test_without_anything_kept_the_minimum_is_the_cut() -> None:
    at = cut(ranked(Inquiry("q", minimum_relevance=0.5), *rows(0.48, 0.30)), 0.05, 0.5)
    assert at.last_kept is None
    assert texts(at.near_misses) == ["0.48"]


def test_the_rule_of_one_a_contract_makes_no_near_misses() -> None:
    inquiry = Inquiry("q", keep=2, selection=Selection.BEST_OF_EACH)
    at = cut(ranked(inquiry, ("a", "1", 2.0), ("a", "2", 1.9), ("b", "3", 1.0), ("c", "4", 0.9)), 0.05, 0.0)
    assert texts(at.near_misses) == ["4"]
    assert at.next_discarded is not None
    assert at.next_discarded.rank == 4


def test_a_reader_does_not_move_the_cut() -> None:
    before = ranked(Inquiry("q", keep=2), *rows(0.90, 0.80, 0.78, 0.40))
    after = override(before, ids(before.discarded[1:]), ids(before.kept[1:]), 2)
    at = cut(after, 0.05, 0.0)
    assert at.last_kept is not None
    assert at.last_kept.candidate.chunk.text == "0.80"
    assert texts(at.near_misses) == ["0.78"]
    assert at.narrowly_kept == ()
    assert at.near_ids == frozenset(ids(before.discarded[:1]))


def test_a_margin_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not 1\.5"):
        cut(ranked(Inquiry("q")), 1.5, 0.0)
