"""``proviso contextualise``: the contextual index now, and on request a model's sentence about every passage."""

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
from core.pipeline.contextual.fact import KIND
from core.pipeline.contextual.progress import contextual_progress
from core.scope import resolve_contracts
from core.settings import Settings, load_settings
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from ingest.annotate import annotate_due
from ingest.by_model.plan import plan_texts
from ingest.by_model.records import Plan
from ingest.context.sentences import SENTENCES, parts_of
from ingest.index_contract import Tools
from ingest.open_library import open_library
from ingest.worker import catch_up

console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)
# Exit code when passages have no sentence or contracts are not in the index.
NOT_COMPLETE = 3


def contextualise(
    contracts: Annotated[
        list[str] | None,
        typer.Argument(help="With --model or --show: ids, file names or titles; none means all."),
    ] = None,
    model: Annotated[
        bool,
        typer.Option("--model", help="Have the configured model write a sentence about each passage first."),
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print what --model would send, in full, and send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --model: agree to what is said to leave.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
) -> None:
    """Put every contract into the contextual index. The app does so by itself in the background.

    With --model the text of the passages leaves this machine. Number of requests, tokens and contracts are said first,
    and nothing is sent until somebody agrees. Stopped or killed, it goes on where it was.
    """
    if (contracts or yes) and not (model or show):
        raise InvalidSettings(
            "Contracts and --yes", "belong to --model.", "See proviso contextualise --help."
        )
    settings = load_settings(data_dir)
    if model and not show:
        require_service(settings)
    with open_library(settings, "proviso contextualise") as library:
        if model or show:
            annotate_due(library)
            plan = _plan(library, contracts or [])
            if show:
                show_requests(plan)
                return
            outcome = write_when_agreed(plan, library, settings, agreed=yes)
            if outcome is None:
                raise typer.Exit(1)
            library.derived.forget(KIND, outcome.contract_ids)
        missing = model and outcome is not None and (outcome.left > 0 or bool(outcome.failures))
        whole = _index(library, settings)
    raise typer.Exit(NOT_COMPLETE if missing or not whole else 0)


def _plan(library: Library, names: list[str]) -> Plan:
    known = library.catalogue.contracts()
    wanted = resolve_contracts(names, known)
    chosen = [one for one in known if not names or one.contract_id in wanted]
    return plan_texts(SENTENCES, parts_of(chosen, library), ModelTexts(library.catalogue.database))


def _index(library: Library, settings: Settings) -> bool:
    """Make what is due; False when it was stopped or a contract failed."""
    told = [-1]

    def stop() -> bool:
        progress = contextual_progress(library)
        if progress.made != told[0]:
            told[0] = progress.made
            notes.print(Text(f"{progress.made} of {progress.contracts} contracts"))
        return stopped.is_set()

    source = EncoderSource(settings.encoder)
    tools = Tools.of(
        settings, cache(lambda: load_encoder(settings.encoder, settings)), source.token_counter()
    )
    with interruptible() as stopped:
        catch_up(library, tools, stop)
    progress = contextual_progress(library)
    console.print(Text(progress.sentence or f"Contextual index: all {progress.contracts} contracts."))
    return not progress.sentence
