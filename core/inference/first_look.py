"""The first look: a student of the reranker that tells the candidates which stand no chance.

It has fewer layers, on the embeddings of the very reranker that it learned from, and lies in a folder beside its
weights. How far below the last kept place a candidate must lie to be set aside was measured when it was trained.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from core.inference.checkpoint import (
    CONFIG_FILE,
    WEIGHTS_FILE,
    Checkpoint,
    Unsupported,
    model_digest,
    read_checkpoint,
)
from core.inference.choose import PRECISIONS, Choice
from core.inference.protocols import PairReader, PairScores, ignore_progress
from core.inference.score_cache import RememberingReader

FOLDER = "first_look"
# The tables that the student takes from the reranker.
SHARED: Final = tuple(
    f"bert.embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")
)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who goes on to the full model: whoever the first look puts less than ``margin`` (in logits) below the last
    place that is kept, ``least`` candidates for each place in any case.
    """

    margin: float
    least: int

    def chosen(self, logits: NDArray[np.float64], keep: int) -> list[int]:
        """The indices, rising, of the candidates that go on, at least ``keep`` where there are so many."""
        order = np.argsort(-logits, kind="stable")
        last_kept = logits[order[min(keep, len(order)) - 1]]
        number = max(int((logits >= last_kept - self.margin).sum()), keep * self.least)
        return sorted(int(index) for index in order[:number])


class FirstLook:
    """The student with its rule; safe to share between threads."""

    def __init__(self, reader: PairReader, rule: Rule) -> None:
        self._reader = RememberingReader(reader)
        self._rule = rule

    def read(self, question: str, passages: Sequence[str]) -> PairScores:
        """The student's logits, on the scale of the reranker's."""
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
) -> tuple[FirstLook | None, str]:
    """The first look of the reranker in ``directory`` where it serves, and a sentence that says why or why not.

    Args:
        directory: of the reranker.
        reader: the reranker.
        choice: what runs the reranker; the first look is run the same way.
        wanted: whether the settings ask for it.
    """
    if not wanted:
        return None, "off, every candidate is read at full depth (PROVISO_FIRST_LOOK)"
    if choice.recipe not in PRECISIONS:
        return None, f"none, every candidate is read at full depth on {choice.recipe}"
    folder = Path(directory) / FOLDER
    if not folder.is_dir():
        return None, "none for this reranker, every candidate is read at full depth"
    try:
        from core.inference.openvino_models import OpenVinoPairReader

        checkpoint, rule = read_student(folder, read_checkpoint(Path(directory)))
        tokens = reader.tokens if isinstance(reader, OpenVinoPairReader) else None
        student = OpenVinoPairReader(checkpoint, PRECISIONS[choice.recipe], tokens)
    except (ImportError, Unsupported) as error:
        logger.warning("No first look, every candidate is read at full depth: %s.", error)
        return None, f"none, every candidate is read at full depth ({error})"
    return FirstLook(student, rule), f"on, {checkpoint.layers} layers, margin {rule.margin:g}"


def write_config(folder: Path, layers: int, reranker: str, rule: Rule) -> None:
    """Say in ``folder`` of which reranker (its digest) a student of ``layers`` layers learned, and its rule."""
    content = {"layers": layers, "reranker": reranker, "margin": rule.margin, "least": rule.least}
    (folder / CONFIG_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_student(folder: Path, reranker: Checkpoint) -> tuple[Checkpoint, Rule]:
    """The student in ``folder`` on the embeddings of ``reranker``, and its rule.

    Raises:
        Unsupported: it is damaged, or learned from other weights.
    """
    try:
        config: Mapping[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        own = load((folder / WEIGHTS_FILE).read_bytes())
        layers, belongs = int(config["layers"]), config["reranker"] == reranker.digest
        rule = Rule(float(config["margin"]), int(config["least"]))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise Unsupported(f"{folder.name} cannot be read ({type(error).__name__})") from error
    if not belongs:
        raise Unsupported(
            f"{folder.name} learned from another reranker; python -m training.distil teaches it"
        )
    shared = {name: reranker.tensors[name] for name in SHARED}
    tensors = shared | {name: tensor.astype(np.float32) for name, tensor in own.items()}
    student = replace(reranker, layers=layers, tensors=tensors, digest=model_digest(folder))
    return student, rule
