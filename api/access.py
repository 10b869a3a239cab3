"""The door of the API: who may come in, with how much, and how many at once."""

import hmac
import threading
from typing import Final

import anyio
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from api.problems import Refused, problem

# Two hundred passages of twenty thousand characters.
MOST_BYTES: Final = 8 * 1024 * 1024
MOST_AT_ONCE: Final = 64
BODY_SECONDS: Final = 30.0
_POLICY_VIOLATION: Final = 1008
_CHALLENGE: Final = Refused(
    401, "This API", "needs a token.", "Send the header Authorization: Bearer and the token."
)
_LARGE: Final = Refused(413, "The request", f"is larger than {MOST_BYTES:,} bytes.", "Send less at once.")
_SLOW: Final = Refused(408, "The request", "did not arrive in time.", "Send it again.")
_BUSY: Final = Refused(503, "Proviso", "works on too many requests.", "Ask again in a minute.")


class Door:
    """ASGI middleware in front of the API.

    Args:
        app: what is protected.
        token: what every request must carry; empty for none.
    """

    def __init__(self, app: ASGIApp, token: SecretStr) -> None:
        self._app = app
        self._token = token
        self._inside = 0
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = None if self._may_enter(Headers(scope=scope)) else _CHALLENGE
        if refusal is None and not self._take():
            refusal = _BUSY
        if refusal is not None:
            await problem(refusal)(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        finally:
            with self._lock:
                self._inside -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with anyio.fail_after(BODY_SECONDS):
                body = await _body(receive)
        except Refused as error:
            await problem(error)(scope, receive, send)
        except TimeoutError:
            await problem(_SLOW)(scope, receive, send)
        else:
            if body is not None:
                await self._app(scope, _replayed(body, receive), _unsaved(send))

    def _may_enter(self, headers: Headers) -> bool:
        expected = self._token.get_secret_value()
        if not expected:
            return True
        kind, _, given = headers.get("authorization", "").partition(" ")
        # Both compared whatever they are, so that the time taken tells nothing of the token.
        same = hmac.compare_digest(given.strip().encode(), expected.encode())
        return same and kind.lower() == "bearer"

    def _take(self) -> bool:
        with self._lock:
            if self._inside >= MOST_AT_ONCE:
                return False
            self._inside += 1
            return True


async def _body(receive: Receive) -> bytes | None:
    """The body as a whole; None when the caller has gone.

    Raises:
        Refused: it is too large; no more of it is read.
    """
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        piece = message.get("body", b"")
        size += len(piece)
        if size > MOST_BYTES:
            raise _LARGE
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _unsaved(send: Send) -> Send:
    """No cache on the way keeps what contracts say."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Cache-Control"] = "no-store"
        await send(message)

    return sending


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
