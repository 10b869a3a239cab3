"""Both models on sentence-transformers: the reference, and what runs models that OpenVINO here cannot.

torch is imported when a model is loaded.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from core.errors import ModelUnavailable
from core.inference.protocols import PairScores, Progress

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

Device = Literal["cpu", "cuda"]
# On a processor batches of 8 to 32 pairs of like length cost the same, and small ones waste the least padding; a
# graphics card wants many at once.
BATCH_SIZES: Final[Mapping[Device, int]] = {"cpu": 16, "cuda": 128}


class TorchEncoder:
    """An ``Encoder`` on ``sentence_transformers.SentenceTransformer``; safe to share between threads."""

    def __init__(self, model: "SentenceTransformer") -> None:
        self._model = model
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        if not texts:
            return np.empty((0, self._model.get_embedding_dimension() or 0), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode(
                list(texts), batch_size=BATCH_SIZES["cpu"], normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


class TorchPairReader:
    """A ``PairReader`` on ``sentence_transformers.CrossEncoder``; safe to share between threads."""

    def __init__(self, model: "CrossEncoder", batch_size: int = BATCH_SIZES["cpu"]) -> None:
        self._model = model
        self._batch_size = batch_size
        self._lock = threading.Lock()

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage, in the order given; progress is told at the end alone."""
        pairs = [(question, passage) for passage in passages]
        with self._lock:
            logits = self._model.predict(pairs, batch_size=self._batch_size, show_progress_bar=False)
            lengths = self._lengths(pairs)
        on_progress(len(pairs), len(pairs))
        return PairScores(np.asarray(logits, dtype=np.float64), lengths > self._limit)

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
        return int(self._model.max_seq_length or self._model.tokenizer.model_max_length)


def load_torch_encoder(directory: str, device: Device = "cpu") -> TorchEncoder:
    """The sentence encoder in a folder, or of that name in the local cache; fp16 on a graphics card.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    return TorchEncoder(_load("SentenceTransformer", directory, device))


def load_torch_pair_reader(directory: str, device: Device = "cpu") -> TorchPairReader:
    """The cross-encoder in a folder, or of that name in the local cache; fp16 on a graphics card.

    Raises:
        ModelUnavailable: it is not on this disk.
    """
    return TorchPairReader(_load("CrossEncoder", directory, device), BATCH_SIZES[device])


def _load(kind: str, directory: str, device: Device) -> Any:  # noqa: ANN401 - the two classes share no base worth naming
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        module = import_module("sentence_transformers")
        dtype = torch.float16 if device == "cuda" else torch.float32
        options: dict[str, Any] = {
            "local_files_only": True,
            "device": device,
            "model_kwargs": {"dtype": dtype},
        }
        if kind == "CrossEncoder":
            options["activation_fn"] = torch.nn.Identity()
        return getattr(module, kind)(directory, **options)
    except (ImportError, OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelUnavailable(
            directory,
            f"cannot be loaded as a {kind} ({type(error).__name__}).",
            "Give a folder that holds such a model, or the bundled name; nothing is downloaded.",
        ) from error
