"""The reranker cut in two: what its lower layers see in a pair decides whether the upper ones read it as well.

The lower half's token vectors of the last question are kept until the upper half has gone on from them, so that no
layer is computed twice.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from core.inference.batches import Batch, plan_batches
from core.inference.checkpoint import Checkpoint
from core.inference.engine import Engine, Precision, padded
from core.inference.network import build_lower, build_upper
from core.inference.openvino_models import PairTokens, truncated
from core.inference.protocols import PairScores, Progress

Rows = NDArray[np.float32]
# Pairs whose token vectors are kept, about 300 kB each.
MOST_KEPT = 200


class CutReranker:
    """Both halves of a reranker, cut after ``layers``; safe to share between threads.

    Args:
        checkpoint: the reranker.
        layers: of the lower half.
        precision: of the multiplications.
        look: tensors of a first look at what the lower half gives, or None for the means that it looks at.

    Raises:
        Unsupported: the checkpoint is no such model.
    """

    def __init__(
        self, checkpoint: Checkpoint, layers: int, precision: Precision, look: Mapping[str, Rows] | None
    ) -> None:
        self.limit = checkpoint.limit
        self._lower = Engine(build_lower(checkpoint, layers, look), checkpoint.limit, precision)
        self._upper = Engine(build_upper(checkpoint, layers), checkpoint.limit, precision)

    def below(self, encodings: Sequence[Encoding]) -> Iterator[tuple[Batch, Rows, Rows]]:
        """Batches with the token vectors of their pairs, padding included, and what is seen in them."""
        for batch in plan_batches([len(one.ids) for one in encodings], self.limit):
            hidden, seen = self._lower.infer(padded(encodings, batch))
            yield batch, hidden, seen

    def above(self, hidden: Rows, lengths: Sequence[int]) -> Rows:
        """The logits, shape (pairs,), of padded token vectors of pairs that have ``lengths`` tokens."""
        mask = (np.arange(hidden.shape[1]) < np.asarray(lengths)[:, np.newaxis]).astype(np.float32)
        return self._upper.infer({"hidden": hidden, "mask": mask})[0]


class EarlyExit:
    """A ``PairReader`` by every layer, with another one, ``first``, that gives what the first look says of pairs.

    Safe to share between threads: a question that comes between costs time, nothing else.

    Args:
        cut: the reranker with a first look.
        tokens: of the reranker's tokenizer.
    """

    def __init__(self, cut: CutReranker, tokens: PairTokens) -> None:
        self.first = _FirstReader(self)
        self._cut, self._tokens = cut, tokens
        self._kept: tuple[str, Mapping[str, Rows]] = ("", {})

    def look(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """The first look at each pair; the token vectors are kept for ``read``."""
        encodings = self._tokens.of(question, passages)
        logits = np.empty(len(passages), dtype=np.float64)
        kept: dict[str, Rows] = {}
        done = 0
        for batch, hidden, seen in self._cut.below(encodings):
            logits[list(batch.positions)] = seen
            for row, position in zip(hidden, batch.positions, strict=True):
                if len(kept) < MOST_KEPT:
                    kept[passages[position]] = row[: len(encodings[position].ids)]
            done += len(batch.positions)
            on_progress(done, len(passages))
        self._kept = (question, kept)
        return PairScores(logits, truncated(encodings))

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage by every layer, going on from what ``look`` has kept; progress as of every reader."""
        encodings = self._tokens.of(question, passages)
        looked, kept = self._kept
        if looked != question:
            kept = {}
        self._kept = ("", {})
        logits = np.empty(len(passages), dtype=np.float64)
        done = 0
        for positions, found in self._logits(encodings, [kept.get(one) for one in passages]):
            logits[positions] = found
            done += len(positions)
            on_progress(done, len(passages))
        return PairScores(logits, truncated(encodings))

    def _logits(
        self, encodings: Sequence[Encoding], kept: Sequence[Rows | None]
    ) -> Iterator[tuple[list[int], Rows]]:
        begun = [(at, rows) for at, rows in enumerate(kept) if rows is not None]
        for batch in plan_batches([len(rows) for _, rows in begun], self._cut.limit):
            chosen = [begun[position] for position in batch.positions]
            hidden = np.zeros((len(chosen), batch.width, chosen[0][1].shape[1]), dtype=np.float32)
            for row, (_, rows) in zip(hidden, chosen, strict=True):
                row[: len(rows)] = rows
            yield [at for at, _ in chosen], self._cut.above(hidden, [len(rows) for _, rows in chosen])
        unread = [at for at, rows in enumerate(kept) if rows is None]
        for batch, hidden, _ in self._cut.below([encodings[at] for at in unread]):
            positions = [unread[position] for position in batch.positions]
            yield positions, self._cut.above(hidden, [len(encodings[at].ids) for at in positions])


class _FirstReader:
    def __init__(self, both: EarlyExit) -> None:
        self._both = both

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        return self._both.look(question, passages, on_progress)
