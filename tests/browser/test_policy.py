"""The policy alone: raw hostile markup in the page, on the server of ``proviso serve`` and without it."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.kit import (
    FLAGS,
    IN_BROWSER,
    LONG,
    ROOT,
    add_contract,
    app,
    bare_script,
    chromium,
    protected_script,
    settled,
)
from tests.sink import Sink

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
# A page that makes every mistake: what it shows reaches the browser as markdown and as HTML.
CARELESS = """
import streamlit as st
st.markdown("![a]({sink}/markdown.png) <img src='{sink}/unsafe.png'>", unsafe_allow_html=True)
st.html("<img src='{sink}/html.png'><div style='background:url({sink}/style.png)'>x</div>")
st.image("{sink}/image.png")
st.video("{sink}/video.mp4")
st.iframe("{sink}/frame")
st.html("<h1>drawn</h1>")
"""
# What script in the page itself would try; each puts its markup in and leaves the rest to the browser.
ATTEMPTS = {
    "picture": "document.body.append(Object.assign(new Image(), {src: SINK + '/picture'}))",
    "frame": "document.body.insertAdjacentHTML('beforeend', `<iframe src='${SINK}/frame'></iframe>`)",
    "object": "document.body.insertAdjacentHTML('beforeend', `<object data='${SINK}/object'></object>`)",
    "style sheet": "document.head.insertAdjacentHTML('beforeend', `<link rel=stylesheet href='${SINK}/css'>`)",
    "import": "document.head.insertAdjacentHTML('beforeend', `<style>@import '${SINK}/import'</style>`)",
    "svg": "document.body.insertAdjacentHTML('beforeend', `<svg><image href='${SINK}/svg' /></svg>`)",
    "script": "document.head.append(Object.assign(document.createElement('script'), {src: SINK + '/script'}))",
    "inline": "document.head.append(Object.assign(document.createElement('script'), {text: BEACON}))",
    "handler": "document.body.insertAdjacentHTML('beforeend', `<img src='data:,' onerror='${BEACON}'>`)",
    "text as code": "setTimeout(() => { try { eval('1') } catch (error) { console.error(error.message) } }, 0)",
    "fetch": "fetch(SINK + '/fetch').catch(() => 0)",
    "form": "document.body.insertAdjacentHTML('beforeend', `<form action='${SINK}/form'></form>`);"
    " document.forms[document.forms.length - 1].submit()",
    # From another host the browser itself allows none, before it asks the policy.
    "worker": "try { new Worker('data:text/javascript,' + encodeURIComponent(BEACON)) } catch {}",
    "font": "new FontFace('x', `url(${SINK}/font)`).load().catch(() => 0)",
    "web socket": "try { new WebSocket(SINK.replace('http', 'ws')) } catch {}",
}


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        expect.set_options(timeout=LONG)
        yield opened
        opened.close()


def careless(folder: Path, sink: Sink) -> Path:
    """The careless script with the sink's address in it, and Streamlit's configuration of Proviso."""
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_bytes((ROOT / ".streamlit" / "config.toml").read_bytes())
    script = folder / "app.py"
    script.write_text(CARELESS.replace("{sink}", sink.url), encoding="utf-8")
    return script


def drawn(page: Page, address: str) -> None:
    page.set_default_timeout(LONG)
    page.goto(address)
    expect(page.get_by_role("heading", name="drawn")).to_be_visible(timeout=LONG)
    settled(page)


def test_without_the_policy_a_careless_page_asks_another_host(browser: Browser, tmp_path: Path) -> None:
    # The control: if this ever finds nothing, the test below proves nothing.
    with Sink() as sink, bare_script(careless(tmp_path, sink)) as address:
        page = browser.new_page()
        drawn(page, address)
        page.wait_for_load_state("networkidle")
        assert {"/markdown.png", "/unsafe.png", "/html.png", "/image.png", "/frame"} <= set(sink.requests)


def test_with_the_policy_nothing_on_a_page_reaches_another_host(browser: Browser, tmp_path: Path) -> None:
    with Sink() as sink, protected_script(careless(tmp_path, sink)) as address:
        page = browser.new_page()
        drawn(page, address)
        assert sink.requests == []
        # A bare document of the same server, on which nothing else is refused: on a page that refuses more, the late
        # messages of one attempt could be taken for the next one's.
        page.goto(f"{address}/_stcore/health")
        for name, attempt in ATTEMPTS.items():
            _refused(page, f"const SINK = '{sink.url}', BEACON = 'fetch(`{sink.url}/inline`)'; {attempt}")
            assert (name, sink.requests) == (name, [])


def _refused(page: Page, script: str) -> None:
    """Run ``script`` until the browser says that the policy stopped it: now and then a message is lost."""
    for tries_left in (2, 1, 0):
        try:
            with page.expect_console_message(
                lambda message: "Content Security Policy" in message.text, timeout=LONG / 6
            ):
                page.evaluate(f"{{ {script} }}")
        except PlaywrightTimeout:
            if not tries_left:
                raise
        else:
            return


def test_no_other_page_can_frame_it(browser: Browser, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        page = browser.new_page()
        with page.expect_console_message(lambda message: "frame-ancestors 'none'" in message.text):
            page.set_content(f"<iframe src='{address}'></iframe>")


def test_an_original_is_for_the_browser_that_has_the_page_open(browser: Browser, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(LONG)
        add_contract(page, address, SAMPLE)
        # The queue is drawn again and again for a while, and a list that is open closes with that.
        page.goto(f"{address}/Contracts")
        expect(page.get_by_role("heading", name="Library")).to_contain_text("1 contract")
        settled(page)
        page.get_by_label("Contract to look at").click()
        page.get_by_role("option").first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download original").click()
        assert download.value.path().read_bytes() == SAMPLE.read_bytes()
        media = download.value.url
        assert "/media/" in media
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(media)
        assert context.request.get(media).status != 403
