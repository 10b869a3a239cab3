"""The main journey of a user, and what reaches a model service, in real Chromium with the real models."""

import json
from pathlib import Path

from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.kit import IN_BROWSER, ROOT, add_contract, app, ask, settled
from tests.pages_kit import pdf
from tests.stub_endpoint import StubEndpoint, says

pytestmark = IN_BROWSER
SAMPLE = ROOT / "sample_corpus" / "meridian_mutual_nda.pdf"
QUESTION = "How long do the confidentiality obligations last?"


def test_upload_ask_read_and_delete(page: Page, tmp_path: Path) -> None:
    with app(tmp_path / "data") as address:
        page.goto(address)
        expect(page.get_by_role("heading", name="The library is empty")).to_be_visible()
        add_contract(page, address, SAMPLE)

        page.get_by_role("link", name="Ask", exact=True).click()
        ask(page, QUESTION)
        expect(page.locator("article.passage.kept")).to_have_count(5)
        discarded = page.locator(".discarded details.passage")
        assert discarded.count() > 5
        discarded.first.locator("summary").first.click()
        expect(discarded.first.locator(".text")).to_be_visible()
        expect(discarded.first.locator(".why")).to_contain_text("Discarded: rank 6")

        page.locator("a.chip").first.click()
        expect(page.locator("article.passage:target")).to_be_in_viewport()

        page.get_by_role("button", name="Open page").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("img", name="the passage highlighted")).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(page.locator("section.answer")).to_be_visible()

        page.get_by_role("link", name="Rerank inspector").click()
        expect(page.get_by_role("heading", name="Kept without the reranker")).to_be_visible()

        page.get_by_role("link", name="Contracts", exact=True).click()
        page.get_by_label("Contract to look at").click()
        page.get_by_role("option").first.click()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("heading", name="No contracts yet")).to_be_visible()


def test_the_model_service_sees_the_kept_passages_and_no_other(page: Page, tmp_path: Path) -> None:
    answer = "They last for a fixed term [1]. <img src=x onerror=alert(1)> ![x](http://192.0.2.1/x.png)"
    with StubEndpoint([says(answer)]) as stub:
        service = {"OPENAI_BASE_URL": stub.base_url, "PROVISO_CHAT_MODEL": "stub-model"}
        with app(tmp_path / "data", **service) as address:
            add_contract(page, address, SAMPLE)
            page.get_by_role("link", name="Ask", exact=True).click()
            ask(page, QUESTION)
            expect(page.locator("section.answer")).to_contain_text(
                "<img src=x onerror=alert(1)> ![x](http://"
            )
            assert page.locator("section.answer img").count() == 0
            page.get_by_role("button", name="Export").click()
            with page.expect_download() as download:
                page.get_by_role("button", name="JSON").click()
            record = json.loads(download.value.path().read_text())
            with page.expect_download() as download:
                page.get_by_role("button", name="Word document").click()
            assert download.value.suggested_filename == "proviso-question-1.docx"
            filed = [one.text for one in Document(str(download.value.path())).paragraphs]
            with page.expect_download() as download:
                page.get_by_role("button", name="PDF of the cited pages").click()
            assert download.value.path().read_bytes().startswith(b"%PDF-")
    sent = stub.requests[0].user_message
    assert len(stub.requests) == 1
    assert QUESTION in filed
    assert len(record["kept"]) == 5
    assert all(one["text"] in sent for one in record["kept"])
    assert len(record["discarded"]) > 5
    assert not [one["rank"] for one in record["discarded"] if one["text"] in sent]


def test_a_deep_link_works_on_a_fresh_server(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "<img src=x onerror=alert(1)>.pdf"
    file.write_bytes(
        pdf("Supply Agreement\n1. Law\nThe law of Ohio governs <b>this</b> $$1,000$$ agreement.")
    )
    with app(tmp_path / "data") as address:
        add_contract(page, address, file)
        page.get_by_role("link", name="Page view").click()
        page.get_by_label("Contract to read").click()
        page.get_by_role("option").first.click()
        expect(page.get_by_role("img", name="Page 1 of")).to_be_visible()
        link = page.url
    with app(tmp_path / "data") as address:
        page.goto(f"{address}/{link.split('/', 3)[3]}")
        expect(page.get_by_role("img", name="Page 1 of")).to_be_visible()
        settled(page)
        expect(page.locator(".pagehead")).to_contain_text("<img src=x onerror=alert(1)>.pdf")
        expect(page.locator(".text.whole")).to_contain_text("governs <b>this</b> $$1,000$$ agreement.")
        assert page.locator(".stHtml img, .stHtml b").count() == 0
        page.goto(f"{address}/Page_view?contract=unknown")
        expect(page.get_by_role("alert")).to_contain_text("is not in the library")
