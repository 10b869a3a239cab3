"""Who may talk to the server: pages that it served itself, under a name that is its own.

A page of another site cannot open a WebSocket here, send a file or read an answer, and a name of another site
that is made to point at this machine (DNS rebinding) gets no answer. An address of numbers cannot be rebound.
"""

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from serving.paths import is_closed

_POLICY_VIOLATION: Final = 1008


class Visitors:
    """ASGI middleware that turns strangers away.

    Args:
        app: what is protected.
        names: host names of this server besides ``localhost``, in lower case.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        status, reason = refusal(scope["type"], scope["path"], Headers(scope=scope), self._names)
        if not reason:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION, reason)(scope, receive, send)
        else:
            await PlainTextResponse(reason, status)(scope, receive, send)


def refusal(kind: str, path: str, headers: Headers, names: Collection[str]) -> tuple[int, str]:
    """The HTTP status and the reason to refuse a request, or ``(200, "")``.

    Args:
        kind: ``http`` or ``websocket``.
        path: the address asked for, without query.
        headers: those of the request.
        names: see ``Visitors``.
    """
    host = headers.get("host", "")
    if not is_own_host(host, names):
        return 421, "This server is not known by that name. Set PROVISO_ALLOWED_HOSTS."
    if is_closed(path):
        return 404, "Not found."
    origin = headers.get("origin")
    if origin is None and kind == "websocket":
        return 403, "A connection needs a page of this server."
    if origin is not None and not is_own_origin(origin, host, names):
        return 403, "Pages of other sites have no access."
    if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not _is_visit(headers):
        return 403, "Pages of other sites have no access."
    return 200, ""


def is_own_host(host: str, names: Collection[str]) -> bool:
    """True when a Host header (``name:port``) is an address of numbers, ``localhost`` or one of ``names``."""
    name = _host_name(f"//{host}")
    return name == "localhost" or name in names or _is_number(name)


def is_loopback(address: str) -> bool:
    """True when only this machine can reach a server that listens on ``address``."""
    return address == "localhost" or (_is_number(address) and ipaddress.ip_address(address).is_loopback)


def is_own_origin(origin: str, host: str, names: Collection[str]) -> bool:
    """True when a page of ``origin`` was served by this server, which was asked for as ``host``.

    Scheme and port of a proxy that serves one of ``names`` may differ from what reaches this server.
    """
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(netloc) and (netloc == host or _host_name(origin) in names)


def _is_visit(headers: Headers) -> bool:
    """A link that the user followed: it shows the page and gives the other site nothing."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


def _host_name(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").rstrip(".")


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
