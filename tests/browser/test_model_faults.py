"""A model service that waits, breaks off and recovers, in real Chromium: asked once, and again on request."""

import threading
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, ROOT, add_contract, app, put
from tests.stub_endpoint import Recorded, Reply, StubEndpoint, cuts, event, says

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last?"
BEGIN = "They last for a fixed term [1]. "


class Held:
    """Cuts its answer off, but not before it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, request: Recorded) -> Reply:  # noqa: ARG002
        assert self.go.wait(120)
        return cuts(BEGIN)


def put_and_see_passages(page: Page) -> None:
    put(page, QUESTION)
    expect(page.locator("article.passage.kept")).to_have_count(5)


def test_clicks_do_not_ask_twice_and_a_cut_answer_is_asked_for_again(page: Page, tmp_path: Path) -> None:
    held = Held()
    with StubEndpoint([held, says("They last for five years [1].")]) as stub:
        service = {"OPENAI_BASE_URL": stub.base_url, "PROVISO_CHAT_MODEL": "stub-model"}
        with app(tmp_path / "data", **service) as address:
            add_contract(page, address, SAMPLE)
            page.get_by_role("link", name="Ask", exact=True).click()
            put_and_see_passages(page)
            # The passages are there, and the model has not said a word.
            expect(page.locator("p.stage")).to_contain_text("stub-model at 127.0.0.1 reads the kept passages")
            page.get_by_role("button", name=QUESTION).click()
            expect(page.locator("p.stage")).to_contain_text("reads the kept passages")
            page.get_by_role("link", name="Contracts", exact=True).click()
            expect(page.get_by_role("heading", name="Library")).to_be_visible()
            page.get_by_role("link", name="Ask", exact=True).click()
            expect(page.locator("p.stage")).to_contain_text("reads the kept passages")
            held.go.set()

            expect(page.get_by_role("heading", name="INCOMPLETE answer")).to_be_visible()
            expect(page.locator("section.answer")).to_contain_text("They last for a fixed term")
            expect(page.locator("article.passage.kept")).to_have_count(5)
            assert len(stub.requests) == 1
            page.get_by_role("button", name="Export").click()
            with page.expect_download() as download:
                page.get_by_role("button", name="JSON").click()
            assert download.value.suggested_filename == "proviso-question-1-incomplete.json"

            page.get_by_role("button", name="Try again").click()
            expect(page.get_by_role("heading", name="Answer", exact=True)).to_be_visible()
            expect(page.locator("section.answer")).to_contain_text("They last for five years")
            assert len(stub.requests) == 2
            assert stub.requests[0].body == stub.requests[1].body


def test_stop_ends_an_answer_that_goes_on_and_on(page: Page, tmp_path: Path) -> None:
    endless = Reply((event({"content": BEGIN}), *[event({"content": "so "})] * 600), pause=0.2)
    with StubEndpoint([endless]) as stub:
        service = {"OPENAI_BASE_URL": stub.base_url, "PROVISO_CHAT_MODEL": "stub-model"}
        with app(tmp_path / "data", **service, PROVISO_CHAT_DEADLINE="600") as address:
            add_contract(page, address, SAMPLE)
            page.get_by_role("link", name="Ask", exact=True).click()
            put_and_see_passages(page)
            expect(page.locator(".answer.writing")).to_contain_text("fixed term")
            stopped = page.locator("section.answer").filter(has_text="You stopped it here.")
            page.get_by_role("button", name="Stop").click()
            expect(stopped).to_be_visible()
            assert len(stub.requests) == 1
