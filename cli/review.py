"""``proviso review``: the questions of a set put to many contracts, as a table, CSV or JSON."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.interrupt import interruptible
from cli.options import (
    DataDirectory,
    DatedFrom,
    DatedTo,
    Kind,
    Law,
    Party,
    PipelineName,
    conditions_of,
    require_service,
)
from core.audit.actor import system_user
from core.contract_filter import narrowed
from core.errors import InvalidSettings, UnknownContract
from core.export.grid_files import grid_csv
from core.models import load_encoder, load_scorer
from core.pipeline.recipe_file import named_recipe
from core.records import Contract
from core.redact import json_text, printable_line
from core.review.conduct import Reviews
from core.review.export import grid_json, spoken
from core.review.fill import fill_review
from core.review.open_desk import ANSWERED_FROM, MINIMUM_RELEVANCE, open_desk, review_settings
from core.review.own_sets import QuestionSets
from core.review.records import LONGEST_NAME, Cell, CellStatus, Grid, Review, ReviewSettings
from core.review.store import ReviewStore
from core.review.worker import ReviewWorker
from core.scope import resolve_contracts
from core.search import open_searcher, recipes_of
from core.settings import Settings, load_settings
from core.storage.library import Library
from core.waiting_line import WaitingLine
from core.workbench.decision_store import DecisionStore
from core.workbench.workbench import open_workbench
from ingest.open_library import open_library
from ingest.open_trail import chat_host, open_trail

console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)
# Exit code of a review in which cells failed or are still pending.
NOT_COMPLETE = 3


def review(
    contracts: Annotated[
        list[str] | None, typer.Argument(help="Ids, file names or titles; none means all.")
    ] = None,
    question_set: Annotated[str, typer.Option("--set", help="Name of the question set.")] = "",
    sets: Annotated[bool, typer.Option("--sets", help="List the question sets.")] = False,
    resume: Annotated[
        str, typer.Option(help="Go on with this review: its id, or the first characters.")
    ] = "",
    model: Annotated[
        bool, typer.Option("--model", help="Answers by the configured model, not extracts.")
    ] = False,
    minimum_relevance: Annotated[float, typer.Option(help="Below it a cell is silent.", min=0, max=1)] = (
        MINIMUM_RELEVANCE
    ),
    answered_from: Annotated[
        float, typer.Option(help="Below it a cell is weak.", min=0, max=1)
    ] = ANSWERED_FROM,
    party: Party = None,
    law: Law = None,
    kind: Kind = None,
    dated_from: DatedFrom = "",
    dated_to: DatedTo = "",
    pipeline: PipelineName = "",
    as_json: Annotated[bool, typer.Option("--json", help="Every cell, as one JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every cell, one a line.")] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Put the questions of a set to every contract; the review is kept and can be opened in the app.

    Ctrl-C gives up the cell in hand, and --resume goes on from there. Exit code 0: every cell is filled; 1: it failed;
    3: cells failed or are still pending.
    """
    settings = load_settings(data_dir)
    if sets:
        _print_sets(QuestionSets(open_workbench(settings.directory)))
        return
    if bool(question_set) == bool(resume) or (as_json and as_csv):
        raise InvalidSettings(
            "proviso review",
            "needs --set or --resume, and --json or --csv at most.",
            "See proviso review --help.",
        )
    if model:
        require_service(settings)
    named_recipe(pipeline or settings.pipeline, recipes_of(settings))
    conditions = conditions_of(party, law, kind, dated_from, dated_to)
    with open_library(settings, "proviso review") as library:
        reviews = _reviews(settings, library)
        if resume:
            chosen = _kept(reviews.store, resume)
        else:
            known = library.catalogue.contracts()
            scope = narrowed(resolve_contracts(contracts or [], known), conditions, known)
            rows = [one for one in known if not scope or one.contract_id in scope]
            how = review_settings(
                settings,
                minimum_relevance=minimum_relevance,
                answered_from=answered_from,
                model=model,
                host=chat_host(settings),
                pipeline=pipeline,
            )
            chosen = _begun(reviews, rows, question_set, how)
        grid = _filled(chosen, reviews)
        _print(grid, {one.contract_id: one for one in library.catalogue.contracts()}, as_json, as_csv)
    missing = grid.counts[CellStatus.PENDING] + grid.counts[CellStatus.FAILED]
    raise typer.Exit(NOT_COMPLETE if missing else 0)


def _reviews(settings: Settings, library: Library) -> Reviews:
    encoder = load_encoder(settings.encoder, settings)
    scorer = load_scorer(settings.reranker, settings)
    searcher = open_searcher(settings, lambda: encoder, lambda: scorer, library.snapshot, WaitingLine())
    trail, workbench = open_trail(settings), open_workbench(settings.directory)
    decisions = DecisionStore(workbench) if settings.keep_decisions else None
    desk = open_desk(settings, library, searcher, trail, decisions, chat_host(settings))
    return Reviews(ReviewStore(workbench), QuestionSets(workbench), ReviewWorker(), desk, trail)


def _begun(
    reviews: Reviews,
    chosen: list[Contract],
    set_name: str,
    how: ReviewSettings,
) -> Review:
    if not chosen:
        raise UnknownContract("The library", "is empty.", "Add contracts with proviso ingest.")
    question_set = reviews.sets.named(set_name)
    name = f"{question_set.name}, {datetime.now(UTC):%d %b %Y}"[:LONGEST_NAME]
    review = reviews.begin(name, question_set, chosen, how, system_user())
    calls = f", at most {review.size} calls to {how.model} at {how.endpoint}" if how.model else ""
    notes.print(Text(f"review {review.review_id}: {review.size} cells{calls}"))
    return review


def _kept(store: ReviewStore, wanted: str) -> Review:
    found = [one for one in store.reviews() if one.review_id.startswith(wanted.strip().lower())]
    if len(found) != 1:
        raise UnknownContract(
            repr(wanted),
            "is no review that is kept." if not found else f"means {len(found)} reviews.",
            "The Review page of the app lists them.",
        )
    return found[0]


def _filled(review: Review, reviews: Reviews) -> Grid:
    told = [0]

    def cancelled() -> bool:
        done = review.size - reviews.store.counts(review)[CellStatus.PENDING]
        if done - told[0] >= max(1, review.size // 20):
            told[0] = done
            notes.print(Text(f"{done} of {review.size} cells"))
        return stopped.is_set()

    with interruptible() as stopped:
        fill_review(review, reviews.store, reviews.desk, cancelled)
    grid = reviews.store.grid(review)
    if grid.counts[CellStatus.PENDING]:
        notes.print(Text(f"stopped; proviso review --resume {review.review_id[:12]} goes on", style="yellow"))
    return grid


def _print_sets(sets: QuestionSets) -> None:
    for one in sets.all():
        console.print(Text(one.name, style="bold"), Text(printable_line(one.description)), soft_wrap=True)
        for question in one.questions:
            console.print(
                Text(f"  {printable_line(question.label)}: {printable_line(question.text)}"), soft_wrap=True
            )


def _print(grid: Grid, contracts: dict[str, Contract], as_json: bool, as_csv: bool) -> None:
    if as_json:
        sys.stdout.write(json_text(grid_json(grid, contracts), 2) + "\n")
    elif as_csv:
        sys.stdout.write(grid_csv(grid, contracts))
    else:
        table = Table("Contract", "Question", "Status", "Relevance", "Page", "Answer", show_lines=True)
        titles = {one.contract_id: one.title for one in grid.review.contracts}
        for cell in grid.cells:
            table.add_row(*(Text(printable_line(one)) for one in _cells(grid, cell, titles)))
        console.print(table)


def _cells(grid: Grid, cell: Cell, titles: dict[str, str]) -> tuple[str, ...]:
    label = grid.review.question_set.questions[cell.place.question].label
    relevance = "" if cell.relevance is None else f"{cell.relevance:.3f}"
    page = "" if cell.best is None else str(cell.best.page_start)
    words = (spoken(cell) or cell.failure)[:200]
    return titles[cell.place.contract_id], label, cell.status.value, relevance, page, words
