"""A follow-up seen before it is searched, and the record of both questions, in real Chromium."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, ROOT, add_contract, app, put, settled

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last?"
EDITED = "May confidential information be disclosed to advisers?"


def test_a_follow_up_and_the_record_of_a_reader(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        add_contract(page, address, SAMPLE)
        page.get_by_role("link", name="Ask", exact=True).click()
        put(page, QUESTION)
        expect(page.locator("section.answer")).to_be_visible()
        first = page.locator("article.passage.kept").first.inner_text()

        page.get_by_label("Follow-up to this question").fill("and to advisers?")
        page.get_by_role("button", name="Follow up").click()
        field = page.get_by_label("Question to search")
        expect(field).to_have_value("To advisers? (confidentiality obligations last)")
        expect(page.locator("article.passage.kept")).to_have_count(0)
        field.fill(EDITED)
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.get_by_role("heading", name=EDITED)).to_be_visible()
        expect(page.locator("section.answer")).to_be_visible()

        page.get_by_role("link", name="History", exact=True).click()
        expect(page.get_by_text("2 questions on record")).to_be_visible()
        page.get_by_role("button", name=QUESTION).click()
        expect(page.get_by_text("What left the building: nothing.")).to_be_visible()
        expect(page.locator("article.passage.kept")).to_have_count(5)
        settled(page)
        page.get_by_role("button", name="Ask again and compare").click()
        expect(page.get_by_role("heading", name="Same ranking")).to_be_visible()
        assert (
            page.locator("article.passage.kept").first.inner_text().splitlines()[:3] == first.splitlines()[:3]
        )

        page.reload()
        settled(page)
        expect(page.get_by_text("3 questions on record")).to_be_visible()

        stranger = page.context.browser
        assert stranger is not None
        other = stranger.new_context().new_page()
        other.goto(f"{address}/History")
        expect(other.get_by_role("heading", name="Nothing on record yet")).to_be_visible()
