"""The API under ``/api`` on the port of the pages: one process, one library, the same models and line."""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.research import LocalResearch
from pages.parts.wiring import services

API: Final = "/api"


class ApiMount:
    """ASGI middleware that hands everything under ``/api`` to the API.

    Args:
        app: answers everything else.
        api: the API.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        if scope["type"] in {"http", "websocket"} and (path == API or path.startswith(f"{API}/")):
            inner = {**scope, "root_path": scope.get("root_path", "") + API}
            await self._api(inner, receive, send)
        else:
            await self._app(scope, receive, send)


def research() -> LocalResearch:
    """The API over the services of the pages, which are built by whoever needs them first."""
    ready = services()
    return LocalResearch(ready.settings, ready.library, ready.searcher, ready.trail, ready.recorder)
