"""A whole evaluation: index the contracts, find the right chunks, ask every question, sum up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidSettings
from core.models import Encoder, Scorer, load_encoder, load_scorer
from core.settings import Settings
from core.storage.jobs import FileReport, FileStatus
from core.storage.library import Library
from core.storage.originals import contract_id_of
from evals import summary
from evals.cuad import ANNOTATIONS_FILE, read_cuad
from evals.environment import describe_environment
from evals.labels import Labels, label
from evals.questions import QuestionSet
from evals.run import Outcome, ask
from evals.samples import QUESTIONS_FILE, read_samples
from evals.summary import JsonObject
from ingest.add_files import add_files
from ingest.open_library import open_library

INDEXING, ASKING = "indexing", "asking"
STEPS = (INDEXING, ASKING)
OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Models:
    """The two models that are measured."""

    encoder: Encoder
    scorer: Scorer


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The report of an evaluation and the outcomes it sums up."""

    report: JsonObject
    outcomes: tuple[Outcome, ...]


def _ignore(step: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


def read_questions(folder: Path) -> QuestionSet:
    """The questions of ``folder``: own labels (``questions.jsonl``) or CUAD (``master_clauses.csv``).

    Raises:
        InvalidSettings: there are neither, or they cannot be read.
    """
    if (folder / QUESTIONS_FILE).exists():
        return read_samples(folder)
    if (folder / ANNOTATIONS_FILE).exists():
        return read_cuad(folder)
    needed = f"holds neither {QUESTIONS_FILE} nor {ANNOTATIONS_FILE}."
    raise InvalidSettings(str(folder), needed, "Give a folder of PDFs with labelled questions.")


def evaluate(
    questions: QuestionSet, settings: Settings, seed: int, on_progress: OnProgress = _ignore
) -> Evaluation:
    """Index the contracts of ``questions`` and measure the pipeline of ``settings`` on them.

    Args:
        questions: what is asked, and the contracts it is asked of.
        settings: models, limits and the data directory, to which missing contracts are added. A Qdrant server
            is not used: two data directories on one server would clear each other's vectors.
        seed: of the resampling behind the confidence intervals.
        on_progress: told the step, how many are done and how many there are.

    Raises:
        ProvisoError: a model or store is not available.
    """
    settings = settings.model_copy(update={"qdrant_url": ""})
    begin = time.perf_counter()
    reports = _index(questions, settings, on_progress)
    indexed = time.perf_counter() - begin
    encoder = load_encoder(settings.encoder, settings)
    scorer = load_scorer(settings.reranker, settings)
    with open_library(settings, "proviso eval") as library:
        evaluation = measure(questions, library, Models(encoder, scorer), settings, seed, on_progress)
    evaluation.report["contracts"] = _contracts(reports)
    evaluation.report["timings"]["indexing"] = round(indexed, 1)
    evaluation.report.update(describe_environment(settings))
    for name, model in (("encoder", encoder), ("reranker", scorer)):
        evaluation.report["models"][name]["backend"] = model.backend
    return evaluation


def measure(
    questions: QuestionSet,
    library: Library,
    models: Models,
    settings: Settings,
    seed: int,
    on_progress: OnProgress = _ignore,
) -> Evaluation:
    """Ask ``questions`` of a library that holds their contracts, and sum up.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    ids = {file.name: contract_id_of(file.read_bytes()) for file in questions.files}
    labels = label(questions, ids, library.catalogue)
    snapshot = library.snapshot()
    outcomes: list[Outcome] = []
    for task in labels.tasks:
        outcomes.append(ask(task, snapshot, models.encoder, models.scorer, settings))
        on_progress(ASKING, len(outcomes), len(labels.tasks))
    minima = (*summary.MINIMA, settings.minimum_relevance)
    report = {
        "source": questions.name,
        "questions": _questions(labels),
        "quality": summary.quality(outcomes, settings.keep, seed),
        "gain_of_reranking": summary.gain_of_reranking(outcomes, settings.keep, seed),
        "categories": summary.by_category(outcomes, settings.keep),
        "minima": summary.minima(outcomes, settings.keep, minima),
        "separation": summary.separation(outcomes),
        "timings": summary.timings(outcomes),
        "notes": list(questions.notes),
        "seed": seed,
    }
    return Evaluation(report, tuple(outcomes))


def _index(questions: QuestionSet, settings: Settings, on_progress: OnProgress) -> tuple[FileReport, ...]:
    done = 0

    def count(report: FileReport) -> None:  # noqa: ARG001 - one more file is all that matters here
        nonlocal done
        done += 1
        on_progress(INDEXING, done, len(questions.files))

    return add_files(questions.files, settings, on_report=count)


def _questions(labels: Labels) -> JsonObject:
    silent = sum(task.question.silent for task in labels.tasks)
    return {
        "answered": len(labels.tasks) - silent,
        "silent": silent,
        "left_out": labels.questions_left_out,
        "quotes": labels.quotes,
        "quotes_not_found": labels.quotes_not_found,
        "quotes_ambiguous": labels.quotes_ambiguous,
    }


def _contracts(reports: tuple[FileReport, ...]) -> JsonObject:
    rejected = [report for report in reports if report.status is FileStatus.REJECTED]
    return {
        "files": len(reports),
        "rejected": [f"{Path(report.file).name}: {report.error}" for report in rejected],
        "pages": sum(report.pages for report in reports),
        "chunks": sum(report.chunks for report in reports),
    }
