"""A network's logits over the candidates of examples, for measuring, calibrating and mining."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from training.network import PairNetwork
from training.records import Example, Passage

BATCH_TOKENS = 8_000


@dataclass(frozen=True, slots=True)
class Scored:
    """One wording of an example with its candidates, best logit first; ``right`` where a candidate answers."""

    example: Example
    question: str
    passage_ids: tuple[str, ...]
    logits: tuple[float, ...]
    right: tuple[bool, ...]

    @property
    def rank(self) -> int | None:
        """The rank of the first candidate that answers, from 1; None without one."""
        return next((at for at, one in enumerate(self.right, start=1) if one), None)


def score_examples(
    network: PairNetwork,
    passages: Mapping[str, Passage],
    examples: Sequence[Example],
    longest: int,
    candidates: int,
) -> Iterator[Scored]:
    """Score the first wording of each example against its answers and its first ``candidates`` negatives."""
    network.module.eval()
    for example in examples:
        ids = [*example.grades, *example.negatives[:candidates]]
        question = example.wordings[0]
        texts = [passages[one].text if example.bare else passages[one].situated_text for one in ids]
        with torch.inference_mode():
            logits = network.logits([(question, text) for text in texts], longest, BATCH_TOKENS)
        order = torch.argsort(logits, descending=True).tolist()
        yield Scored(
            example,
            question,
            tuple(ids[at] for at in order),
            tuple(float(logits[at]) for at in order),
            tuple(example.grades.get(ids[at], 0) > 1 for at in order),
        )
