"""Training time where it teaches: of the groups drawn, those still wrong, with their worst mistakes.

Reading a text costs a third of learning from it, and most groups are already right (selective backpropagation, Jiang et
al. 2019). So more groups with more texts are read than learnt from.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import torch
from torch import Tensor

from training.losses import Loss, group_loss
from training.records import Group

# Logits by which a text without a grade may lead the best answer before it is taken for an answer that nobody labelled.
MOST_LEAD: Final = 3.0


def hardest_groups(
    read: Callable[[Sequence[tuple[str, str]]], Tensor],
    groups: Sequence[Group],
    count: int,
    texts: int,
    ranking: Loss,
) -> list[Group]:
    """The ``count`` of ``groups`` with the highest loss, each cut to its graded texts and its likeliest mistakes.

    Groups that nothing answers have another loss, so both kinds keep the same share of their groups.

    Args:
        read: the logits of pairs by the model as it is now, shape (pairs,).
        groups: what was drawn for the step.
        count: groups to keep.
        texts: texts a kept group has at most, if no more of them are graded.
        ranking: the loss that orders the groups.
    """
    pairs = [(group.question, text) for group in groups for text in group.texts]
    with torch.no_grad():
        logits = read(pairs)
    found: dict[bool, list[tuple[float, Group]]] = {True: [], False: []}
    for group, own in zip(groups, torch.split(logits, [len(group.texts) for group in groups]), strict=True):
        kept = _kept(group, own, texts)
        narrowed = Group(
            group.question, tuple(group.texts[i] for i in kept), tuple(group.grades[i] for i in kept)
        )
        grades = torch.tensor(narrowed.grades, device=own.device)
        loss = float(group_loss(own[kept], grades, ranking))
        found[bool(grades.any())].append((loss, narrowed))
    answered = round(count * len(found[True]) / len(groups))
    return _worst(found[True], answered) + _worst(found[False], count - answered)


def _worst(found: list[tuple[float, Group]], count: int) -> list[Group]:
    return [group for _, group in sorted(found, key=lambda one: -one[0])[:count]]


def lead_limit(answers: Iterable[float]) -> float:
    """The logit from which a text without a grade is taken for an answer; infinite where nothing answers."""
    return max(answers, default=float("inf")) + MOST_LEAD


def _kept(group: Group, logits: Tensor, texts: int) -> list[int]:
    graded = [index for index, grade in enumerate(group.grades) if grade > 0]
    limit = lead_limit(float(logits[index]) for index in graded)
    others = [
        index for index, grade in enumerate(group.grades) if grade == 0 and float(logits[index]) < limit
    ]
    others.sort(key=lambda index: -float(logits[index]))
    room = max(texts - len(graded), 1)
    return graded + others[:room]
