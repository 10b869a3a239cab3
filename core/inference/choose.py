"""Which recipe runs a model: the fastest that this processor has natively and that gives what torch gives.

Every start compares a recipe's answers to five texts with torch's before anything is scored. A recipe that the
user names is the only one tried; it runs or the start fails.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from core.inference.checkpoint import Unsupported, pools_by_mean, read_checkpoint
from core.inference.protocols import Encoder, PairReader, ignore_progress
from core.inference.reference import QUESTION, TEXTS, Reference, find_reference, store_reference
from core.inference.torch_models import Device, load_torch_encoder, load_torch_pair_reader
from core.settings import Inference

if TYPE_CHECKING:
    from core.inference.engine import Precision

Model = TypeVar("Model")
Rows = NDArray[np.float64]
logger = logging.getLogger(__name__)

CUDA: Final = "cuda"
BF16: Final = "openvino-bf16"
F32: Final = "openvino-f32"
TORCH: Final = "torch"
# float32 sums in another order differ by about 1e-5 in a logit and 1e-6 in a vector. The other bounds are about
# four times what was measured; ``benchmarks/rerank.py`` measures what such differences do to rankings.
LOGIT_BOUNDS: Final[Mapping[str, float]] = {F32: 1e-4, BF16: 0.1, CUDA: 0.05}
VECTOR_BOUND = 1e-5
PRECISIONS: Final[Mapping[str, "Precision"]] = {BF16: "bf16", F32: "f32"}
# Products in bfloat16 turn a vector by less than half a degree, and the ten nearest stay the same ones.
LEAST_COSINE = 0.9999


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs the models, and the folder where references of models that are not bundled are kept."""

    inference: Inference
    folder: Path


@dataclass(frozen=True, slots=True)
class Choice:
    """The recipe that runs a model, by the name that PROVISO_INFERENCE gives it, and why it and no faster one."""

    recipe: str
    why: str


class NotHere(Unsupported):
    """A recipe for another machine; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Attempt(Generic[Model]):
    """A recipe: what speaks for it, and what loads and compares the model.

    ``load`` raises ``Unsupported`` or ``ImportError`` where the recipe does not serve.
    """

    recipe: str
    reason: str
    load: Callable[[], Model]


def open_encoder(directory: str, runtime: Runtime) -> tuple[Encoder, Choice]:
    """The sentence encoder in ``directory`` and what runs it.

    Raises:
        ModelUnavailable: it is not on this disk, or the recipe demanded cannot run it.
    """

    def compare(recipe: str, model: Encoder, digest: str) -> None:
        reference = _reference(digest, runtime.folder, lambda: torch_vectors(directory))
        vectors = _vectors(model)
        if recipe == F32:
            _require_same(reference.difference(vectors), VECTOR_BOUND)
        elif (cosine := reference.least_cosine(vectors)) < LEAST_COSINE:
            raise Unsupported(f"differs from torch: cosine {cosine:.5f}, less than {LEAST_COSINE}")

    def openvino(recipe: str) -> tuple[Encoder, str]:
        from core.inference.openvino_models import OpenVinoEncoder

        precision = _precision(recipe)
        if not pools_by_mean(Path(directory)):
            raise Unsupported("its pooling is not the mean of the token vectors")
        checkpoint = read_checkpoint(Path(directory))
        return OpenVinoEncoder(checkpoint, precision), checkpoint.digest

    return _open(directory, runtime.inference, _attempts(directory, openvino, load_torch_encoder, compare))


def open_pair_reader(directory: str, runtime: Runtime) -> tuple[PairReader, Choice]:
    """The cross-encoder in ``directory`` and what runs it.

    Raises:
        ModelUnavailable: it is not on this disk, or the recipe demanded cannot run it.
    """

    def compare(recipe: str, model: PairReader, digest: str) -> None:
        reference = _reference(digest, runtime.folder, lambda: torch_logits(directory))
        _require_same(reference.difference(_logits(model)), LOGIT_BOUNDS[recipe])

    def openvino(recipe: str) -> tuple[PairReader, str]:
        from core.inference.openvino_models import OpenVinoPairReader

        precision = _precision(recipe)
        checkpoint = read_checkpoint(Path(directory))
        return OpenVinoPairReader(checkpoint, precision), checkpoint.digest

    attempts = _attempts(directory, openvino, load_torch_pair_reader, compare)
    return _open(directory, runtime.inference, attempts)


def torch_vectors(directory: str) -> Rows:
    """The reference of an encoder: the vectors of ``TEXTS`` by torch, shape (5, dimension)."""
    return _vectors(load_torch_encoder(directory))


def torch_logits(directory: str) -> Rows:
    """The reference of a cross-encoder: the logits of ``TEXTS`` by torch, shape (5, 1)."""
    return _logits(load_torch_pair_reader(directory))


def require_same_logits(right: PairReader, given: PairReader, bound: float) -> None:
    """Compare two readers on the texts of the reference.

    Raises:
        Unsupported: a logit differs by more than ``bound``.
    """
    _require_same(float(np.abs(_logits(right) - _logits(given)).max()), bound)


def _attempts(
    directory: str,
    openvino: Callable[[str], tuple[Model, str]],
    torch: Callable[[str, Device], Model],
    compare: Callable[[str, Model, str], None],
) -> tuple[Attempt[Model], ...]:
    """The recipes of a model, the fastest first.

    Args:
        directory: of the model.
        openvino: loads it by a recipe and tells the digest of what was read.
        torch: loads it with torch.
        compare: raises ``Unsupported`` where (recipe, model, digest) does not give what torch gives.
    """

    def compared(recipe: str) -> Model:
        model, digest = openvino(recipe)
        compare(recipe, model, digest)
        return model

    def cuda() -> Model:
        _require_gpu()
        model = torch(directory, "cuda")
        compare(CUDA, model, read_checkpoint(Path(directory)).digest)
        return model

    return (
        Attempt(CUDA, "torch sees a graphics card", cuda),
        Attempt(BF16, "the processor multiplies bfloat16 numbers", lambda: compared(BF16)),
        Attempt(F32, "float32 runs on every processor", lambda: compared(F32)),
        Attempt(TORCH, "torch runs every model", lambda: torch(directory, "cpu")),
    )


def _open(directory: str, inference: str, attempts: tuple[Attempt[Model], ...]) -> tuple[Model, Choice]:
    """The first of the attempts that serves, of those that ``inference`` admits."""
    refused: list[str] = []
    for attempt in attempts:
        if inference not in ("auto", attempt.recipe, attempt.recipe.partition("-")[0]):
            continue
        try:
            model = attempt.load()
        except (ImportError, Unsupported) as error:
            refused.append(f"{attempt.recipe}: {error}")
            if not isinstance(error, NotHere):
                logger.warning("%s does not run on %s: %s.", directory, attempt.recipe, error)
        else:
            named = inference == attempt.recipe
            why = "; ".join(("set by PROVISO_INFERENCE" if named else attempt.reason, *refused))
            return model, Choice(attempt.recipe, why)
    raise ModelUnavailable(
        directory,
        f"cannot be run as PROVISO_INFERENCE={inference} demands ({'; '.join(refused)}).",
        "Choose another recipe there; auto takes the fastest that serves, and torch runs every model.",
    )


def _precision(recipe: str) -> "Precision":
    from core.inference.engine import multiplies_bf16

    if recipe == BF16 and not multiplies_bf16():
        raise NotHere("the processor does not multiply bfloat16 numbers")
    return PRECISIONS[recipe]


def _require_gpu() -> None:
    # Asking torch means importing it, which takes seconds.
    if not (Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi")):
        raise NotHere("no graphics card")
    from torch import cuda

    if not cuda.is_available():
        raise NotHere("torch sees no graphics card")


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
