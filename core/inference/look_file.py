"""The first look on disk: a folder beside the reranker's weights, and the rule for who goes on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save_file

from core.inference.checkpoint import CONFIG_FILE, WEIGHTS_FILE, Checkpoint, Unsupported


@dataclass(frozen=True, slots=True)
class Rule:
    """Who goes on to the full model: the first by the first look, ``each`` for every place and ``more`` besides.

    A number, not a distance in logits: by distance twice as many had to go on for the same kept passages.
    """

    more: int
    each: int

    def chosen(self, logits: NDArray[np.float64], keep: int) -> list[int]:
        """The indices, rising, of the candidates that go on, at least ``keep`` where there are so many."""
        order = np.argsort(-logits, kind="stable")
        return sorted(int(index) for index in order[: keep * self.each + self.more])


@dataclass(frozen=True, slots=True)
class Look:
    """How many of the reranker's layers come before the first look, its own tensors by name, and its rule.

    ``inner`` maps the means of the question's and of the passage's token vectors to a hidden layer, ``outer`` that to
    a logit on the scale of the reranker's.
    """

    layers: int
    tensors: Mapping[str, NDArray[np.float32]]
    rule: Rule


def write_look(folder: Path, look: Look, reranker: str) -> None:
    """Write ``look`` to ``folder``, weights in fp16, with the digest of the ``reranker`` that it belongs to."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "layers": look.layers,
        "reranker": reranker,
        "more": look.rule.more,
        "each": look.rule.each,
    }
    save_file(
        {name: tensor.astype(np.float16) for name, tensor in look.tensors.items()}, folder / WEIGHTS_FILE
    )
    (folder / CONFIG_FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_look(folder: Path, reranker: Checkpoint) -> Look:
    """The first look in ``folder``, which must belong to ``reranker``.

    Raises:
        Unsupported: it is damaged, or belongs to other weights.
    """
    try:
        config: Mapping[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
        own = load((folder / WEIGHTS_FILE).read_bytes())
        layers, belongs = int(config["layers"]), config["reranker"] == reranker.digest
        rule = Rule(int(config["more"]), int(config["each"]))
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise Unsupported(f"{folder.name} cannot be read ({type(error).__name__})") from error
    if not belongs:
        raise Unsupported(
            f"{folder.name} belongs to another reranker; python -m training.fit_first_look fits one"
        )
    if not 0 < layers < reranker.layers:
        raise Unsupported(f"{folder.name} comes after {layers} of {reranker.layers} layers")
    return Look(layers, {name: tensor.astype(np.float32) for name, tensor in own.items()}, rule)
