"""``proviso mcp``: the MCP server over standard input and output."""

import logging
import sys

from cli.options import DataDirectory
from core.audit.actor import system_user
from core.search import recipes_of
from core.settings import load_settings


def mcp(
    data_dir: DataDirectory = None,
) -> None:
    """Serve the library to an assistant over MCP (standard input and output), read-only.

    While the app holds the library, its API is asked instead: start it with proviso serve --api.
    """
    # The protocol has the standard output to itself.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    from api.mcp_server import build
    from api.open_research import BorrowedLibrary

    settings = load_settings(data_dir)
    recipes_of(settings)
    library = BorrowedLibrary(settings, "proviso mcp")
    try:
        build(library.research, f"mcp of {system_user()}").run("stdio")
    finally:
        library.close()
