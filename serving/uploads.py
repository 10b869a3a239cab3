"""How much all sessions together may upload before it is taken into the library: it is held in memory."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.paths import UPLOAD


class UploadLimit:
    """ASGI middleware that refuses an upload for which there is no room.

    Args:
        app: what is protected.
        held: bytes of all uploads that the server holds at present.
        limit: bytes that all uploads together may have.
    """

    def __init__(self, app: ASGIApp, held: Callable[[], int], limit: int) -> None:
        self._app = app
        self._held = held
        self._limit = limit
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(UPLOAD):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            await PlainTextResponse("The length of the file is missing.", 411)(scope, receive, send)
            return
        size = int(length)
        if self._held() + self._arriving + size > self._limit:
            await PlainTextResponse("Too much at once.", 413)(scope, receive, send)
            return
        self._arriving += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving -= size
