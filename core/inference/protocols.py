"""What the pipeline asks of its two models, whatever runs them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

# Told how many of how many texts are done.
Progress = Callable[[int, int], None]


def ignore_progress(done: int, of: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class PairScores:
    """What a scorer says of n (question, passage) pairs: logits, float64 of shape (n,), and whether the pair
    was longer than the model reads, bool of shape (n,).

    ``first_look``, bool of shape (n,), says which logits are those of the first look alone; None: of no pair.
    """

    logits: NDArray[np.float64]
    truncated: NDArray[np.bool_]
    first_look: NDArray[np.bool_] | None = None

    @property
    def by_first_look(self) -> NDArray[np.bool_]:
        """Which logits are those of the first look alone, shape (n,)."""
        if self.first_look is None:
            return np.zeros(len(self.logits), dtype=np.bool_)
        return self.first_look

    @property
    def relevance(self) -> NDArray[np.float64]:
        """The logits on a scale from 0 to 1 (logistic function), shape (n,)."""
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * self.logits)), dtype=np.float64)


class Encoder(Protocol):
    """Turns texts into vectors for the first stage."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        ...


class Scorer(Protocol):
    """Judges every passage against the exact question, both read together."""

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
            passages: texts to judge.
            on_progress: told how many are done and how many there are; it may raise to give up.
            keep: how many of the best will be kept. A scorer with a first look may then judge by it alone what
                stands no chance, and says so; with None it judges every passage at full depth.
            similarities: what the first stage's encoder says of each passage (cosines); a scorer that knows what they
                are worth joins them to its logits. None where the first stage did not ask the encoder.
        """
        ...


class PairReader(Protocol):
    """A cross-encoder: the model itself, without the memory of what it has read before."""

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage, in the order given."""
        ...
