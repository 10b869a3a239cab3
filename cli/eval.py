"""``proviso eval``: how good is the retrieval on texts whose right passages are known?"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from cli.eval_pipelines import chosen_recipes, wanted_folders
from cli.eval_pipelines import run as compare_pipelines
from cli.eval_pipelines import tell as tell_pipelines
from core.errors import InvalidSettings
from core.redact import printable
from core.settings import Settings, load_settings
from core.workbench.labels import LabelStore
from core.workbench.workbench import open_workbench
from evals.evaluate import Evaluation, OnProgress, evaluate_clauses, load_models
from evals.evaluate import evaluate as run_evaluation
from evals.own_labels import measure_own
from evals.pipelines.material import Wanted
from evals.questions import QuestionSet, sample
from evals.report_files import evaluations_directory, library_directory, save, to_json
from evals.sources import read_questions, sampled_clauses
from evals.summary import details
from evals.tables import draw
from ingest.open_library import open_library

SAMPLE_CORPUS = Path(__file__).resolve().parent.parent / "sample_corpus"
# How often a line is written where there is no terminal to draw a bar on.
SHARE_OF_A_LINE = 10


def evaluate(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER]...",
            help="PDFs with questions.jsonl, a CUAD folder (pdf/ and master_clauses.csv) or an ACORD folder"
            " (corpus.jsonl, queries.jsonl and qrels/). Without it, the sample corpus; several with --pipelines.",
        ),
    ] = None,
    parts: Annotated[
        list[str] | None,
        typer.Option(
            "--part",
            help="Of CUAD: train, tune, test or all; test if left. Of ACORD: a table of qrels/; all if left."
            " Once for each folder.",
        ),
    ] = None,
    pipelines: Annotated[
        str | None,
        typer.Option(
            help="Compare pipelines, such as naive,lexical or all, on the sample corpus and every folder given."
            " What was asked before is not asked again."
        ),
    ] = None,
    contracts: Annotated[int | None, typer.Option(min=1, help="Use a random sample of contracts.")] = None,
    questions: Annotated[
        int | None, typer.Option(min=1, help="Ask a random sample of the questions that have an answer.")
    ] = None,
    whole_sample: Annotated[
        bool,
        typer.Option(
            "--whole-sample",
            help="With --pipelines: every question of the sample corpus, despite --questions.",
        ),
    ] = False,
    silent: Annotated[
        int | None,
        typer.Option(
            min=0, help="The same for questions without an answer; a quarter of --questions if left."
        ),
    ] = None,
    own: Annotated[
        bool,
        typer.Option(
            "--labels", help="Your readers' thumbs, on this library as it stands; close the app first."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the samples and of the confidence intervals.")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep index and report in its folder evaluations/.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
    single: Annotated[
        Path | None, typer.Option("--details", help="Write a line of JSON for each question to this file.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="With --pipelines: write the table as Markdown to this file.")
    ] = None,
) -> None:
    """Measure BM25, dense, hybrid and reranked retrieval on labelled questions, or whole pipelines."""
    settings = load_settings(data_dir)
    given, named = folders or [], parts or []
    if pipelines is not None:
        if own or single is not None or silent is not None:
            raise InvalidSettings(
                "--pipelines", "goes with no --labels, --details or --silent.", "Leave those out."
            )
        recipes = chosen_recipes(pipelines, settings)
        first = Wanted(SAMPLE_CORPUS, questions=None if whole_sample else questions)
        others = wanted_folders(given, named, contracts, questions)
        with _progress() as show:
            compared = compare_pipelines((first, *others), recipes, settings, seed, show)
        tell_pipelines(compared, settings, as_json, markdown)
        return
    if len(given) > 1 or len(named) > 1 or markdown is not None or whole_sample:
        raise InvalidSettings(
            "Several folders, several --part, --markdown or --whole-sample",
            "go with --pipelines alone.",
            "Add it, or leave them out.",
        )
    folder, part = next(iter(given), None), next(iter(named), None)
    if own:
        if folder is not None or part or contracts or questions:
            raise InvalidSettings("--labels", "measures every judgement of this library.", "Give it alone.")
        with _progress() as show:
            result = _own(settings, seed, show)
    else:
        if silent is None and questions is not None:
            silent = questions // 4
        with _progress() as show:
            result = _of(folder or SAMPLE_CORPUS, part, (contracts, questions, silent), settings, seed, show)
    _tell(result, settings, as_json, single)


def _of(
    source: Path,
    part: str | None,
    sizes: tuple[int | None, int | None, int | None],
    settings: Settings,
    seed: int,
    show: OnProgress,
) -> Evaluation:
    """The evaluation of a folder; ``sizes`` are the contracts, answered and silent questions to take."""
    asked = read_questions(source, part)
    for directory in (settings.directory, evaluations_directory(settings)):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if isinstance(asked, QuestionSet):
        asked = sample(asked, seed, *sizes)
        return run_evaluation(asked, settings, library_directory(settings, source), seed, show)
    asked = sampled_clauses(asked, seed, *sizes[:2])
    return evaluate_clauses(asked, settings, evaluations_directory(settings), seed, show)


def _own(settings: Settings, seed: int, show: OnProgress) -> Evaluation:
    labels = LabelStore(open_workbench(settings.directory)).all()
    with open_library(settings, "proviso eval") as library:
        return measure_own(labels, library, load_models(settings), settings, seed, show)


def _tell(result: Evaluation, settings: Settings, as_json: bool, single: Path | None) -> None:
    saved = save(result.report, evaluations_directory(settings))
    if single is not None:
        lines = [json.dumps(details(outcome), ensure_ascii=False) for outcome in result.outcomes]
        single.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if as_json:
        sys.stdout.write(to_json(result.report, indent=2).decode() + "\n")
        return
    console = Console(highlight=False)
    for table in draw(result.report):
        console.print(table)
    console.print(Text(printable(f"Saved as {saved}; the app shows it on the page Evaluation.")))


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """A bar for each step on a terminal, a line now and then elsewhere; both on the error stream."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        steps: dict[str, TaskID] = {}

        def show(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=of)
            bars.update(steps[step], completed=done, total=of)
            if not console.is_terminal and done * SHARE_OF_A_LINE // of > (done - 1) * SHARE_OF_A_LINE // of:
                sys.stderr.write(f"{step} {done} of {of}\n")

        yield show
