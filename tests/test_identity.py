"""The identity of a browser: set once, out of reach of scripts and other sites, and in no record itself."""

import asyncio
import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from core.audit.browser import COOKIE, browser_actor, is_identity
from serving.identity import Identity

KNOWN = "0123456789abcdef" * 2


def cookies_set(cookie: str = "", kind: str = "http", scheme: str = "http") -> list[str]:
    sent: list[MutableMapping[str, Any]] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"cookie", cookie.encode())] if cookie else []
    asyncio.run(
        Identity(app)({"type": kind, "scheme": scheme, "headers": headers, "path": "/"}, receive, send)
    )
    return [value.decode() for message in sent for name, value in message["headers"] if name == b"set-cookie"]


def test_a_browser_without_one_gets_an_identity_that_no_script_can_read() -> None:
    (cookie,) = cookies_set()
    assert re.fullmatch(
        rf"{COOKIE}=[0-9a-f]{{32}}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Strict", cookie
    )
    assert cookies_set() != [cookie]
    assert cookies_set(scheme="https")[0].endswith("; Secure")


def test_a_known_browser_keeps_its_identity() -> None:
    assert cookies_set(f"other=1; {COOKIE}={KNOWN}") == []


@pytest.mark.parametrize("value", ["", "short", "X" * 32, f"{KNOWN}0", "../../etc"])
def test_what_is_no_identity_is_replaced(value: str) -> None:
    assert not is_identity(value)
    assert len(cookies_set(f"{COOKIE}={value}")) == 1


def test_a_websocket_is_left_alone() -> None:
    assert cookies_set(kind="websocket") == []


def test_records_name_a_browser_by_a_hash() -> None:
    assert browser_actor(KNOWN).startswith("browser ")
    assert KNOWN[:8] not in browser_actor(KNOWN)
    assert browser_actor(KNOWN) != browser_actor("f" * 32)
