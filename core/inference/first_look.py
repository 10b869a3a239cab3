"""The first look: after a few of the reranker's own layers it tells the candidates which stand no chance.

How many candidates must go on for the kept ones to stay the same was measured when it was fitted.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.inference.checkpoint import Unsupported, read_checkpoint
from core.inference.choose import LOGIT_BOUNDS, PRECISIONS, Choice, require_same_logits
from core.inference.look_file import Rule, read_look
from core.inference.protocols import PairReader, PairScores, ignore_progress
from core.inference.score_cache import RememberingReader

FOLDER = "first_look"
logger = logging.getLogger(__name__)


class FirstLook:
    """What the lower layers say, with the rule for it; safe to share between threads."""

    def __init__(self, reader: PairReader, rule: Rule) -> None:
        self._reader = RememberingReader(reader)
        self._rule = rule

    def read(self, question: str, passages: Sequence[str]) -> PairScores:
        """Logits on the scale of the reranker's."""
        return self._reader.read(question, passages, ignore_progress)

    def chosen(self, logits: NDArray[np.float64], keep: int) -> list[int]:
        """The indices of the candidates that the full model must read, rising."""
        return self._rule.chosen(logits, keep)


def replaced(looked: PairScores, chosen: Sequence[int], full: PairScores) -> PairScores:
    """``looked`` with the scores of ``full`` for the pairs ``chosen``; the others are marked."""
    logits, truncated = looked.logits.copy(), looked.truncated.copy()
    alone = np.ones(len(logits), dtype=np.bool_)
    logits[chosen], truncated[chosen], alone[chosen] = full.logits, full.truncated, False
    return PairScores(logits, truncated, alone)


def open_first_look(
    directory: str, reader: PairReader, choice: Choice, wanted: bool
) -> tuple[FirstLook | None, PairReader, str]:
    """The first look of the reranker in ``directory`` where it serves, and a sentence that says why or why not.

    With it comes the reader to use in place of ``reader``: one that goes on where the first look ended.

    Args:
        directory: of the reranker.
        reader: the reranker.
        choice: what runs the reranker; the first look is run the same way.
        wanted: whether the settings ask for it.
    """
    if not wanted:
        return None, reader, "off, every candidate is read at full depth (PROVISO_FIRST_LOOK)"
    if choice.recipe not in PRECISIONS:
        return None, reader, f"none, every candidate is read at full depth on {choice.recipe}"
    folder = Path(directory) / FOLDER
    if not folder.is_dir():
        return None, reader, "none for this reranker, every candidate is read at full depth"
    try:
        from core.inference.early_exit import CutReranker, EarlyExit
        from core.inference.openvino_models import PairTokens

        checkpoint = read_checkpoint(Path(directory))
        look = read_look(folder, checkpoint)
        cut = CutReranker(checkpoint, look.layers, PRECISIONS[choice.recipe], look.tensors)
        both = EarlyExit(cut, PairTokens(checkpoint.tokenizer, checkpoint.limit))
        require_same_logits(reader, both, LOGIT_BOUNDS[choice.recipe])
    except (ImportError, Unsupported) as error:
        logger.warning("No first look, every candidate is read at full depth: %s.", error)
        return None, reader, f"none, every candidate is read at full depth ({error})"
    going_on = f"{look.rule.each} for each place and {look.rule.more} more go on"
    return (
        FirstLook(both.first, look.rule),
        both,
        f"on, after {look.layers} of {checkpoint.layers} layers, {going_on}",
    )
