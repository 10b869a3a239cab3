"""A whole evaluation: prepare what is searched, find the right passages, ask every question, sum up."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.models import Encoder, EncoderSource, Scorer, load_encoder, load_scorer
from core.pipeline.tools import Shelf
from core.settings import Settings
from core.storage.jobs import FileReport, FileStatus
from core.storage.library import Library
from core.storage.originals import contract_id_of
from core.storage.snapshot import Snapshot
from core.timestamps import utc_now
from evals import summary
from evals.acord import ClauseSet
from evals.clause_shelf import ClauseShelf, encode_clauses
from evals.environment import describe_environment
from evals.labels import Labels, Task, label
from evals.questions import QuestionSet
from evals.rankings import STARS
from evals.report import FORMAT, LabelCounts, Report, TextCounts
from evals.run import Outcome, ask
from ingest.add_files import add_files
from ingest.open_library import open_library

INDEXING, ASKING = "indexing", "asking"
OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Models:
    """The two models that are measured, and what runs each of them."""

    encoder: Encoder
    scorer: Scorer
    encoder_backend: str = ""
    scorer_backend: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The report of an evaluation and the outcomes it sums up."""

    report: Report
    outcomes: tuple[Outcome, ...]


def _ignore(step: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


def load_models(settings: Settings) -> Models:
    """Both models of ``settings``.

    Raises:
        ModelUnavailable: one of them is not on this disk.
    """
    encoder = load_encoder(settings.encoder, settings)
    scorer = load_scorer(settings.reranker, settings)
    return Models(encoder, scorer, encoder.backend, scorer.backend)


def evaluate(
    questions: QuestionSet,
    settings: Settings,
    directory: Path,
    seed: int,
    on_progress: OnProgress = _ignore,
) -> Evaluation:
    """Index the contracts of ``questions`` and measure the pipeline of ``settings`` on them.

    Args:
        questions: what is asked, and the contracts it is asked of.
        settings: models and limits. A Qdrant server is not used: two libraries on one server would only slow
            each other down.
        directory: of the library to which missing contracts are added; those of other questions that it holds
            are not searched.
        seed: of the resampling behind the confidence intervals.
        on_progress: told the step, how many are done and how many there are.

    Raises:
        ProvisoError: a model or store is not available.
    """
    own = settings.model_copy(update={"qdrant_url": "", "data_dir": directory})
    begin = time.perf_counter()
    reports = index_files(questions, own, on_progress)
    indexed = time.perf_counter() - begin
    models = load_models(settings)
    with open_library(own, "proviso eval") as library:
        evaluation = measure(questions, library, models, settings, seed, on_progress)
    rejected = tuple(
        f"{Path(one.file).name}: {one.error}" for one in reports if one.status is FileStatus.REJECTED
    )
    report = replace(
        evaluation.report,
        texts=replace(evaluation.report.texts, rejected=rejected),
        indexing_seconds=round(indexed, 1),
    )
    return Evaluation(report, evaluation.outcomes)


def evaluate_clauses(
    clauses: ClauseSet,
    settings: Settings,
    directory: Path,
    seed: int,
    on_progress: OnProgress = _ignore,
    models: Models | None = None,
) -> Evaluation:
    """Measure the pipeline of ``settings`` on loose clauses with graded queries.

    Args:
        clauses: the clauses and the queries.
        settings: models and limits.
        directory: where the clauses' vectors are kept for the next time.
        seed: of the resampling.
        on_progress: told the step, how many are done and how many there are.
        models: what to measure; by default the models of ``settings``.

    Raises:
        ModelUnavailable: a model is not on this disk.
    """
    used = load_models(settings) if models is None else models
    begin = time.perf_counter()
    vectors = encode_clauses(
        clauses.clauses,
        EncoderSource(settings.encoder).identity,
        lambda: used.encoder,
        directory,
        lambda done, of: on_progress(INDEXING, done, of),
    )
    shelf = ClauseShelf(clauses.clauses, vectors)
    prepared = time.perf_counter() - begin
    outcomes = _ask_all(clauses.tasks, shelf, used, settings, on_progress)
    report = Report(
        format=FORMAT,
        source=clauses.name,
        created_at=utc_now(),
        seed=seed,
        sections=summary.sections(outcomes, settings, seed, STARS, calibrated=False),
        labels=LabelCounts(),
        texts=TextCounts(len(clauses.clauses), 0, len(clauses.clauses)),
        indexing_seconds=round(prepared, 1),
        timings=summary.timings(outcomes),
        environment=describe_environment(settings, used.encoder_backend, used.scorer_backend),
        notes=clauses.notes,
    )
    return Evaluation(report, outcomes)


def measure(
    questions: QuestionSet,
    library: Library,
    models: Models,
    settings: Settings,
    seed: int,
    on_progress: OnProgress = _ignore,
    contract_ids: Mapping[str, str] | None = None,
) -> Evaluation:
    """Ask ``questions`` of a library that holds their contracts, and sum up.

    Args:
        questions: what is asked.
        library: holds the contracts; others in it are not searched.
        models: what is measured.
        settings: limits of the search.
        seed: of the resampling.
        on_progress: told the step, how many are done and how many there are.
        contract_ids: the contract of each name that a question may give, where there are no files to tell.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    labels, snapshot = labelled(questions, library, contract_ids)
    outcomes = _ask_all(labels.tasks, snapshot, models, settings, on_progress)
    report = Report(
        format=FORMAT,
        source=questions.name,
        created_at=utc_now(),
        seed=seed,
        sections=summary.sections(outcomes, settings, seed),
        labels=LabelCounts(
            labels.quotes, labels.quotes_not_found, labels.quotes_ambiguous, labels.questions_left_out
        ),
        texts=_texts(library, snapshot),
        indexing_seconds=0.0,
        timings=summary.timings(outcomes),
        environment=describe_environment(settings, models.encoder_backend, models.scorer_backend),
        notes=questions.notes,
    )
    return Evaluation(report, outcomes)


def labelled(
    questions: QuestionSet, library: Library, contract_ids: Mapping[str, str] | None = None
) -> tuple[Labels, Snapshot]:
    """The tasks of ``questions`` and what they are asked of: their contracts, whatever else the library holds."""
    ids = contract_ids or {file.name: contract_id_of(file.read_bytes()) for file in questions.files}
    labels = label(questions, ids, library.catalogue)
    snapshot = only(library.snapshot(), ids.values())
    if len(snapshot.titles) < len(library.catalogue.ready_titles()):
        # The dense leg would otherwise spend its hits on contracts that are not measured.
        everything = tuple(sorted(snapshot.titles))
        tasks = tuple(replace(task, contract_ids=task.contract_ids or everything) for task in labels.tasks)
        labels = replace(labels, tasks=tasks)
    return labels, snapshot


def only(snapshot: Snapshot, contract_ids: Iterable[str]) -> Snapshot:
    """``snapshot`` with these contracts and no others, so that figures do not depend on what else is there."""
    wanted = frozenset(contract_ids)
    keywords = snapshot.keywords.remove_all(snapshot.titles.keys() - wanted)
    titles = {key: title for key, title in snapshot.titles.items() if key in wanted}
    return replace(snapshot, titles=titles, keywords=keywords)


def _ask_all(
    tasks: tuple[Task, ...], shelf: Shelf, models: Models, settings: Settings, on_progress: OnProgress
) -> tuple[Outcome, ...]:
    outcomes: list[Outcome] = []
    for task in tasks:
        outcomes.append(ask(task, shelf, models.encoder, models.scorer, settings))
        on_progress(ASKING, len(outcomes), len(tasks))
    return tuple(outcomes)


def index_files(
    questions: QuestionSet, settings: Settings, on_progress: OnProgress = _ignore
) -> tuple[FileReport, ...]:
    """Add the files of ``questions`` to the library of ``settings`` where they are not in it yet."""
    done = 0

    def count(report: FileReport) -> None:  # noqa: ARG001 - one more file is all that matters here
        nonlocal done
        done += 1
        on_progress(INDEXING, done, len(questions.files))

    return add_files(questions.files, settings, on_report=count)


def _texts(library: Library, snapshot: Snapshot) -> TextCounts:
    contracts = [one for one in library.catalogue.contracts() if one.contract_id in snapshot.titles]
    return TextCounts(
        len(contracts),
        sum(one.page_count for one in contracts),
        sum(one.chunk_count for one in contracts),
    )
