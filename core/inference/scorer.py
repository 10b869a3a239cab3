"""The cross-encoder as the second stage asks it: a first look, the full model, a second look near the cut.

first look   ->  sets aside what stands no chance     (its first layers; ``core.inference.first_look``)
full model   ->  every candidate that is left         (the recipe that ``core.inference.choose`` found)
second look  ->  the few that rounding could swap     (float32, where the recipe is not)
prior        ->  the encoder's similarity joined in   (``core.inference.prior``), before anything is cut
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.inference.choose import F32, Choice
from core.inference.first_look import FirstLook, replaced
from core.inference.prior import Prior
from core.inference.protocols import PairReader, PairScores, Progress, ignore_progress
from core.inference.score_cache import RememberingReader, ScoreCache

# Twice the most that bfloat16 was seen to move a logit (0.064 in 16,000 pairs): candidates further apart keep
# their order.
UNSURE = 0.15
Memory = Callable[[PairReader, str], PairReader]


class CrossEncoderScorer:
    """A ``Scorer`` that remembers the pairs it read last; safe to share between threads.

    Args:
        reader: the model.
        name: as the user calls it.
        choice: what runs it.
        cache: of the pairs it has read.
        first_look: tells the candidates that stand no chance; None reads every one at full depth.
        first_look_why: one sentence for ``proviso doctor``.
        exact: the model in float32, for the candidates that its rounding could put on the wrong side of the cut.
        memory: what remembers the pairs of each reader in place of the cache, told what runs the reader.
        prior: what the similarities of the first stage are worth; None leaves them out.
    """

    def __init__(
        self,
        reader: PairReader,
        name: str,
        choice: Choice,
        cache: ScoreCache | None = None,
        first_look: FirstLook | None = None,
        first_look_why: str = "",
        exact: PairReader | None = None,
        memory: Memory | None = None,
        prior: Prior | None = None,
    ) -> None:
        self.name = name
        self.choice = choice
        self.first_look_why = first_look_why
        self.prior = prior
        self._reader = RememberingReader(reader, cache) if memory is None else memory(reader, choice.recipe)
        self._first_look = first_look
        self._exact = None
        if exact is not None:
            self._exact = RememberingReader(exact) if memory is None else memory(exact, F32)

    @property
    def has_first_look(self) -> bool:
        """True when candidates that stand no chance may be set aside after a few layers."""
        return self._first_look is not None

    @property
    def backend(self) -> str:
        """What runs the model, such as "openvino-bf16"; with a first look it says so."""
        return f"{self.choice.recipe}, first look" if self.has_first_look else self.choice.recipe

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,
        similarities: Sequence[float] | None = None,
    ) -> PairScores:
        """One logit a passage, in the order given.

        Args:
            question: the exact question.
            passages: texts to judge; those judged before are not read again.
            on_progress: told how many passages that had to be read are done, and how many there are.
            keep: how many of the best will be kept; what surely is not among them is judged by the first look
                alone, where there is one. None: every passage is read at full depth.
            similarities: of each passage, by the encoder; joined to the logits where a prior says what they are worth.
        """
        joined = partial(self._joined, similarities)
        if keep is None or not passages:
            return joined(self._reader.read(question, passages, on_progress))
        if self._first_look is None:
            scores = self._reader.read(question, passages, on_progress)
        else:
            looked = self._first_look.read(question, passages)
            chosen = self._first_look.chosen(joined(looked).logits, keep)
            full = self._reader.read(question, [passages[index] for index in chosen], on_progress)
            scores = replaced(looked, chosen, full)
        if self._exact is not None:
            read = np.flatnonzero(~scores.by_first_look)
            unsure = [int(read[index]) for index in near_the_cut(joined(scores).logits[read], keep)]
            scores = _read_again(question, passages, scores, unsure, self._exact)
        return joined(scores)

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float64]:
        """Relevance of each passage to the question, from 0 to 1, shape (len(passages),)."""
        return self.score_pairs(question, passages).relevance

    def _joined(self, similarities: Sequence[float] | None, scores: PairScores) -> PairScores:
        if self.prior is None or similarities is None:
            return scores
        return self.prior.joined(scores, similarities)


def _read_again(
    question: str, passages: Sequence[str], scores: PairScores, unsure: Sequence[int], exact: PairReader
) -> PairScores:
    if not unsure:
        return scores
    found = exact.read(question, [passages[index] for index in unsure], ignore_progress)
    logits = scores.logits.copy()
    logits[unsure] = found.logits
    return PairScores(logits, scores.truncated, scores.first_look)


def near_the_cut(logits: NDArray[np.float64], keep: int, unsure: float = UNSURE) -> list[int]:
    """The indices of the logits that errors of up to half of ``unsure`` could put on the other side of the cut.

    Those are the kept ones hardly above the first that is not kept, and the others hardly below the last that is.
    """
    if len(logits) <= keep:
        return []
    order = np.argsort(-logits, kind="stable")
    last_kept, first_out = logits[order[keep - 1]], logits[order[keep]]
    above = [index for index in order[:keep] if logits[index] <= first_out + unsure]
    below = [index for index in order[keep:] if logits[index] >= last_kept - unsure]
    return sorted(int(index) for index in (above + below if above and below else ()))
