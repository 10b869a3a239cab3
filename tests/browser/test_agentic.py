"""The agentic pipeline at work: its steps as they happen, ended by the reader, in real Chromium."""

import threading
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, ROOT, add_contract, app, put
from tests.stub_endpoint import Recorded, Reply, StubEndpoint, calls, says

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last, and which law governs?"
HOSTILE = "survival <b>of</b> duties"


class Planner:
    """Searches once, waits with its second plan until it is let go, and writes the answer."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.plans = 0

    def __call__(self, request: Recorded) -> Reply:
        if "tools" not in request.json:
            return says("They last for five years [1].")
        self.plans += 1
        if self.plans == 1:
            return calls(("search", {"query": HOSTILE, "part": 1}))
        assert self.go.wait(120)
        return calls(("search", {"query": "never carried out"}))


def test_steps_are_shown_and_the_looking_is_ended_by_the_reader(page: Page, tmp_path: Path) -> None:
    planner = Planner()
    with StubEndpoint([planner]) as stub:
        service = {
            "OPENAI_BASE_URL": stub.base_url,
            "PROVISO_CHAT_MODEL": "stub-model",
            "PROVISO_PIPELINE": "agentic",
        }
        with app(tmp_path / "data", **service) as address:
            add_contract(page, address, SAMPLE)
            page.get_by_role("link", name="Ask", exact=True).click()
            put(page, QUESTION)
            steps = page.get_by_role("list", name="Steps of the search").get_by_role("listitem")
            expect(steps).to_contain_text(
                [
                    "Step 1: searching part 1 of 2",
                    "Step 2: searching part 2 of 2",
                    f"Step 3: searching for part 1: {HOSTILE}",
                ]
            )
            page.get_by_role("button", name="Stop looking, judge what was found").click()
            expect(page.get_by_role("button", name="Stop looking")).to_have_count(0)
            planner.go.set()
            expect(page.locator("section.answer")).to_be_visible(timeout=60_000)
            expect(page.locator("section.searchnotes")).to_contain_text("You stopped the search")
            expect(page.locator("section.searched")).to_contain_text(HOSTILE)
            assert "never carried out" not in page.locator("section.searched").inner_text()
            assert planner.plans == 2
