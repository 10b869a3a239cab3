"""``proviso eval``: how good is the retrieval on contracts whose right passages are known?"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.settings import Settings, load_settings
from evals.evaluate import STEPS, Evaluation, read_questions
from evals.evaluate import evaluate as run_evaluation
from evals.questions import QuestionSet, sample
from evals.summary import details
from evals.tables import draw

SAMPLE_CORPUS = Path(__file__).resolve().parent.parent / "sample_corpus"


def evaluate(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="PDFs with questions.jsonl, or a CUAD folder (pdf/ and master_clauses.csv)."
            " Without it, the sample corpus."
        ),
    ] = None,
    contracts: Annotated[int | None, typer.Option(min=1, help="Use a random sample of contracts.")] = None,
    questions: Annotated[
        int | None, typer.Option(min=1, help="Ask a random sample of the questions that have an answer.")
    ] = None,
    silent: Annotated[
        int | None,
        typer.Option(
            min=0, help="The same for questions without an answer; a quarter of --questions if left."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the samples and of the confidence intervals.")] = 0,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the index here and use it again; otherwise it is temporary.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
    single: Annotated[
        Path | None, typer.Option("--details", help="Write a line of JSON for each question to this file.")
    ] = None,
) -> None:
    """Measure BM25, dense, hybrid and reranked retrieval on labelled questions."""
    if silent is None and questions is not None:
        silent = questions // 4
    asked = sample(read_questions(folder or SAMPLE_CORPUS), seed, contracts, questions, silent)
    with tempfile.TemporaryDirectory(prefix="proviso-eval-") as temporary:
        result = _run(asked, load_settings(data_dir or Path(temporary)), seed)
    if single is not None:
        lines = [json.dumps(details(outcome), ensure_ascii=False) for outcome in result.outcomes]
        single.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(result.report, ensure_ascii=False, indent=2) + "\n")
    else:
        console = Console(highlight=False)
        for table in draw(result.report):
            console.print(table)


def _run(asked: QuestionSet, settings: Settings, seed: int) -> Evaluation:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        steps = {step: bars.add_task(step, total=None) for step in STEPS}

        def show(step: str, done: int, of: int) -> None:
            bars.update(steps[step], completed=done, total=of)

        return run_evaluation(asked, settings, seed, show)
