"""The two models of the pipeline: the encoder of stage 1 and the cross-encoder of stage 2.

Importing this module is cheap. Both models are on disk, nothing is fetched; ``core.inference`` runs them.
``load_scorer().score(question, passages)`` is the whole cross-encoder for a Python user.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from core.file_digest import file_digest
from core.inference.checkpoint import Unsupported
from core.inference.choose import BF16, F32, Choice, Runtime, open_encoder, open_pair_reader
from core.inference.first_look import open_first_look
from core.inference.prior import PRIOR_FILE, Prior, read_prior
from core.inference.protocols import Encoder, PairScores, Progress, Scorer, ignore_progress
from core.inference.scorer import CrossEncoderScorer, Memory
from core.settings import Settings, load_settings

__all__ = [
    "BUNDLED_ENCODER",
    "BUNDLED_RERANKER",
    "ENCODER_DIRECTORY",
    "RERANKER_DIRECTORY",
    "CrossEncoderScorer",
    "Encoder",
    "EncoderSource",
    "PairScores",
    "Progress",
    "Scorer",
    "SentenceEncoder",
    "TokenCounter",
    "ignore_progress",
    "load_encoder",
    "load_scorer",
    "reranker_directory",
    "weights_digest",
]

BUNDLED_ENCODER = "contract-encoder"
BUNDLED_RERANKER = "contract-reranker"
WEIGHTS = "model.safetensors"
MODELS = Path(__file__).resolve().parent.parent / "models"
ENCODER_DIRECTORY = MODELS / BUNDLED_ENCODER
RERANKER_DIRECTORY = MODELS / BUNDLED_RERANKER


class SentenceEncoder:
    """An ``Encoder`` from disk; safe to share between threads. ``choice`` says what runs it and why."""

    def __init__(self, model: Encoder, choice: Choice) -> None:
        self.choice = choice
        self._model = model

    @property
    def backend(self) -> str:
        """What runs it, such as "openvino-bf16"."""
        return self.choice.recipe

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        return self._model.encode(texts)


@dataclass(frozen=True)
class EncoderSource:
    """Where the encoder's weights lie and what tells them apart from any others."""

    name: str

    @cached_property
    def directory(self) -> str:
        """A folder, or the name of a model in the local cache."""
        return str(ENCODER_DIRECTORY) if self.name == BUNDLED_ENCODER else self.name

    @cached_property
    def identity(self) -> str:
        """The sha256 of the weights where they are a file, else the name; the same whatever runs them."""
        return weights_digest(self.directory) or self.name

    def token_counter(self) -> "TokenCounter":
        """Counts the tokens this encoder would read, special tokens included, without loading the model."""
        return TokenCounter(self.directory)

    def load(self, settings: Settings | None = None) -> SentenceEncoder:
        """Load the weights into memory, to be run as ``settings`` say (by default those of this machine).

        Raises:
            ModelUnavailable: they are missing or damaged.
        """
        return SentenceEncoder(*open_encoder(self.directory, _runtime(settings)))


def weights_digest(directory: str) -> str:
    """The sha256 of a model folder's weights in hexadecimal; empty where they are no file in it."""
    weights = Path(directory) / WEIGHTS
    if not weights.is_file():
        return ""
    return file_digest(weights)


def reranker_directory(name: str) -> str:
    """The folder of the cross-encoder ``name``, or the name where it is looked up in the local cache."""
    return str(RERANKER_DIRECTORY) if name == BUNDLED_RERANKER else name


class TokenCounter:
    """Number of tokens of a text, special tokens included, by the tokenizer.json of a model folder."""

    def __init__(self, directory: str) -> None:
        from tokenizers import Tokenizer

        path = Path(directory) / "tokenizer.json"
        if not path.is_file():
            raise ModelUnavailable(directory, "has no tokenizer.json.", "Give a model with a fast tokenizer.")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def __call__(self, text: str) -> int:
        """The number of tokens of ``text``."""
        return len(self._tokenizer.encode(text).ids)


def load_encoder(name: str = BUNDLED_ENCODER, settings: Settings | None = None) -> SentenceEncoder:
    """The encoder ``name``: the bundled one, a folder, or a sentence-transformers name in the local cache.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    return EncoderSource(name).load(settings)


def load_scorer(
    name: str = BUNDLED_RERANKER,
    settings: Settings | None = None,
    memory: Memory | None = None,
) -> CrossEncoderScorer:
    """The cross-encoder ``name``: the bundled one, a folder, or a name in the local cache.

    Args:
        name: which model.
        settings: what runs it; by default the settings of this machine.
        memory: what remembers the pairs that a reader has read, told what runs the reader; by default the last
            20,000 pairs are remembered in the process.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    settings = load_settings() if settings is None else settings
    directory = reranker_directory(name)
    runtime = _runtime(settings)
    reader, choice = open_pair_reader(directory, runtime)
    first_look, reader, why = open_first_look(directory, reader, choice, settings.first_look)
    exact = open_pair_reader(directory, replace(runtime, inference=F32))[0] if choice.recipe == BF16 else None
    return CrossEncoderScorer(
        reader,
        name,
        choice,
        first_look=first_look,
        first_look_why=why,
        exact=exact,
        memory=memory,
        prior=_prior(directory, settings),
    )


def _prior(directory: str, settings: Settings) -> Prior | None:
    if not (Path(directory) / PRIOR_FILE).is_file():
        return None
    encoder = EncoderSource(settings.encoder).identity
    try:
        return read_prior(Path(directory), encoder, weights_digest(directory))
    except Unsupported as error:
        raise ModelUnavailable(directory, f"{error}.", "Restore the file, or remove it.") from error


def _runtime(settings: Settings | None) -> Runtime:
    settings = load_settings() if settings is None else settings
    return Runtime(settings.inference, settings.directory / "models")
