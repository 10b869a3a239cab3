"""Which of the two runs a model: OpenVINO where it gives what torch gives, otherwise torch."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from core.inference.checkpoint import Unsupported, pools_by_mean, read_checkpoint
from core.inference.protocols import Encoder, PairReader, ignore_progress
from core.inference.reference import QUESTION, TEXTS, Reference, find_reference, store_reference
from core.inference.torch_models import load_torch_encoder, load_torch_pair_reader
from core.settings import Inference

Model = TypeVar("Model")
Rows = NDArray[np.float64]
logger = logging.getLogger(__name__)

# float32 sums in another order differ by about 1e-5 in a logit and 1e-6 in a vector; anything beyond these
# bounds is another computation.
LOGIT_BOUND = 1e-4
VECTOR_BOUND = 1e-5
# Products in bfloat16 turn a vector by less than half a degree, and the ten nearest stay the same ones.
LEAST_COSINE = 0.9999


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs the models, and the folder where references of models that are not bundled are kept."""

    inference: Inference
    folder: Path


def open_encoder(directory: str, runtime: Runtime) -> tuple[Encoder, str]:
    """The sentence encoder in ``directory`` and what runs it: "openvino", "openvino bf16" where the processor
    multiplies bfloat16 numbers and the vectors point where torch's do, or "torch".

    Raises:
        ModelUnavailable: it is not on this disk, or OpenVINO is demanded and cannot run it.
    """

    def openvino() -> tuple[Encoder, str]:
        from core.inference.engine import multiplies_bf16
        from core.inference.openvino_models import OpenVinoEncoder

        if not pools_by_mean(Path(directory)):
            raise Unsupported("its pooling is not the mean of the token vectors")
        checkpoint = read_checkpoint(Path(directory))
        reference = _reference(checkpoint.digest, runtime.folder, lambda: torch_vectors(directory))
        if multiplies_bf16():
            model = OpenVinoEncoder(checkpoint, "bf16")
            cosine = reference.least_cosine(_vectors(model))
            if cosine >= LEAST_COSINE:
                return model, "openvino bf16"
            logger.warning("%s runs in float32, not bf16: cosine %.5f with torch.", directory, cosine)
        model = OpenVinoEncoder(checkpoint)
        _require_same(reference.difference(_vectors(model)), VECTOR_BOUND)
        return model, "openvino"

    return _choose(directory, runtime.inference, openvino, lambda: load_torch_encoder(directory))


def open_pair_reader(directory: str, runtime: Runtime) -> tuple[PairReader, str]:
    """The cross-encoder in ``directory`` and what runs it, "openvino" or "torch".

    Raises:
        ModelUnavailable: it is not on this disk, or OpenVINO is demanded and cannot run it.
    """

    def openvino() -> tuple[PairReader, str]:
        from core.inference.openvino_models import OpenVinoPairReader

        checkpoint = read_checkpoint(Path(directory))
        model = OpenVinoPairReader(checkpoint)
        reference = _reference(checkpoint.digest, runtime.folder, lambda: torch_logits(directory))
        _require_same(reference.difference(_logits(model)), LOGIT_BOUND)
        return model, "openvino"

    return _choose(directory, runtime.inference, openvino, lambda: load_torch_pair_reader(directory))


def torch_vectors(directory: str) -> Rows:
    """The reference of an encoder: the vectors of ``TEXTS`` by torch, shape (5, dimension)."""
    return _vectors(load_torch_encoder(directory))


def torch_logits(directory: str) -> Rows:
    """The reference of a cross-encoder: the logits of ``TEXTS`` by torch, shape (5, 1)."""
    return _logits(load_torch_pair_reader(directory))


def _choose(
    directory: str,
    inference: Inference,
    openvino: Callable[[], tuple[Model, str]],
    torch: Callable[[], Model],
) -> tuple[Model, str]:
    if inference == "torch":
        return torch(), "torch"
    try:
        return openvino()
    except (ImportError, Unsupported) as error:
        if inference == "openvino":
            raise ModelUnavailable(
                directory,
                f"cannot be run by OpenVINO: {error}.",
                "Install openvino, give a BERT model folder, or set PROVISO_INFERENCE=torch.",
            ) from error
        model = torch()
        logger.warning("%s runs on torch, not OpenVINO: %s.", directory, error)
        return model, "torch"


def _reference(digest: str, folder: Path, ask_torch: Callable[[], Rows]) -> Reference:
    known = find_reference(digest, folder)
    if known is not None:
        return known
    logger.info("Comparing a model with torch, once.")
    reference = Reference(ask_torch())
    store_reference(reference, digest, folder)
    return reference


def _require_same(difference: float, bound: float) -> None:
    if not difference <= bound:
        raise Unsupported(f"differs from torch by {difference:.1e}, more than {bound:.0e}")


def _vectors(model: Encoder) -> Rows:
    return model.encode(TEXTS).astype(np.float64)


def _logits(model: PairReader) -> Rows:
    return model.read(QUESTION, TEXTS, ignore_progress).logits.reshape(-1, 1)
