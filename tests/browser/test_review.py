"""A review in real Chromium: begun, watched, a cell opened and corrected, and all of it there after a reload."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, LONG, ROOT, add_contract, app, settled

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
CORRECTION = "Five years, and for trade secrets for ever. <img src=x onerror=alert(1)>"


def test_a_review_is_begun_watched_corrected_and_survives_a_reload(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        add_contract(page, address, SAMPLE)
        page.get_by_role("link", name="Review", exact=True).click()
        page.get_by_role("button", name="Start the review").click()
        progress = page.get_by_label("Progress")
        expect(progress).to_be_visible()
        page.reload()
        expect(progress).to_contain_text("12 of 12 cells filled", timeout=LONG)
        expect(page.get_by_role("button", name="Stop filling")).to_have_count(0)

        page.get_by_label("Question of the cell to open").click()
        page.get_by_role("option", name="4 Duration of secrecy").click()
        settled(page)
        page.get_by_role("button", name="Open cell").click()
        cell = page.get_by_label("Cell", exact=True)
        expect(cell).to_contain_text("For how long must information be kept confidential")
        expect(page.locator("article.passage.kept")).to_have_count(3)
        expect(page.locator(".discarded details.passage").nth(5)).to_be_attached()
        settled(page)

        page.get_by_label("What is right, if the cell is not").fill(CORRECTION)
        page.get_by_role("button", name="Correct", exact=True).click()
        said = page.get_by_label("What reviewers said")
        expect(said).to_contain_text(CORRECTION)
        expect(progress).to_contain_text("1 confirmed or corrected")
        page.reload()
        expect(said).to_contain_text(CORRECTION)
        expect(cell).to_contain_text("For how long must information be kept confidential")
        assert page.locator(".stHtml img").count() == 0
        link = page.url
    with app(tmp_path / "data") as address:
        page.goto(f"{address}/{link.split('/', 3)[3]}")
        expect(page.get_by_label("What reviewers said")).to_contain_text(CORRECTION)


def test_a_click_and_the_arrow_keys_open_cells(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        add_contract(page, address, SAMPLE)
        page.get_by_role("link", name="Review", exact=True).click()
        page.get_by_role("button", name="Start the review").click()
        expect(page.get_by_label("Progress")).to_contain_text("12 of 12 cells filled", timeout=LONG)
        expect(page.get_by_role("button", name="Stop filling")).to_have_count(0)
        settled(page)
        table = page.get_by_test_id("stDataFrame")
        table.click(position={"x": 330, "y": 80})
        cell = page.get_by_label("Cell", exact=True)
        expect(cell).to_contain_text("What counts as confidential information")
        page.keyboard.press("ArrowRight")
        expect(cell).to_contain_text("Which information is excluded")
