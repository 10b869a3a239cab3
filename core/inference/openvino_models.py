"""Both models on OpenVINO, with neither torch nor transformers in the process."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.inference.checkpoint import Checkpoint
from core.inference.engine import Engine, Precision
from core.inference.network import Head, build_network
from core.inference.protocols import PairScores, Progress

# Pairs of one question whose tokens are kept, about 10 kB each.
MOST_REMEMBERED = 400


class OpenVinoEncoder:
    """An ``Encoder``: mean of the token vectors, scaled to length 1; safe to share between threads.

    Args:
        checkpoint: the model.
        precision: of the multiplications.

    Raises:
        Unsupported: the checkpoint is no such model.
    """

    def __init__(self, checkpoint: Checkpoint, precision: Precision = "f32") -> None:
        self._dimension = checkpoint.hidden
        self._tokenizer = checkpoint.tokenizer
        self._tokenizer.enable_truncation(checkpoint.limit)
        self._engine = Engine(build_network(checkpoint, Head.UNIT_VECTOR), checkpoint.limit, precision)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        return self._engine.run(self._tokenizer.encode_batch(list(texts)))


class OpenVinoPairReader:
    """A ``PairReader``; safe to share between threads.

    Args:
        checkpoint: the model.
        precision: of the multiplications.

    Raises:
        Unsupported: the checkpoint is no such model.
    """

    def __init__(self, checkpoint: Checkpoint, precision: Precision = "f32") -> None:
        self._tokens = PairTokens(checkpoint.tokenizer, checkpoint.limit)
        self._engine = Engine(build_network(checkpoint, Head.LOGIT), checkpoint.limit, precision)

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage, in the order given; progress is told after every batch."""
        encodings = self._tokens.of(question, passages)
        logits = self._engine.run(encodings, on_progress)
        return PairScores(logits.astype(np.float64), truncated(encodings))


class PairTokens:
    """The tokens of pairs; those of the last question are remembered, because they may be read twice.

    Safe to share between threads: a question that comes between is tokenised again, nothing else.
    """

    def __init__(self, tokenizer: Tokenizer, limit: int) -> None:
        self._tokenizer = tokenizer
        # Shortens the longer of the two, which is the passage unless a question fills half of the limit.
        self._tokenizer.enable_truncation(limit, strategy="longest_first")
        self._last: tuple[str, Mapping[str, Encoding]] = ("", {})

    def of(self, question: str, passages: Sequence[str]) -> list[Encoding]:
        """The tokens of each pair, in the order given."""
        asked, known = self._last
        if question != asked or len(known) > MOST_REMEMBERED:
            known = {}
        unknown = [passage for passage in dict.fromkeys(passages) if passage not in known]
        encoded = self._tokenizer.encode_batch([(question, passage) for passage in unknown])
        known = {**known, **dict(zip(unknown, encoded, strict=True))}
        self._last = (question, known)
        return [known[passage] for passage in passages]


def truncated(encodings: Sequence[Encoding]) -> NDArray[np.bool_]:
    """Which of the texts were longer than the model reads, shape (n,)."""
    return np.asarray([bool(one.overflowing) for one in encodings], dtype=np.bool_)
