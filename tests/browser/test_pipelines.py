"""A question run with other pipelines, one of them used, and its wordings edited, in real Chromium."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, ROOT, add_contract, app, ask, settled

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last?"


def test_pipelines_are_compared_used_and_given_other_wordings(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        add_contract(page, address, SAMPLE)
        page.get_by_role("link", name="Ask", exact=True).click()
        ask(page, QUESTION)
        page.get_by_role("button", name="Run with").click()
        field = page.get_by_role("combobox", name="Other pipelines")
        for name in ("lexical", "naive"):
            # A list that opens while the page still scrolls to it closes again; a key opens it in any case.
            field.fill(name)
            field.press("ArrowDown")
            page.get_by_role("option", name=f"{name}: ").click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Run", exact=True).click()
        table = page.get_by_role("region", name="Kept passages by pipeline")
        expect(table.locator("thead th")).to_have_count(4)
        expect(table.locator("td.kept").first).to_contain_text("Kept, rank 1")
        table.locator("summary").first.click()
        expect(table.locator("details[open] .text").first).to_be_visible()

        page.get_by_role("button", name="Use lexical").click()
        expect(page.locator("section.searched")).to_contain_text("Pipeline lexical")
        expect(page.locator("section.answer")).to_be_visible()
        settled(page)

        page.get_by_role("button", name="Wordings").click()
        page.get_by_label("Another wording").first.fill("survival after termination <b>x</b>")
        page.get_by_role("button", name="Search again with these").click()
        searched = page.locator("section.searched")
        expect(searched).to_contain_text("survival after termination <b>x</b>")
        expect(searched).to_contain_text("the reader")
        expect(page.locator("section.answer")).to_be_visible()
        settled(page)

        page.get_by_role("link", name="History", exact=True).click()
        expect(page.get_by_text("4 questions on record")).to_be_visible()
