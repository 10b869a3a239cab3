"""Which groups and which of their texts are learnt from, by logits that are written in the texts."""

from collections.abc import Sequence

import torch
from torch import Tensor

from training.hardest import hardest_groups
from training.losses import listwise
from training.records import Group


def read(pairs: Sequence[tuple[str, str]]) -> Tensor:
    return torch.tensor([float(text) for _, text in pairs])


def test_the_groups_that_are_most_wrong_are_kept() -> None:
    right, wrong, close = (
        Group(name, texts, (4, 0))
        for name, texts in (("right", ("9", "0")), ("wrong", ("0", "2")), ("close", ("1", "1")))
    )
    assert hardest_groups(read, [right, close, wrong], 2, 6, listwise) == [wrong, close]


def test_groups_that_nothing_answers_keep_their_share() -> None:
    answered = [Group("right", ("0", "2"), (4, 0)), Group("worse", ("0", "2.5"), (4, 0))]
    silent = [Group("sure", ("-3", "-2"), (0, 0)), Group("tempted", ("-3", "0"), (0, 0))]
    kept = hardest_groups(read, [*silent, *answered], 2, 6, listwise)
    assert [group.question for group in kept] == ["worse", "tempted"]


def test_a_group_keeps_its_answers_and_its_likeliest_mistakes() -> None:
    group = Group("q", ("-3", "1", "0.5", "-1", "-2"), (4, 0, 0, 0, 2))
    assert hardest_groups(read, [group], 1, 4, listwise) == [
        Group("q", ("-3", "-2", "0.5", "-1"), (4, 2, 0, 0))
    ]
    # "1" leads the best answer by three logits: most likely an answer that nobody labelled.


def test_where_nothing_answers_the_most_tempting_are_kept() -> None:
    group = Group("q", ("0", "7", "-4", "2"), (0, 0, 0, 0))
    assert hardest_groups(read, [group], 1, 2, listwise) == [Group("q", ("7", "2"), (0, 0))]


def test_one_mistake_stays_beside_any_number_of_answers() -> None:
    group = Group("q", ("1", "2", "3", "0"), (4, 3, 2, 0))
    assert hardest_groups(read, [group], 1, 2, listwise) == [group]
