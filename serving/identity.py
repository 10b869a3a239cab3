"""Gives every browser a random identity of its own, so that a reader finds their questions again and nobody else's."""

import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.audit.browser import COOKIE, is_identity

# Browsers keep a cookie for 400 days at most.
_DAYS: Final = 400


class Identity:
    """ASGI middleware that sets the cookie where a request has none.

    No script can read it, no other site can have it sent, and the pages see only its hash.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or is_identity(_sent(Headers(scope=scope).get("cookie", ""))):
            await self._app(scope, receive, send)
            return
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        rules = f"Path=/; Max-Age={_DAYS * 86_400}; HttpOnly; SameSite=Strict{secure}"
        cookie = f"{COOKIE}={secrets.token_hex(16)}; {rules}"

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_cookie)


def _sent(header: str) -> str:
    try:
        held = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if held is None else held.value
