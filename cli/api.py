"""``proviso api``: the HTTP API alone, without the pages."""

import signal
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from api.address import noted, require_token
from cli.options import DataDirectory
from core.settings import load_settings
from serving.visitors import Visitors, is_loopback

console = Console(highlight=False)
GRACE_SECONDS = 10


def api(
    port: Annotated[int, typer.Option(help="Port on this machine.", min=1, max=65535)] = 8502,
    address: Annotated[str | None, typer.Option(help="Address to listen on, this machine's own.")] = None,
    data_dir: DataDirectory = None,
) -> None:
    """Answer the HTTP API at http://localhost:8502/v1, read-only; proviso serve --api adds it to the pages.

    Where others than this machine can reach it, PROVISO_API_TOKEN must be set.
    """
    # FastAPI takes half a second that no other command should wait for.
    import uvicorn

    from api.application import build
    from api.open_research import open_research

    settings = load_settings(data_dir)
    listening = settings.address if address is None else address
    local = is_loopback(listening)
    require_token(settings, local=local)
    names = frozenset({*settings.host_names, listening.lower()})
    # uvicorn ends itself by the signal that stopped it; as an exit, the library is closed first.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    with open_research(settings, "proviso api") as research:
        application = Visitors(build(lambda: research, settings.api_token), names)
        shown = "localhost" if local else listening
        console.print(Text(f"The API is at http://{shown}:{port}/v1, its description at /v1/openapi.json"))
        with noted(settings.directory, listening, port):
            uvicorn.run(
                application,
                host=listening,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
