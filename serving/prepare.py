"""What the first page needs, made ready while its browser still fetches the page's own scripts."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import streamlit as st

from core.errors import ProvisoError

# Time for the server to begin listening: nothing that is made ready comes before that.
LISTENING: Final = 0.1
# Building the services outside of a page is meant; Streamlit would warn about it.
_WARNS: Final = "streamlit.runtime.scriptrunner_utils.script_run_context"


@asynccontextmanager
async def prepared(_: st.App) -> AsyncIterator[None]:
    """The lifespan of the application; the server waits for nothing that is made ready."""
    thread = threading.Thread(target=prepare, name="prepare", daemon=True)
    asyncio.get_running_loop().call_later(LISTENING, thread.start)
    yield


def prepare() -> None:
    """Open the library and let the models come. What stands in the way is told by every page, which tries again."""
    # Imported here, not before the server listens.
    from pages.parts.wiring import services

    logging.getLogger(_WARNS).setLevel(logging.ERROR)
    try:
        services()
    except ProvisoError as error:
        logging.getLogger(__name__).warning("The library is not open yet. %s", error)
