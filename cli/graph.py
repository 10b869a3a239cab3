"""``proviso graph``: the graph of every contract now, and on request the facts that a model reads out of passages."""

from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.by_model import require_service, show_requests, write_when_agreed
from cli.interrupt import interruptible
from core.errors import InvalidSettings
from core.models import EncoderSource, load_encoder
from core.pipeline.graph.records import KIND, VERSION
from core.scope import resolve_contracts
from core.settings import Settings, load_settings
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from core.storage.snapshot import version_of
from ingest.annotate import annotate_due
from ingest.by_model.plan import plan_texts
from ingest.by_model.records import Plan
from ingest.derive import DERIVATIONS, derive_due
from ingest.graph.model_facts import FACTS, parts_of
from ingest.index_contract import Tools
from ingest.open_library import open_library

console = Console(highlight=False)
# Exit code when passages have no facts or contracts have no graph.
NOT_COMPLETE = 3


def graph(
    contracts: Annotated[
        list[str] | None,
        typer.Argument(help="With --model or --show: ids, file names or titles; none means all."),
    ] = None,
    model: Annotated[
        bool, typer.Option("--model", help="Have the configured model read facts out of each passage first.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print what --model would send, in full, and send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --model: agree to what is said to leave.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
) -> None:
    """Make the graph of every contract. The app does so by itself in the background.

    With --model the text of the passages leaves this machine. Number of requests, tokens and contracts are said first,
    and nothing is sent until somebody agrees. Stopped or killed, it goes on where it was.
    """
    if (contracts or yes) and not (model or show):
        raise InvalidSettings("Contracts and --yes", "belong to --model.", "See proviso graph --help.")
    settings = load_settings(data_dir)
    if model and not show:
        require_service(settings)
    with open_library(settings, "proviso graph") as library:
        missing = False
        if model or show:
            plan = _plan(library, contracts or [])
            if show:
                show_requests(plan)
                return
            outcome = write_when_agreed(plan, library, settings, agreed=yes)
            if outcome is None:
                raise typer.Exit(1)
            library.derived.forget(KIND, outcome.contract_ids)
            missing = outcome.left > 0 or bool(outcome.failures)
        whole = _make(library, settings)
    raise typer.Exit(NOT_COMPLETE if missing or not whole else 0)


def _plan(library: Library, names: list[str]) -> Plan:
    known = library.catalogue.contracts()
    wanted = resolve_contracts(names, known)
    chosen = [one for one in known if not names or one.contract_id in wanted]
    return plan_texts(FACTS, parts_of(chosen, library), ModelTexts(library.catalogue.database))


def _make(library: Library, settings: Settings) -> bool:
    """Make what is due; False when it was stopped."""
    source = EncoderSource(settings.encoder)
    tools = Tools.of(
        settings, cache(lambda: load_encoder(settings.encoder, settings)), source.token_counter()
    )
    graphs = tuple(one for one in DERIVATIONS if one.kind == KIND)
    with interruptible() as stopped:
        annotate_due(library)
        derive_due(library, tools, stopped.is_set, graphs)
    left = len(library.derived.due(KIND, version_of(VERSION, library.fingerprint)))
    of = len(library.catalogue.contracts())
    console.print(Text(f"Graph: {of - left} of {of} contracts." if left else f"Graph: all {of} contracts."))
    return not left
