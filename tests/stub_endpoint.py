"""A real HTTP server on this machine that answers like an OpenAI-compatible chat service.

    with StubEndpoint(script=[fails(429, headers={"Retry-After": "0"}), says("It is. [1]")]) as stub:
        chat = OpenAIChat(stub.base_url, SecretStr("key"), "stub-model")
        ...
    assert stub.requests[0].json["temperature"] == 0.0

One reply of the script is used for each request, the last one again and again. A reply may also be a function
of the recorded request, for a model that does what it is told. Every request is recorded as it arrived.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

DEFAULT_TEXT = "The passage says so. [1] It adds no exception. [1]"


@dataclass(frozen=True)
class Recorded:
    """One request as it arrived; the names of its headers are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def user_message(self) -> str:
        """The content of the last user message."""
        return str([m["content"] for m in self.json["messages"] if m["role"] == "user"][-1])


@dataclass(frozen=True)
class Reply:
    """What the server does: waits, sends status and headers, then the pieces, ``pause`` seconds before each.

    ``cut`` breaks the connection after the pieces instead of ending the body.
    """

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    pause: float = 0.0
    cut: bool = False


Step = Reply | Callable[[Recorded], Reply]


def event(delta: Mapping[str, object], finish_reason: str | None = None) -> bytes:
    """One chunk of a streamed completion."""
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
    return raw_event(
        {"id": "1", "object": "chat.completion.chunk", "model": "stub-model", "choices": [choice]}
    )


def raw_event(value: object) -> bytes:
    """One server-sent event that holds any JSON value."""
    return f"data: {json.dumps(value)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def says(text: str = DEFAULT_TEXT, finish_reason: str | None = "stop", *, pause: float = 0.0) -> Reply:
    """A streamed answer, a word at a time; ``finish_reason=None`` leaves open whether it is finished."""
    words = [event({"content": word}) for word in text.replace(" ", " \0").split("\0")]
    last = [event({}, finish_reason), DONE] if finish_reason else []
    return Reply((event({"role": "assistant", "content": ""}), *words, *last), pause=pause)


def calls(*made: tuple[str, object]) -> Reply:
    """Calls of tools, each a name and its arguments (a string as it stands, all else as JSON), in two pieces each."""
    pieces = []
    for index, (name, given) in enumerate(made):
        arguments = given if isinstance(given, str) else json.dumps(given)
        half = len(arguments) // 2
        first = {"index": index, "id": f"call-{index}", "type": "function"}
        pieces.append(
            event({"tool_calls": [{**first, "function": {"name": name, "arguments": arguments[:half]}}]})
        )
        pieces.append(event({"tool_calls": [{"index": index, "function": {"arguments": arguments[half:]}}]}))
    return Reply((event({"role": "assistant"}), *pieces, event({}, "tool_calls"), DONE))


def cuts(text: str) -> Reply:
    """A streamed answer that breaks off in the middle of the connection."""
    return Reply(says(text, None).pieces, cut=True)


def fails(
    status: int,
    message: str = "stub failure",
    *,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error in the shape OpenAI gives it."""
    body = json.dumps({"error": {"message": message, "type": "stub", "code": code}}).encode()
    return Reply((body,), status, "application/json", headers or {})


def answers(body: bytes, content_type: str = "application/json", status: int = 200) -> Reply:
    """Any body at all."""
    return Reply((body,), status, content_type)


def silent(seconds: float = 60.0) -> Reply:
    """Nothing at all for so long."""
    return Reply(wait=seconds)


class StubEndpoint:
    """The server; ``base_url`` is its address and ``requests`` what it was sent."""

    def __init__(self, script: Sequence[Step] = ()) -> None:
        self.requests: list[Recorded] = []
        self._script = list(script) or [says()]
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def bodies(self) -> bytes:
        """The bytes of every request body, one after the other."""
        return b"\n".join(request.body for request in self.requests)

    def _record(self, request: Recorded) -> Reply:
        with self._lock:
            self.requests.append(request)
            step = self._script[min(len(self.requests), len(self._script)) - 1]
        return step if isinstance(step, Reply) else step(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = stub._record(Recorded(self.path, headers, body))
                self.close_connection = True
                try:
                    self._send(reply)
                except OSError:
                    return

            def _send(self, reply: Reply) -> None:
                if stub._closing.wait(reply.wait):
                    return
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Connection", "close")
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in reply.pieces:
                    if stub._closing.wait(reply.pause):
                        return
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                if not reply.cut:
                    self.wfile.write(b"0\r\n\r\n")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
                return

        return Handler
