"""``proviso graph``: the graph of every contract now, and on request the facts that a model reads out of passages."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.by_model import NOT_COMPLETE, AboutContracts, Show, Wish, Yes, write_first
from cli.interrupt import interruptible
from cli.options import DataDirectory, require_service
from core.pipeline.graph.records import KIND, VERSION
from core.settings import Settings, load_settings
from core.storage.library import Library
from core.storage.snapshot import version_of
from ingest.annotate import annotate_due
from ingest.derive import DERIVATIONS, derive_due
from ingest.graph.model_facts import FACTS, parts_of
from ingest.index_contract import Tools
from ingest.open_library import open_library

console = Console(highlight=False)


def graph(
    contracts: AboutContracts = None,
    model: Annotated[
        bool, typer.Option("--model", help="Have the configured model read facts out of each passage first.")
    ] = False,
    show: Show = False,
    yes: Yes = False,
    data_dir: DataDirectory = None,
) -> None:
    """Make the graph of every contract. The app does so by itself in the background.

    With --model the text of the passages leaves this machine. Number of requests, tokens and contracts are said first,
    and nothing is sent until somebody agrees. Stopped or killed, it goes on where it was.
    """
    wish = Wish(tuple(contracts or ()), model, show, yes)
    wish.check("graph")
    settings = load_settings(data_dir)
    if model and not show:
        require_service(settings)
    with open_library(settings, "proviso graph") as library:
        written = write_first(wish, FACTS, parts_of, KIND, library, settings)
        whole = _make(library, settings)
    raise typer.Exit(0 if written and whole else NOT_COMPLETE)


def _make(library: Library, settings: Settings) -> bool:
    """Make what is due; False when it was stopped."""
    graphs = tuple(one for one in DERIVATIONS if one.kind == KIND)
    with interruptible() as stopped:
        annotate_due(library)
        derive_due(library, Tools.loading(settings), stopped.is_set, graphs)
    left = len(library.derived.due(KIND, version_of(VERSION, library.fingerprint)))
    of = len(library.catalogue.contracts())
    console.print(Text(f"Graph: {of - left} of {of} contracts." if left else f"Graph: all {of} contracts."))
    return not left
