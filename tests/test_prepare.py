"""What is made ready before the first page is opened."""

import asyncio
import logging
import threading

import pytest

from core.errors import StoreBusy
from pages.parts import wiring
from serving import prepare


def test_the_library_is_opened_without_the_server_waiting_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, may_open, serving = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        may_open.wait(10)
        opened.set()

    async def serve() -> None:
        async with prepare.prepared(object()):  # type: ignore[arg-type]
            await asyncio.sleep(prepare.LISTENING * 3)
            serving.set()

    monkeypatch.setattr(wiring, "services", slow)
    asyncio.run(serve())
    assert serving.is_set()
    assert not opened.is_set()
    may_open.set()
    assert opened.wait(10)


def test_a_library_that_cannot_be_opened_yet_does_not_stop_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy() -> None:
        raise StoreBusy("library", "is in use by proviso ingest.", "Wait for it to end.")

    monkeypatch.setattr(wiring, "services", busy)
    with caplog.at_level(logging.WARNING, logger="serving.prepare"):
        prepare.prepare()
    assert "in use by proviso ingest" in caplog.text
