"""Doubting an answer in real Chromium with the real models: why this score, what if, and silence."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from core.audit.log import AuditLog
from tests.browser.kit import IN_BROWSER, LONG, ROOT, add_contract, app, ask, settled
from tests.stub_endpoint import StubEndpoint, says

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last?"
REASON = "The first passage was amended. <img src=x onerror=alert(1)>"


def choose(page: Page, field: str, beginning: str) -> None:
    """Choose the option that begins so, and close the list."""
    page.get_by_label(field).click()
    page.get_by_role("option").filter(has_text=beginning).first.click()
    page.keyboard.press("Escape")


def test_what_if_another_passage_were_kept_and_what_the_contract_says_at_most(
    page: Page, tmp_path: Path
) -> None:
    answers = [says("They last for three years [1]."), says("They last for ever [1].")]
    with StubEndpoint(answers) as stub:
        service = {"OPENAI_BASE_URL": stub.base_url, "PROVISO_CHAT_MODEL": "stub-model"}
        with app(tmp_path / "data", **service) as address:
            add_contract(page, address, SAMPLE)
            page.get_by_role("link", name="Ask", exact=True).click()
            ask(page, QUESTION)
            kept = page.locator("article.passage.kept .text")
            expect(kept).to_have_count(5)
            removed = kept.first.inner_text()

            page.get_by_role("button", name="Why this score").first.click()
            dialog = page.get_by_role("dialog")
            expect(dialog.locator("section.reasons .heat")).to_be_visible(timeout=LONG)
            expect(dialog.get_by_role("row").nth(1)).to_be_visible()
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)

            page.get_by_role("button", name="What if").click()
            settled(page)
            choose(page, "Put in", "6. ")
            choose(page, "Take out", "1. ")
            page.get_by_label("Reason").fill(REASON)
            page.get_by_role("button", name="Answer again").click()
            both = page.locator("section.both")
            expect(both).to_contain_text("The answer changes: 1 sentence changed words", timeout=LONG)
            expect(both.locator("del")).to_have_text(["three years"])
            expect(both.locator("ins")).to_have_text(["ever"])
            expect(both).to_contain_text(REASON)
            expect(both.get_by_text("promoted by a reader")).to_have_count(1)
            assert both.locator("img").count() == 0

            page.get_by_role("button", name="What each contract says at most").click()
            report = page.locator("section.silence")
            expect(report).to_contain_text("Searched: 1 contract", timeout=LONG)
            expect(report).to_contain_text("not proof of it")
            report.locator("summary").first.click()
            expect(report.get_by_role("link", name="Open page")).to_be_visible()
    assert len(stub.requests) == 2
    first, second = (" ".join(request.user_message.split()) for request in stub.requests)
    words = " ".join(removed.split()[-8:])
    assert words in first
    assert words not in second
    entries = [json.loads(row.entry) for row in AuditLog(tmp_path / "data" / "audit.sqlite3").rows()]
    assert [entry["action"] for entry in entries][-5:] == [
        "question",
        "answer",
        "override",
        "answer",
        "each contract searched",
    ]
    assert entries[-3]["reason"] == REASON
