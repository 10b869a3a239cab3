"""The second stage on real candidates of real questions: our recipes beside the libraries', taking turns.

    python -m benchmarks.run --only rerank

Every recipe reads every question's candidates in turn, so that a busy machine slows all of them alike; seconds of
processor time hardly depend on it. Peers run the same weights.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks import rerank_peers as peers
from benchmarks.agreement import BELOW, KEEP, agreement_of
from benchmarks.records import Figure, Material, Section
from core.errors import ModelUnavailable
from core.models import RERANKER_DIRECTORY, CrossEncoderScorer, load_encoder, load_scorer
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.settings import Inference, Settings
from core.stage1_retrieve import retrieve
from ingest.open_library import open_library

TIMED, COMPARED = 40, 160
QUICK_TIMED, QUICK_COMPARED = 8, 20
DEFAULTS = "CrossEncoder, its defaults (torch fp32, batch 32)"
RECIPES: tuple[Inference, ...] = ("openvino-f32", "openvino-bf16", "cuda")
EXACT = "Proviso openvino-f32"
Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Task:
    """A question and the texts of its candidates."""

    question: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to score candidates: its name, megabytes that loading it and its first question took, and the reader."""

    name: str
    megabytes: int
    read: peers.Reader


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds by the clock and of processor time, and the logits, one entry a task."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    logits: list[Logits] = field(default_factory=list)


def sections(material: Material) -> tuple[Section, ...]:
    """Speed beside the peers, and the agreement of our recipes with float32 on more questions."""
    timed, compared = (QUICK_TIMED, QUICK_COMPARED) if material.quick else (TIMED, COMPARED)
    tasks = read_tasks(material.questions[: compared + 1], material.settings)
    warm_up, tasks = tasks[0], tasks[1:]
    ours = tuple(_loaded(_ours(material.settings), warm_up))
    everything = (*_loaded(_peers(material.folder), warm_up), *ours)
    return speed(everything, measure(everything, tasks[:timed])), agreement(ours, measure(ours, tasks))


def read_tasks(questions: Sequence[str], settings: Settings) -> tuple[Task, ...]:
    """The questions with the candidates that the first stage finds in the library."""
    encoder = load_encoder(settings.encoder, settings)
    with open_library(settings, "the benchmark") as library:
        shelf = library.snapshot()
        found = (
            retrieve(
                Inquiry(text, candidates=settings.candidates),
                default_recipe(),
                Tools(shelf, encoder, settings.candidates, settings.rrf_k),
            ).candidates
            for text in questions
        )
        return tuple(
            Task(text, tuple(candidate.chunk.situated_text for candidate in candidates))
            for text, candidates in zip(questions, found, strict=True)
        )


def measure(recipes: Sequence[Recipe], tasks: Sequence[Task]) -> list[Measured]:
    """Every recipe on every task, in turns."""
    results = [Measured() for _ in recipes]
    for task in tasks:
        for recipe, result in zip(recipes, results, strict=True):
            wall, processor = time.perf_counter(), time.process_time()
            logits = recipe.read(task.question, task.passages)
            result.wall.append(time.perf_counter() - wall)
            result.processor.append(time.process_time() - processor)
            result.logits.append(logits)
    return results


def speed(recipes: Sequence[Recipe], results: Sequence[Measured]) -> Section:
    """One row a recipe, compared with the first."""
    first = results[0]
    rows, figures = [], []
    for recipe, result in zip(recipes, results, strict=True):
        agrees = agreement_of(first.logits, result.logits)
        # Of turns taken together, so that what else the machine did meanwhile cancels out.
        ratio = median(mine / other for mine, other in zip(first.wall, result.wall, strict=True))
        rows.append(
            (
                recipe.name,
                median(result.wall),
                min(result.wall),
                ratio,
                median(result.processor),
                median(first.processor) / median(result.processor),
                agrees.tau,
                agrees.same_five,
                recipe.megabytes,
            )
        )
        figures.append(Figure(f"rerank/{recipe.name}", ratio, "x", "higher"))
    return Section(
        title=f"Reranking {len(first.logits[0])} candidates, {len(first.wall)} questions",
        columns=(
            "recipe", "seconds, median", "least", "times faster", "processor s", "times less", "tau", "same five",
            "MB",
        ),
        rows=tuple(rows),
        figures=tuple(figures[1:]),
        notes=(
            "The same weights everywhere. sentence-transformers' ONNX and OpenVINO backends do not resolve with"
            " this transformers: their export is run by hand, OpenVINO with its own defaults.",
            "MB: what loading it and its first question added to the process.",
        ),
    )  # fmt: skip


def agreement(recipes: Sequence[Recipe], results: Sequence[Measured]) -> Section:
    """One row a recipe of ours, compared with float32."""
    exact = results[[recipe.name for recipe in recipes].index(EXACT)]
    found = [agreement_of(exact.logits, result.logits) for result in results]
    return Section(
        title=f"Agreement with float32, {len(exact.logits)} questions",
        columns=("recipe", "tau, mean", "tau, least", "same five", "logit off by", "read in full"),
        rows=tuple(
            (recipe.name, one.tau, one.least_tau, one.same_five, one.difference, one.read)
            for recipe, one in zip(recipes, found, strict=True)
        ),
        figures=tuple(
            Figure(f"rerank/same five/{recipe.name}", one.same_five, "share", "higher", 0.03)
            for recipe, one in zip(recipes, found, strict=True)
        ),
        notes=(
            "Read in full: the share of candidates that the whole model read; the others have a first look.",
        ),
    )


def _peers(folder: Path) -> Iterator[tuple[str, Callable[[], peers.Reader]]]:
    directory = str(RERANKER_DIRECTORY)
    yield DEFAULTS, partial(peers.cross_encoder, directory)
    yield "CrossEncoder, torch bf16", partial(peers.cross_encoder, directory, "bfloat16")
    network = peers.export_onnx(directory, folder / "reranker.onnx")
    by_length = partial(peers.onnxruntime_reader, network, directory, by_length=True)
    in_order = partial(peers.onnxruntime_reader, network, directory, by_length=False)
    yield "as its ONNX backend (fp32, batch 32)", partial(by_length, peers.LIBRARY_BATCH)
    yield (
        "as its OpenVINO backend (batch 32)",
        partial(peers.openvino_reader, network, directory, peers.LIBRARY_BATCH),
    )
    yield "as FlashRank (onnxruntime, one batch)", partial(in_order, peers.WHOLE)
    yield "as fastembed (onnxruntime, batch 64, unsorted)", partial(in_order, peers.FASTEMBED_BATCH)


def _ours(settings: Settings) -> Iterator[tuple[str, Callable[[], peers.Reader]]]:
    for recipe in RECIPES:
        for first_look in (False, True):
            changed = settings.model_copy(update={"inference": recipe, "first_look": first_look})
            try:
                scorer = load_scorer(settings=changed)
            except ModelUnavailable:
                continue  # for another machine
            if first_look == scorer.has_first_look:
                name = f"Proviso {recipe}{', first look' if first_look else ''}"
                yield name, partial(_reader, scorer)


def _reader(scorer: CrossEncoderScorer) -> peers.Reader:
    def read(question: str, passages: Sequence[str]) -> Logits:
        scores = scorer.score_pairs(question, passages, keep=KEEP)
        return scores.logits - BELOW * scores.by_first_look

    return read


def _loaded(recipes: Iterator[tuple[str, Callable[[], peers.Reader]]], warm_up: Task) -> Iterator[Recipe]:
    before = _resident_mb()
    for name, load in recipes:
        read = load()
        read(warm_up.question, warm_up.passages)
        after = _resident_mb()
        yield Recipe(name, max(0, after - before), read)
        before = after


def _resident_mb() -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS:")), 0)
