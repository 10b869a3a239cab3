"""Puts the protecting headers on every answer, refusals and errors included."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.paths import MEDIA

# Headers that would let pages of other servers read an answer; this server has no such pages.
_CROSS_ORIGIN: Final = (
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
)


class ProtectingHeaders:
    """ASGI middleware; the outermost.

    Args:
        app: what is protected.
        headers: name and value of each header.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in _CROSS_ORIGIN:
                    del headers[name]
                headers.update(self._headers)
                if scope["path"].startswith(MEDIA):
                    # A contract that was downloaded must not stay behind in the browser's cache.
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, protected)
