"""The application: the pages behind the middleware that protects them."""

from pathlib import Path
from typing import Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from core.settings import Settings
from pages.parts.panels import UNEXPECTED, error_panel
from serving.headers import ProtectingHeaders
from serving.identity import Identity
from serving.open_pages import OpenPages
from serving.policy import security_headers
from serving.prepare import prepared
from serving.uploads import UploadLimit
from serving.visitors import Visitors

# The one document that Streamlit serves for every page.
_DOCUMENT: Final = Path(st.__file__).parent / "static" / "index.html"


def build(root: Path, settings: Settings, address: str) -> st.App:
    """The application as an ASGI callable.

    Args:
        root: the folder of ``app.py``.
        settings: limits and names of the server.
        address: what it listens on; as a name it is a name of the server.
    """
    headers = security_headers(_DOCUMENT.read_text(encoding="utf-8"))
    names = frozenset({*settings.host_names, address.lower()})

    def failed(_: Request, __: Exception) -> PlainTextResponse:
        return PlainTextResponse("Something went wrong; see the log of the server.", 500, headers)

    return st.App(
        root / "app.py",
        lifespan=prepared,
        middleware=[
            Middleware(ProtectingHeaders, headers=headers),
            Middleware(Visitors, names=names),
            Middleware(Identity),
            *_api(settings),
            Middleware(OpenPages),
            Middleware(UploadLimit, held=held_bytes, limit=settings.max_batch_mb * 1024 * 1024),
        ],
        on_script_error=show_failure,
        exception_handlers={Exception: failed},
    )


def _api(settings: Settings) -> list[Middleware]:
    """The API where the settings open it; behind the check of visitors, before the cookie of browsers."""
    if not settings.api:
        return []
    # Loaded by those alone who open it.
    from api.application import build as build_api
    from serving.api_mount import ApiMount, research

    return [Middleware(ApiMount, api=build_api(research, settings.api_token))]


def show_failure(_: Exception) -> bool:
    """Draw what is drawn for every fault, in place of the exception; the log has it in full."""
    error_panel(UNEXPECTED)
    return True


def held_bytes() -> int:
    """Bytes of all uploads in memory that no session has put into the library yet."""
    manager = runtime.get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        raise TypeError(f"Unknown store of uploads: {type(manager).__name__}.")
    sessions = list(manager.file_storage.values())
    return sum(len(file.data) for files in sessions for file in list(files.values()))
