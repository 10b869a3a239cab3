"""Cross-encoder recipes side by side in one run, on real candidates of real questions.

    python benchmarks/rerank.py sample_corpus/questions.jsonl --data-dir DIRECTORY

The data directory must hold the contracts, and no other process may hold it. The recipes take turns at every
question, so that a busy machine slows all of them alike; seconds of processor time hardly depend on it.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import kendalltau

from core.inference.choose import Runtime, open_pair_reader
from core.inference.protocols import PairReader, ignore_progress
from core.models import BUNDLED_RERANKER, RERANKER_DIRECTORY, load_encoder
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.settings import Inference, Settings, load_settings
from core.stage1_retrieve import retrieve
from ingest.open_library import open_library

KEEP = 5
RECIPES: tuple[Inference, ...] = ("torch", "openvino")
REFERENCE = RECIPES[0]
console = Console()
Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Task:
    """A question and the texts of its candidates."""

    question: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds by the clock and of processor time, and the logits, one entry a task."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    logits: list[Logits] = field(default_factory=list)


def main(
    questions: Annotated[Path, typer.Argument(help='JSON lines with a "question".')],
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
    number: Annotated[int, typer.Option(help="Questions, spread over the file.")] = 60,
) -> None:
    """Measure every recipe and compare it with torch."""
    settings = load_settings(data_dir)
    tasks = read_tasks(questions, number, settings)
    directory = str(RERANKER_DIRECTORY) if settings.reranker == BUNDLED_RERANKER else settings.reranker
    readers = {
        recipe: _timed(recipe, lambda recipe=recipe: _open(directory, recipe, settings))  # type: ignore[misc]
        for recipe in RECIPES
    }
    console.print(table(measure(readers, tasks)))
    console.print(f"{len(tasks)} questions; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def read_tasks(questions: Path, number: int, settings: Settings) -> tuple[Task, ...]:
    """``number`` questions, evenly spread over the file, with the candidates of the library."""
    texts = [str(json.loads(line)["question"]) for line in questions.read_text("utf-8").splitlines()]
    chosen = [texts[index] for index in np.linspace(0, len(texts) - 1, number).astype(int)]
    encoder = load_encoder(settings.encoder, settings)
    with open_library(settings, "the benchmark") as library:
        shelf = library.snapshot()
        found = (
            retrieve(
                Inquiry(text, candidates=settings.candidates),
                default_recipe(),
                Tools(shelf, encoder, settings.candidates, settings.rrf_k),
            ).candidates
            for text in chosen
        )
        return tuple(
            Task(text, tuple(candidate.chunk.situated_text for candidate in candidates))
            for text, candidates in zip(chosen, found, strict=True)
        )


def measure(readers: dict[Inference, PairReader], tasks: Sequence[Task]) -> dict[Inference, Measured]:
    """Every recipe on every task, in turns; the first task is done once more before, to warm up."""
    results: dict[Inference, Measured] = {recipe: Measured() for recipe in readers}
    for round_number, task in enumerate((tasks[0], *tasks)):
        for recipe, reader in readers.items():
            wall, processor = time.perf_counter(), time.process_time()
            logits = reader.read(task.question, task.passages, ignore_progress).logits
            if round_number > 0:
                results[recipe].wall.append(time.perf_counter() - wall)
                results[recipe].processor.append(time.process_time() - processor)
                results[recipe].logits.append(logits)
    return results


def table(results: dict[Inference, Measured]) -> Table:
    """One row a recipe."""
    shown = Table("recipe", "seconds, median / min", "processor", "faster", "tau, mean / least", "same five")
    shown.add_column("logit off by")
    reference = results[REFERENCE]
    for recipe, measured in results.items():
        pairs = list(zip(reference.logits, measured.logits, strict=True))
        tau = [float(kendalltau(right, given).statistic) for right, given in pairs]
        same = [_best(right) == _best(given) for right, given in pairs]
        shown.add_row(
            recipe,
            f"{median(measured.wall):.2f} / {min(measured.wall):.2f}",
            f"{median(measured.processor):.2f}",
            f"{median(reference.wall) / median(measured.wall):.1f} x",
            f"{np.mean(tau):.4f} / {min(tau):.4f}",
            f"{100 * np.mean(same):.0f} %",
            f"{max(float(np.abs(right - given).max()) for right, given in pairs):.1e}",
        )
    return shown


def _best(logits: Logits) -> set[int]:
    return {int(index) for index in np.argsort(-logits, kind="stable")[:KEEP]}


def _open(directory: str, recipe: Inference, settings: Settings) -> PairReader:
    return open_pair_reader(directory, Runtime(recipe, settings.directory / "models"))[0]


def _timed(recipe: str, load: Callable[[], PairReader]) -> PairReader:
    begin = time.perf_counter()
    reader = load()
    console.print(f"{recipe} loaded in {time.perf_counter() - begin:.1f} s")
    return reader


if __name__ == "__main__":
    typer.run(main)
