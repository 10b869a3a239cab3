"""The commands of ``proviso``: those that are short stand here, the others in modules of their own."""

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cli.lazy import LazyGroup
from cli.options import DataDirectory
from core.audit.actor import system_user
from core.audit.events import Action
from core.errors import ProvisoError
from core.records import Contract
from core.redact import printable_line
from core.scope import resolve_contracts
from core.settings import load_settings


class Commands(LazyGroup):
    """The commands that live in modules of their own; each is imported when it is asked for."""

    lazy: ClassVar[Mapping[str, str]] = {
        "ingest": "ingest.command:ingest",
        "ask": "cli.ask:ask",
        "compare": "cli.compare:compare",
        "pipelines": "cli.pipelines:pipelines",
        "history": "cli.history:history",
        "replay": "cli.history:replay",
        "labels": "cli.labels:labels",
        "review": "cli.review:review",
        "api": "cli.api:api",
        "mcp": "cli.mcp:mcp",
        "doctor": "cli.doctor:doctor",
        "eval": "cli.eval:evaluate",
        "contextualise": "cli.contextualise:contextualise",
        "graph": "cli.graph:graph",
        "audit": "cli.audit:audit",
    }


app = typer.Typer(
    cls=Commands,
    help="Proviso: clause questions over contracts, with every reranked candidate in plain sight.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)
HEADINGS = ("Id", "Title", "Type", "File", "Date", "Governing law", "Pages", "Chunks")
OPEN_TO_ALL = (
    "Everybody who can reach this address can read, add and delete contracts: there are no accounts. Put a proxy"
    " with a login and TLS in front; see SECURITY.md."
)


@app.command("list")
def list_contracts(data_dir: DataDirectory = None) -> None:
    """List the contracts of the library; separated by tabs when the output is no terminal."""
    from ingest.open_library import read_catalogue

    rows = [
        tuple(printable_line(cell) for cell in _cells(contract))
        for contract in read_catalogue(load_settings(data_dir)).contracts()
    ]
    if not console.is_terminal:
        sys.stdout.writelines("\t".join(row) + "\n" for row in (HEADINGS, *rows))
        return
    table = Table(Column(HEADINGS[0], no_wrap=True), *HEADINGS[1:])
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


@app.command()
def delete(
    contracts: Annotated[list[str], typer.Argument(help="Ids, file names or titles.")],
    data_dir: DataDirectory = None,
) -> None:
    """Delete contracts from the catalogue, both indexes and the stored originals."""
    from ingest.open_library import open_library
    from ingest.open_trail import open_trail

    settings = load_settings(data_dir)
    with open_library(settings, "proviso delete") as library:
        trail = open_trail(settings)
        known = library.catalogue.contracts()
        for contract_id in resolve_contracts(contracts, known):
            trail.contract(system_user(), Action.DELETED, contract_id)
            library.delete(contract_id)
            console.print(Text(f"deleted {contract_id}"))


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8501,
    address: Annotated[str | None, typer.Option(help="Address to listen on, this machine's own.")] = None,
    with_api: Annotated[
        bool, typer.Option("--api", help="Answer the API under /api as well; see proviso api.")
    ] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Open the application at http://localhost:8501."""
    from api.address import noted, require_token
    from core.search import recipes_of
    from serving.run import run as run_server
    from serving.visitors import is_loopback

    settings = load_settings(data_dir)
    recipes_of(settings)
    settings = settings.model_copy(update={"api": settings.api or with_api})
    listening = settings.address if address is None else address
    script = find_spec("core")
    if script is None or script.origin is None:
        raise ProvisoError("Proviso", "its folder cannot be found.", "Run make install.")
    root = Path(script.origin).parent.parent
    # The pages read the settings again, in this process.
    os.environ["PROVISO_DATA_DIR"] = str(settings.directory.absolute())
    local = is_loopback(listening)
    console.print(Text(f"Proviso is at http://{'localhost' if local else listening}:{port}"))
    if not local:
        console.print(Text(OPEN_TO_ALL, style="yellow"))
    if not settings.api:
        run_server(root, settings, listening, port)
        return
    require_token(settings, local=local)
    with noted(settings.directory, listening, port, "/api"):
        run_server(root, settings, listening, port)


def _cells(contract: Contract) -> tuple[str, ...]:
    return (
        contract.contract_id[:12],
        contract.profile.title,
        contract.profile.contract_type,
        contract.file_name,
        contract.profile.date,
        contract.profile.governing_law,
        str(contract.page_count),
        str(contract.chunk_count),
    )


def main() -> None:
    """Entry point: an error the user can act on is one sentence, not a traceback."""
    try:
        app()
    except ProvisoError as error:
        Console(stderr=True, highlight=False).print(Text(printable_line(str(error)), style="red"))
        sys.exit(1)
