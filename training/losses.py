"""What training makes small. Every loss takes logits and grades (0-4), both of shape (texts,), of one group."""

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

# What relevance should come out for each grade: ACORD's stars, where three and more are what was asked for. Never quite
# nought: pushed on without end, all hopeless texts end at one lowest logit, and a right one among them stays there.
TARGETS: Final = (0.02, 0.1, 0.5, 0.9, 0.98)
POSITIVE_WEIGHT: Final = 2.0
ABSOLUTE_SHARE: Final = 0.4
MARGIN: Final = 1.0

Loss = Callable[[Tensor, Tensor], Tensor]


def listwise(logits: Tensor, grades: Tensor) -> Tensor:
    """Cross-entropy of the softmax over the group against gains 2^grade - 1 (ListNet, Cao et al. 2007)."""
    gains = torch.exp2(grades.float()) - 1.0
    return -(gains / gains.sum() * functional.log_softmax(logits, -1)).sum()


def lambda_loss(logits: Tensor, grades: Tensor) -> Tensor:
    """Pairwise logistic loss weighted by the change of nDCG (LambdaRank, Burges 2010)."""
    gains = torch.exp2(grades.float()) - 1.0
    ranks = torch.argsort(torch.argsort(logits.detach(), descending=True)).float() + 1.0
    discounts = 1.0 / torch.log2(1.0 + ranks)
    ideal = (gains.sort(descending=True).values / torch.log2(2.0 + torch.arange(len(gains)))).sum()
    weights = ((gains[:, None] - gains) * (discounts[:, None] - discounts)).abs() / ideal
    better = gains[:, None] > gains
    losses = functional.softplus(-(logits[:, None] - logits)) * weights
    return losses[better].sum()


def graded_margin(logits: Tensor, grades: Tensor) -> Tensor:
    """Hinge loss over pairs: a higher grade leads by a margin for each star between them."""
    difference = (grades[:, None] - grades).float()
    better = difference > 0
    return functional.relu(MARGIN * difference - (logits[:, None] - logits))[better].mean()


def absolute(logits: Tensor, grades: Tensor) -> Tensor:
    """Binary cross-entropy against the relevance that each grade stands for, right passages counted twice."""
    targets = torch.tensor(TARGETS, device=logits.device)[grades]
    weight = torch.tensor(POSITIVE_WEIGHT, device=logits.device)
    return functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight)


def early(exits: Tensor, logits: Tensor) -> Tensor:
    """How far earlier layers, shape (texts, layers), are from what the last one says of a group, shape (texts,).

    Cross-entropy against the last layer's relevance and its softmax over the group; it learns nothing from them.
    """
    said = logits.detach()[:, None].expand_as(exits)
    relevance = functional.binary_cross_entropy_with_logits(exits, said.sigmoid())
    order = -(said.softmax(0) * functional.log_softmax(exits, 0)).sum(0).mean()
    return relevance + order


RANKING_LOSSES: Final[Mapping[str, Loss]] = {
    "listwise": listwise,
    "lambda": lambda_loss,
    "margin": graded_margin,
}


def group_loss(logits: Tensor, grades: Tensor, ranking: Loss) -> Tensor:
    """The ranking loss where something answers, and everywhere a share of the absolute one."""
    loss = ABSOLUTE_SHARE * absolute(logits, grades)
    return loss + ranking(logits, grades) if int(grades.max()) > 0 else loss
