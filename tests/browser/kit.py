"""Starts the real app on a free port and a real browser; nothing here sleeps a fixed time."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 180
# Loading the models and scoring a hundred passages on a busy machine.
LONG = 120_000


def chromium() -> str | None:
    """Path of the browser, or None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


@contextmanager
def app(data_dir: Path, **environment: str) -> Iterator[str]:
    """The app as ``proviso serve`` starts it, with its own data directory; gives its address."""
    with _serving(data_dir, ["cli", "serve", "--port"], environment) as address:
        yield address


@contextmanager
def bare_app(data_dir: Path, **environment: str) -> Iterator[str]:
    """The same pages on Streamlit's own server: no policy and no middleware."""
    with _serving(data_dir, _streamlit(ROOT / "app.py"), environment) as address:
        yield address


@contextmanager
def bare_script(script: Path) -> Iterator[str]:
    """A script that is none of Proviso's on Streamlit's own server."""
    with _serving(script.parent, _streamlit(script), {}) as address:
        yield address


@contextmanager
def protected_script(script: Path) -> Iterator[str]:
    """A script ``app.py`` that is none of Proviso's, behind the server of ``proviso serve``."""
    start = (
        "import sys; from pathlib import Path; from core.settings import Settings; from serving.run import run;"
        "run(Path(sys.argv[1]), Settings(), '127.0.0.1', int(sys.argv[2]))"
    )
    with _serving(script.parent, ["-c", start, str(script.parent)], {}) as address:
        yield address


def _streamlit(script: Path) -> list[str]:
    return ["streamlit", "run", str(script), "--server.headless", "true", "--server.port"]


@contextmanager
def _serving(data_dir: Path, arguments: list[str], environment: dict[str, str]) -> Iterator[str]:
    port = _free_port()
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("PROVISO_", "OPENAI_"))
    }
    settings = {**inherited, "PROVISO_DATA_DIR": str(data_dir), **environment}
    module = [] if arguments[0] == "-c" else ["-m"]
    command = [sys.executable, *module, *arguments, str(port)]
    log = data_dir.parent / f"app-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/_stcore/health", process, log)
        yield address
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


@contextmanager
def browser_page() -> Iterator[Page]:
    """A page of a fresh browser of 1280 x 900; what it asks of any other host, or against the policy, fails
    the test.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        strangers: list[str] = []
        violations: list[str] = []
        page.on("request", lambda request: _note_stranger(request.url, strangers))
        page.on("console", lambda message: _note_violation(message.text, violations))
        page.set_default_timeout(LONG)
        expect.set_options(timeout=LONG)
        try:
            yield page
        finally:
            browser.close()
        assert strangers == []
        assert violations == []


def settled(page: Page) -> None:
    """Wait until the script of the page has run."""
    page.locator('[data-test-script-state="notRunning"]').first.wait_for()


def add_contract(page: Page, address: str, file: Path) -> None:
    """Upload one file on the Contracts page and wait until it is ready."""
    page.goto(f"{address}/Contracts")
    with page.expect_response(lambda reply: reply.request.method == "PUT"):
        page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Add to library").click()
    expect(page.locator(".outcomes")).to_contain_text("Ready", timeout=LONG)
    expect(page.get_by_role("heading", name="Library")).to_contain_text("1 contract", timeout=LONG)


def put(page: Page, question: str) -> None:
    """Put a question with the keyboard alone."""
    field = page.get_by_label("Question about your contracts")
    field.wait_for()
    # What is typed while the page is still being drawn would be lost with the field that is replaced.
    settled(page)
    field.fill(question)
    field.press("Enter")
    expect(page.locator("h1.question")).to_be_visible()


def ask(page: Page, question: str) -> None:
    """Put a question with the keyboard alone and wait for the answer."""
    put(page, question)
    expect(page.locator("section.answer")).to_be_visible(timeout=LONG)
    settled(page)


def _note_stranger(url: str, strangers: list[str]) -> None:
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        strangers.append(url)


def _note_violation(text: str, violations: list[str]) -> None:
    if "Content Security Policy" in text or "Content-Security-Policy" in text:
        violations.append(text)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with suppress(OSError), urllib.request.urlopen(url, timeout=2) as reply:
            if reply.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{log.read_text()}")
