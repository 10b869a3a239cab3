"""Who is let in, what every answer carries, and which files are whose: the middleware, one part at a time."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.settings import Settings
from serving.headers import ProtectingHeaders
from serving.open_pages import COOKIE, OpenPages, browser_of
from serving.policy import content_security_policy, script_hashes, security_headers
from serving.run import configuration
from serving.uploads import UploadLimit
from serving.visitors import Visitors, is_loopback, is_own_host, is_own_origin, refusal

NAMES = frozenset({"contracts.example"})
DOCUMENT = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for Streamlit: greets, lets every site read it, and echoes on a WebSocket."""
    if scope["type"] == "websocket":
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        return
    if scope["type"] == "http":
        await Request(scope, receive).body()
        await PlainTextResponse("hello", headers={"Access-Control-Allow-Origin": "*"})(scope, receive, send)


def client(wrap: Callable[[ASGIApp], ASGIApp]) -> TestClient:
    return TestClient(wrap(inner), base_url="http://127.0.0.1:8501")


def directives(policy: str) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_an_inline_script_is_allowed_by_its_hash_alone() -> None:
    digest = base64.b64encode(hashlib.sha256(b"go()").digest()).decode()
    page = "<script>go()</script><script src='/x.js'></script>"
    assert script_hashes(page) == (f"'sha256-{digest}'",)
    assert directives(content_security_policy(page))["script-src"] == f"'self' 'sha256-{digest}'"


def test_the_policy_of_the_real_page_trusts_no_other_host_and_no_inline_script() -> None:
    policy = directives(content_security_policy(DOCUMENT))
    sources = {source for value in policy.values() for source in value.split()}
    hashes = set(script_hashes(DOCUMENT))
    assert len(hashes) == 1
    assert sources - hashes == {"'none'", "'self'", "'unsafe-inline'", "data:", "blob:"}
    assert [name for name, value in policy.items() if "'unsafe-inline'" in value] == ["style-src"]
    assert [name for name, value in policy.items() if "blob:" in value] == ["img-src", "worker-src"]
    closed = {"default-src", "frame-src", "object-src", "base-uri", "form-action", "frame-ancestors"}
    assert {policy[name] for name in closed} == {"'none'"}


def test_every_answer_carries_the_headers_and_none_is_for_other_sites() -> None:
    headers = security_headers(DOCUMENT)
    answer = client(lambda app: ProtectingHeaders(app, headers)).get("/anything")
    assert {name: answer.headers[name] for name in headers} == headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    assert "cache-control" not in answer.headers


def test_files_are_not_left_in_the_cache_of_the_browser() -> None:
    answer = client(lambda app: ProtectingHeaders(app, {})).get("/media/a.pdf")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost:8501", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8501", True),
        ("[::1]:8501", True),
        ("192.168.1.7", True),
        ("contracts.example:443", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost@evil.example", False),
        ("localhost:port", False),
        ("localhost/x", False),
        ("", False),
    ],
)
def test_the_names_of_the_server(host: str, own: bool) -> None:
    assert is_own_host(host, NAMES) is own


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://127.0.0.1:8501", True),
        ("https://contracts.example", True),
        ("http://127.0.0.1:3000", False),
        ("http://localhost:8501", False),
        ("https://evil.example", False),
        ("null", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_the_pages_of_the_server(origin: str, own: bool) -> None:
    assert is_own_origin(origin, "127.0.0.1:8501", NAMES) is own


@pytest.mark.parametrize(
    ("address", "local"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("192.168.1.7", False)],
)
def test_who_can_reach_an_address(address: str, local: bool) -> None:
    assert is_loopback(address) is local


OWN = {"host": "127.0.0.1:8501"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize(
    ("kind", "path", "headers", "status"),
    [
        pytest.param("http", "/", OWN, 200, id="a visit"),
        pytest.param("http", "/Contracts", {**OWN, **LINK}, 200, id="a link on another site"),
        pytest.param("http", "/", {**OWN, **LINK, "sec-fetch-dest": "iframe"}, 403, id="a frame"),
        pytest.param(
            "http", "/media/a.pdf", {**OWN, "sec-fetch-site": "cross-site"}, 403, id="a picture elsewhere"
        ),
        pytest.param(
            "http", "/", {**OWN, "sec-fetch-site": "same-site"}, 403, id="another port of this machine"
        ),
        pytest.param("http", "/", {"host": "evil.example"}, 421, id="a name bound to this machine"),
        pytest.param("http", "/", {}, 421, id="no name"),
        pytest.param("http", "/_stcore/metrics", OWN, 404, id="figures"),
        pytest.param("http", "/_stcore/agent/interact", OWN, 404, id="the agent interface"),
        pytest.param("http", "/_stcore/agents", OWN, 200, id="only like the agent interface"),
        pytest.param(
            "http", "/", {**OWN, "origin": "https://evil.example"}, 403, id="a request of another site"
        ),
        pytest.param("websocket", "/", {**OWN, "origin": "http://127.0.0.1:8501"}, 200, id="own socket"),
        pytest.param(
            "websocket", "/", {**OWN, "origin": "http://127.0.0.1:3000"}, 403, id="another's socket"
        ),
        pytest.param("websocket", "/", {**OWN, "origin": "null"}, 403, id="a socket of a sandboxed frame"),
        pytest.param("websocket", "/", OWN, 403, id="a socket of no page"),
    ],
)
def test_who_is_refused(kind: str, path: str, headers: dict[str, str], status: int) -> None:
    given, reason = refusal(kind, path, Headers(headers), NAMES)
    assert given == status
    assert bool(reason) is (status != 200)


def test_strangers_get_an_answer_without_content() -> None:
    visitor = client(lambda app: Visitors(app, NAMES))
    assert visitor.get("/").text == "hello"
    refused = visitor.get("/", headers={"Host": "evil.example"})
    assert (refused.status_code, "hello" in refused.text) == (421, False)
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        visitor.websocket_connect("/_stcore/stream", headers={**OWN, "Origin": "http://evil.example"}),
    ):
        pass
    assert closed.value.code == 1008


def test_a_file_answers_only_while_its_browser_has_a_page_open() -> None:
    browser = client(OpenPages)
    assert browser.get("/media/a.pdf").status_code == 403
    given = browser.get("/").headers["set-cookie"]
    assert "; HttpOnly; SameSite=Strict" in given
    assert browser.get("/media/a.pdf").status_code == 403
    with browser.websocket_connect("/_stcore/stream", headers={"Cookie": given.split(";")[0]}) as socket:
        assert browser.get("/media/a.pdf").text == "hello"
        other = client(OpenPages)
        other.app = browser.app
        assert other.get("/media/a.pdf").status_code == 403
        assert other.put("/_stcore/upload_file/session/file").status_code == 403
        socket.send_text("done")
        assert socket.receive_text() == "done"
    assert browser.get("/media/a.pdf").status_code == 403
    assert "set-cookie" not in browser.get("/").headers


@pytest.mark.parametrize(
    ("cookie", "browser"),
    [
        (f"{COOKIE}={'a' * 43}", "a" * 43),
        (f"other=1; {COOKIE}={'a' * 43}", "a" * 43),
        (f"{COOKIE}=short", ""),
        (f"{COOKIE}=", ""),
        ("", ""),
    ],
    ids=["alone", "beside another", "made up", "empty", "none"],
)
def test_the_name_of_a_browser(cookie: str, browser: str) -> None:
    assert browser_of(Headers({"cookie": cookie})) == browser


@pytest.mark.parametrize(
    ("held", "size", "status"),
    [(0, 100, 200), (0, 101, 413), (60, 40, 200), (60, 41, 413)],
    ids=["fits", "too large", "fits beside others", "too large beside others"],
)
def test_all_uploads_together_are_limited(held: int, size: int, status: int) -> None:
    uploader = client(lambda app: UploadLimit(app, lambda: held, 100))
    assert uploader.put("/_stcore/upload_file/s/f", content=b"x" * size).status_code == status


def test_an_upload_says_how_long_it_is() -> None:
    uploader = client(lambda app: UploadLimit(app, lambda: 0, 100))
    assert uploader.put("/_stcore/upload_file/s/f", content=iter([b"x"])).status_code == 411
    assert uploader.put("/elsewhere", content=iter([b"x"])).status_code == 200


def test_what_safety_rests_on_wins_over_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    careless = '[client]\nshowErrorDetails = "full"\n[server]\nenableCORS = false\nmaxUploadSize = 9\n'
    (tmp_path / ".streamlit" / "config.toml").write_text(careless + '[theme.sidebar]\nbase = "dark"\n')
    options = configuration(tmp_path, Settings(max_upload_mb=7), "127.0.0.1", 8501)
    assert options["client.showErrorDetails"] == "none"
    assert options["server.enableCORS"] is True
    assert options["server.enableXsrfProtection"] is True
    assert options["server.enableAgentApi"] is False
    assert options["server.address"] == "127.0.0.1"
    assert options["server.maxUploadSize"] == 7
    assert options["theme.sidebar.base"] == "dark"
