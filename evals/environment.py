"""What figures depend on besides the questions: weights, versions, settings and the machine."""

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.models import BUNDLED_RERANKER, RERANKER_DIRECTORY, EncoderSource
from core.settings import Settings
from core.storage.tokens import TOKENIZER_VERSION
from evals.report import Environment, Machine, ModelUsed
from ingest.split import CHUNKER_VERSION

PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "openvino",
    "qdrant-client",
    "rank-bm25",
    "ir-measures",
    "numpy",
)
CPU_FILE = Path("/proc/cpuinfo")


def describe_environment(
    settings: Settings, encoder_backend: str = "", reranker_backend: str = ""
) -> Environment:
    """Models with the sha256 of their weights and what ran them, settings of the search, versions, machine."""
    reranker = RERANKER_DIRECTORY if settings.reranker == BUNDLED_RERANKER else Path(settings.reranker)
    return Environment(
        encoder=ModelUsed(settings.encoder, EncoderSource(settings.encoder).identity, encoder_backend),
        reranker=ModelUsed(settings.reranker, _digest(reranker / "model.safetensors"), reranker_backend),
        candidates=settings.candidates,
        keep=settings.keep,
        minimum_relevance=settings.minimum_relevance,
        rrf_k=settings.rrf_k,
        versions={
            "python": platform.python_version(),
            "chunker": CHUNKER_VERSION,
            "tokenizer": TOKENIZER_VERSION,
            **{package: _version(package) for package in PACKAGES},
        },
        machine=Machine(_processor(), os.cpu_count() or 0, platform.system()),
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _digest(weights: Path) -> str:
    """The sha256 of a file, or an empty string for a model that is not a folder on this disk."""
    if not weights.is_file():
        return ""
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _processor() -> str:
    try:
        lines = CPU_FILE.read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
