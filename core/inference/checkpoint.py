"""Reads a BERT model folder without torch: shape, weights, tokenizer, and what tells it from any other."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load
from tokenizers import Tokenizer

from core.file_digest import file_digest

WEIGHTS_FILE, CONFIG_FILE, TOKENIZER_FILE = "model.safetensors", "config.json", "tokenizer.json"
TOKENIZER_CONFIG_FILE, LENGTH_FILE = "tokenizer_config.json", "sentence_bert_config.json"
POOLING_FILE = "1_Pooling/config.json"
# What makes a model the one it is; a change in any of them is another model.
IDENTIFYING_FILES = (
    WEIGHTS_FILE,
    CONFIG_FILE,
    TOKENIZER_FILE,
    TOKENIZER_CONFIG_FILE,
    LENGTH_FILE,
    "modules.json",
    POOLING_FILE,
)


class Unsupported(Exception):
    """A model that only torch can run; the message says why."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A BERT model as it lies on disk: its shape, its tensors by name (float32), its tokenizer (no padding,
    no truncation), the tokens it reads at most, and the sha256 of all its files.
    """

    layers: int
    heads: int
    hidden: int
    epsilon: float
    tensors: Mapping[str, NDArray[np.float32]]
    tokenizer: Tokenizer
    limit: int
    digest: str


def read_checkpoint(directory: Path) -> Checkpoint:
    """Read the model folder ``directory``.

    Raises:
        Unsupported: it is no BERT in safetensors with a fast tokenizer, or it is damaged.
    """
    config = _read_json(directory / CONFIG_FILE)
    _require_plain_bert(config)
    try:
        tensors = load((directory / WEIGHTS_FILE).read_bytes())
        tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        layers, epsilon = int(config["num_hidden_layers"]), float(config["layer_norm_eps"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise Unsupported(f"cannot be read ({type(error).__name__}: {error})") from error
    except Exception as error:  # tokenizers raises bare Exceptions
        raise Unsupported(f"{TOKENIZER_FILE} cannot be read ({error})") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Checkpoint(
        layers=layers,
        heads=heads,
        hidden=hidden,
        epsilon=epsilon,
        # Old folders also hold position numbers, which are integers and no weights.
        tensors={
            name: tensor.astype(np.float32) for name, tensor in tensors.items() if tensor.dtype.kind == "f"
        },
        tokenizer=tokenizer,
        limit=_limit(directory, int(config.get("max_position_embeddings", 512))),
        digest=model_digest(directory),
    )


def model_digest(directory: Path) -> str:
    """The sha256 over the files that make the model of ``directory`` what it is."""
    total = hashlib.sha256()
    for name in IDENTIFYING_FILES:
        path = directory / name
        if path.is_file():
            total.update(f"{name} {file_digest(path)}\n".encode())
    return total.hexdigest()


def pools_by_mean(directory: Path) -> bool:
    """True when a sentence encoder averages its token vectors, which is the only pooling run here."""
    config = _read_json(directory / POOLING_FILE)
    modes = {name for name, on in config.items() if name.startswith("pooling_mode_") and on}
    return config.get("pooling_mode") == "mean" or modes == {"pooling_mode_mean_tokens"}


def _require_plain_bert(config: Mapping[str, Any]) -> None:
    expected = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "is_decoder": False,
        "add_cross_attention": False,
    }
    defaults = {"position_embedding_type": "absolute", "is_decoder": False, "add_cross_attention": False}
    for name, value in expected.items():
        given = config.get(name, defaults.get(name))
        if given != value:
            raise Unsupported(f"{name} is {given!r}, not {value!r}")


def _limit(directory: Path, positions: int) -> int:
    limits = [positions]
    for name, key in ((LENGTH_FILE, "max_seq_length"), (TOKENIZER_CONFIG_FILE, "model_max_length")):
        path = directory / name
        value = _read_json(path).get(key) if path.is_file() else None
        if isinstance(value, int | float) and value >= 1:
            limits.append(int(value))
    return min(limits)


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unsupported(f"{path.name} cannot be read ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise Unsupported(f"{path.name} is not an object")
    return content
