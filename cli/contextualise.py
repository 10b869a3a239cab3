"""``proviso contextualise``: the contextual index now, and on request a model's sentence about every passage."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.by_model import NOT_COMPLETE, AboutContracts, Show, Wish, Yes, write_first
from cli.interrupt import interruptible
from cli.options import DataDirectory, require_service
from core.pipeline.contextual.fact import KIND
from core.pipeline.contextual.progress import contextual_progress
from core.settings import Settings, load_settings
from core.storage.library import Library
from ingest.context.sentences import SENTENCES, parts_of
from ingest.index_contract import Tools
from ingest.open_library import open_library
from ingest.worker import catch_up

console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


def contextualise(
    contracts: AboutContracts = None,
    model: Annotated[
        bool,
        typer.Option("--model", help="Have the configured model write a sentence about each passage first."),
    ] = False,
    show: Show = False,
    yes: Yes = False,
    data_dir: DataDirectory = None,
) -> None:
    """Put every contract into the contextual index. The app does so by itself in the background.

    With --model the text of the passages leaves this machine. Number of requests, tokens and contracts are said first,
    and nothing is sent until somebody agrees. Stopped or killed, it goes on where it was.
    """
    wish = Wish(tuple(contracts or ()), model, show, yes)
    wish.check("contextualise")
    settings = load_settings(data_dir)
    if model and not show:
        require_service(settings)
    with open_library(settings, "proviso contextualise") as library:
        written = write_first(wish, SENTENCES, parts_of, KIND, library, settings)
        whole = _index(library, settings)
    raise typer.Exit(0 if written and whole else NOT_COMPLETE)


def _index(library: Library, settings: Settings) -> bool:
    """Make what is due; False when it was stopped or a contract failed."""
    told = [-1]

    def stop() -> bool:
        progress = contextual_progress(library)
        if progress.made != told[0]:
            told[0] = progress.made
            notes.print(Text(f"{progress.made} of {progress.contracts} contracts"))
        return stopped.is_set()

    with interruptible() as stopped:
        catch_up(library, Tools.loading(settings), stop)
    progress = contextual_progress(library)
    console.print(Text(progress.sentence or f"Contextual index: all {progress.contracts} contracts."))
    return not progress.sentence
