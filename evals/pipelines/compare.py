"""A whole comparison: every question of every folder through every pipeline, what was done before left out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.answering.chat import ChatModel
from core.models import Encoder, Scorer, load_encoder, load_scorer, reranker_directory, weights_digest
from core.pipeline.records import Recipe
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.timestamps import utc_now
from evals.environment import describe_environment
from evals.evaluate import OnProgress
from evals.labels import Task
from evals.pipelines.figures import Outcomes, cost, group_figures
from evals.pipelines.files import pipelines_directory
from evals.pipelines.identity import outcome_digest, recipe_digest
from evals.pipelines.material import Material, TaskGroup, Wanted, prepared, read_wanted
from evals.pipelines.outcomes import Bench, OutcomeFile, PipelineOutcome, ask
from evals.pipelines.pair_store import Meter, PairStore, StoredReader
from evals.pipelines.records import BASELINE, FORMAT, PipelineReport, PipelineUsed, QuestionGroup
from evals.report import Environment
from ingest.open_trail import chat_host

# With fewer questions an interval is so wide that hardly anything lies outside it.
FEW = 30
NOTES = (
    "Nothing is discarded for its relevance: what counts is the order, and the first passages that would be kept.",
    "A difference to the baseline is taken question by question; it is better or worse where its whole 95 % interval"
    " is. Of twenty such verdicts on pipelines that are alike, one is wrong.",
    "A score that another pipeline had computed before is not computed again, and is charged as if it were: seconds"
    " of the whole are those of a pipeline that runs alone.",
)


@dataclass(frozen=True, slots=True)
class Models:
    """The models that are used, the meter of the scorer's readers, and what runs each of them."""

    encoder: Encoder
    scorer: Scorer
    meter: Meter
    environment: Environment


@contextmanager
def open_models(settings: Settings) -> Iterator[Models]:
    """Both models of ``settings``, the scorer with its memory on disk.

    Raises:
        ModelUnavailable: one of them is not on this disk.
        StoreUnavailable: the memory is damaged.
    """
    store, meter = PairStore(pipelines_directory(settings) / "scores.sqlite3"), Meter()
    weights = weights_digest(reranker_directory(settings.reranker)) or settings.reranker
    try:
        encoder = load_encoder(settings.encoder, settings)
        scorer = load_scorer(
            settings.reranker,
            settings,
            lambda reader, runs: StoredReader(reader, f"{weights}/{runs}", store, meter),
        )
        environment = describe_environment(settings, encoder.backend, scorer.backend)
        yield Models(encoder, scorer, meter, environment)
    finally:
        store.close()


def compare(
    wanted: Sequence[Wanted],
    recipes: Sequence[Recipe],
    settings: Settings,
    models: Models,
    seed: int,
    on_progress: OnProgress,
    chat: ChatModel | None = None,
    on_send: Callable[[str], None] = lambda _: None,
) -> PipelineReport:
    """Ask the questions of every folder in every pipeline, and sum up.

    Args:
        wanted: the folders, and how many of their questions.
        recipes: the pipelines, the baseline among them.
        settings: limits of the search; where outcomes are kept.
        models: from ``open_models``.
        seed: of samples and resampling.
        on_progress: told the group, how many questions times pipelines are done and how many there are.
        chat: the model service, None where there is none.
        on_send: told a question before anything of it is sent to the service; it may raise, and nothing is sent.

    Raises:
        ProvisoError: a folder, model or store cannot be used.
    """
    if BASELINE not in [recipe.name for recipe in recipes]:
        raise ValueError(f"{BASELINE} is not among the pipelines, and they are compared with it.")
    bench = Bench(models.encoder, models.scorer, models.meter, settings, chat, on_send)
    total: dict[str, list[PipelineOutcome]] = {recipe.name: [] for recipe in recipes}
    groups: list[QuestionGroup] = []
    notes: list[str] = list(NOTES)
    # All folders are read before anything is asked: a wrong one is known at once.
    folders = {one.folder.resolve(): one for one in reversed(wanted)}
    for folder, asked in [(folder, read_wanted(one, seed)) for folder, one in reversed(folders.items())]:
        with prepared(asked, folder, settings, models.encoder, on_progress) as material:
            files = _files(recipes, material, models.environment, settings)
            for group in material.groups:
                outcomes = _ask_all(group, recipes, files, material, bench, on_progress)
                groups += group_figures(group, outcomes, BASELINE, settings.keep, seed)
                for name, of in outcomes.items():
                    total[name] += of
            notes += [note for note in (*material.notes, *_few(groups)) if note not in notes]
    return PipelineReport(
        FORMAT,
        utc_now(),
        seed,
        BASELINE,
        tuple(PipelineUsed(one.name, one.description, recipe_digest(one)) for one in recipes),
        tuple(groups),
        tuple(cost(name, of) for name, of in total.items() if of),
        chat_host(settings) if chat is not None else "",
        models.environment,
        tuple(notes),
    )


def _few(groups: Sequence[QuestionGroup]) -> Iterator[str]:
    for group in groups:
        if group.questions < FEW and not group.part_of:
            yield f"{group.name}: fewer than {FEW} questions ({group.questions}) tell great differences alone."


def _files(
    recipes: Sequence[Recipe], material: Material, environment: Environment, settings: Settings
) -> dict[str, OutcomeFile]:
    folder = pipelines_directory(settings) / "outcomes"
    digests = {one.name: outcome_digest(one, material.index, environment, settings) for one in recipes}
    return {name: OutcomeFile(folder / f"{name}-{digest[:16]}.jsonl") for name, digest in digests.items()}


def _ask_all(
    group: TaskGroup,
    recipes: Sequence[Recipe],
    files: dict[str, OutcomeFile],
    material: Material,
    bench: Bench,
    on_progress: OnProgress,
) -> Outcomes:
    """Question by question through every pipeline, so that none waits for another to be through."""
    outcomes: dict[str, list[PipelineOutcome]] = {recipe.name: [] for recipe in recipes}
    whole = len(group.tasks) * len(recipes)
    warm: set[str] = set()
    for task in group.tasks:
        for recipe in recipes:
            outcome = files[recipe.name].get(task)
            if outcome is None:
                if recipe.name not in warm:
                    warm.add(recipe.name)
                    _warm_up(recipe, task, material, bench)
                outcome = ask(task, recipe, material.shelf, bench)
                files[recipe.name].add(outcome)
            outcomes[recipe.name].append(outcome)
            on_progress(group.name, sum(map(len, outcomes.values())), whole)
    return outcomes


def _warm_up(recipe: Recipe, task: Task, material: Material, bench: Bench) -> None:
    """Search once without clock and service: what a module builds on its first question is no time of that question."""
    limits = bench.settings
    inquiry = Inquiry(
        task.question.question, task.contract_ids, limits.candidates, limits.keep, pipeline=recipe.name
    )
    retrieve(inquiry, recipe, Tools(material.shelf, bench.encoder, limits.candidates, limits.rrf_k))
