"""Losses of the reranker's training, against values worked out by hand."""

import math

import pytest

torch = pytest.importorskip("torch")

from training.losses import (  # noqa: E402 - after the check for torch
    ABSOLUTE_SHARE,
    RANKING_LOSSES,
    absolute,
    early,
    graded_margin,
    group_loss,
    lambda_loss,
    listwise,
)


def test_listwise_of_equal_logits_is_the_logarithm_of_the_group_size() -> None:
    assert float(listwise(torch.zeros(4), torch.tensor([4, 0, 0, 0]))) == pytest.approx(math.log(4))


def test_listwise_shares_its_target_by_gain() -> None:
    # Gains 2^2-1 = 3 and 2^1-1 = 1: three quarters and one quarter.
    logits = torch.tensor([1.0, 0.0])
    normal = math.log(math.e + 1)
    expected = 0.75 * (normal - 1.0) + 0.25 * normal
    assert float(listwise(logits, torch.tensor([2, 1]))) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        pytest.param([5.0, 0.0, 0.0], 0.0, id="led by more than the stars between them"),
        # Pairs 2>1, 2>0, 1>0 need 1, 2 and 1: all equal, all missed.
        pytest.param([0.0, 0.0, 0.0], (1 + 2 + 1) / 3, id="no lead at all"),
    ],
)
def test_margin_asks_for_a_lead_of_one_a_star(logits: list[float], expected: float) -> None:
    grades = torch.tensor([2, 0, 0] if expected == 0.0 else [2, 1, 0])
    assert float(graded_margin(torch.tensor(logits), grades)) == pytest.approx(expected)


def test_lambda_weighs_a_pair_by_what_swapping_it_costs() -> None:
    # The right one stands second: swapping gains 15 * (1 - 1/log2(3)), of an ideal of 15.
    weight = 1.0 - 1.0 / math.log2(3)
    expected = weight * math.log(1 + math.exp(1.0))
    assert float(lambda_loss(torch.tensor([0.0, 1.0]), torch.tensor([4, 0]))) == pytest.approx(expected)


def test_absolute_counts_right_passages_twice() -> None:
    # Both chances are one half: log 2 for the wrong one, twice log 2 for the right one.
    expected = (2 * math.log(2) + math.log(2)) / 2
    assert float(absolute(torch.zeros(2), torch.tensor([4, 0]))) == pytest.approx(expected)


def test_a_group_without_an_answer_teaches_only_that_nothing_answers() -> None:
    logits, grades = torch.tensor([0.0, 1.0]), torch.tensor([0, 0])
    expected = ABSOLUTE_SHARE * float(absolute(logits, grades))
    assert float(group_loss(logits, grades, listwise)) == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted(RANKING_LOSSES))
def test_every_loss_falls_when_the_right_passage_rises(name: str) -> None:
    grades = torch.tensor([4, 1, 0])
    low = float(RANKING_LOSSES[name](torch.tensor([0.0, 0.5, 1.0]), grades))
    high = float(RANKING_LOSSES[name](torch.tensor([2.0, 0.5, 0.0]), grades))
    assert high < low


def test_earlier_layers_are_held_to_the_last_one_and_teach_it_nothing() -> None:
    logits = torch.tensor([0.0, 0.0], requires_grad=True)
    exits = torch.tensor([[0.0, 5.0], [0.0, 5.0]], requires_grad=True)
    # Relevance one half: log 2 from the first layer; more from the second, which is sure of both.
    sure = (math.log(1 + math.exp(-5.0)) + math.log(1 + math.exp(5.0))) / 2
    expected = (math.log(2) + sure) / 2 + math.log(2)
    loss = early(exits, logits)
    assert float(loss.detach()) == pytest.approx(expected)
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is None
    assert exits.grad is not None
