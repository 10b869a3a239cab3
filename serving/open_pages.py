"""Files of a session only for the browser that has the page open.

Streamlit serves what a page offers for download under an address that anybody may read, without a cookie. Here
every browser gets a random cookie with the page; addresses of files answer only while that browser holds a
connection of an open page.
"""

import secrets
from collections import Counter
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.paths import MEDIA, UPLOAD

COOKIE: Final = "proviso_browser"
_LENGTH: Final = 43


class OpenPages:
    """ASGI middleware that knows which browsers have a page open.

    Args:
        app: what is protected.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._connections: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        browser = browser_of(Headers(scope=scope))
        if scope["type"] == "websocket":
            await self._connected(browser, scope, receive, send)
        elif not scope["path"].startswith((MEDIA, UPLOAD)):
            await self._app(scope, receive, send if browser else _with_cookie(scope, send))
        elif self._connections[browser] > 0 and browser:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Open the page first.", 403)(scope, receive, send)

    async def _connected(self, browser: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._connections[browser] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._connections[browser] -= 1
            if self._connections[browser] <= 0:
                del self._connections[browser]


def browser_of(headers: Headers) -> str:
    """The name that a browser was given, or "" when it has none."""
    try:
        found = SimpleCookie("; ".join(headers.getlist("cookie"))).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None and len(found.value) == _LENGTH else ""


def _with_cookie(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            secure = "; Secure" if scope.get("scheme") == "https" else ""
            value = f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Strict{secure}"
            MutableHeaders(scope=message).append("Set-Cookie", value)
        await send(message)

    return sending
