"""Escaping alone: hostile contract, file name, question and answer on a server without any policy."""

from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.kit import IN_BROWSER, LONG, ask, bare_app, settled
from tests.pages_kit import pdf
from tests.sink import Sink
from tests.stub_endpoint import StubEndpoint, says

pytestmark = IN_BROWSER


def hostile(sink: Sink, where: str) -> list[str]:
    """Markup in every language that some part of a page might speak; each line names where it stands."""
    return [
        f"![a]({sink.url}/{where}/markdown.png)",
        f"<img src={sink.url}/{where}/html.png onerror=window.struck=1>",
        f"<svg onload=window.struck=1><image href={sink.url}/{where}/svg.png></svg>",
        f"<iframe src={sink.url}/{where}/frame></iframe>",
        f"<script>window.struck=1;fetch('{sink.url}/{where}/script')</script>",
        f"<style>body{{background:url({sink.url}/{where}/style)}}</style>",
        f"<link rel=stylesheet href={sink.url}/{where}/sheet>",
        f"<meta http-equiv=refresh content=0;url={sink.url}/{where}/refresh>",
        "[click](javascript:window.struck=1) $$1,000$$ ~~30~~",
    ]


def test_nothing_of_a_hostile_contract_is_more_than_text(page: Page, tmp_path: Path) -> None:
    with Sink() as sink:
        lines = [
            "SUPPLY AGREEMENT <img src=x onerror=window.struck=1>",
            "1. Liability of the supplier",
            *hostile(sink, "contract"),
        ]
        name = "../<img src=x onerror=window.struck=1>![a](b) $$1$$ \u202efdp.exe.pdf"
        answer = " ".join(hostile(sink, "answer"))
        with StubEndpoint([says(f"{answer} [1]")]) as stub:
            service = {"OPENAI_BASE_URL": stub.base_url, "PROVISO_CHAT_MODEL": "stub-model"}
            with bare_app(tmp_path / "data", **service) as address:
                _add(page, address, FilePayload(name=name, mimeType="application/pdf", buffer=_pdf(lines)))
                page.get_by_role("link", name="Ask", exact=True).click()
                ask(page, f"What is the liability? ![a]({sink.url}/question.png) <b>x</b> :smile: $$1$$")
                _look_at_everything(page, sink)
        assert page.evaluate("window.struck") is None
        assert sink.requests == []


def _add(page: Page, address: str, file: FilePayload) -> None:
    page.goto(f"{address}/Contracts")
    with page.expect_response(lambda reply: reply.request.method == "PUT"):
        page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="Add to library").click()
    outcomes = page.locator(".outcomes")
    expect(outcomes).to_contain_text("Ready", timeout=LONG)
    expect(outcomes).to_contain_text("<img src=x onerror=window.struck=1>![a](b) $$1$$ fdp.exe.pdf")


def _look_at_everything(page: Page, sink: Sink) -> None:
    """Every page, every part that opens: what is hostile stands there as it was written."""
    answer = page.locator("section.answer")
    expect(answer).to_contain_text(
        f"![a]({sink.url}/answer/markdown.png) <img src={sink.url}/answer/html.png"
    )
    expect(answer).to_contain_text("[click](javascript:window.struck=1) $$1,000$$ ~~30~~")
    expect(page.locator("h1.question")).to_contain_text("<b>x</b> :smile: $$1$$")
    expect(page.locator("article.passage.kept").first).to_contain_text("<iframe src=")
    _only_text(page)
    page.get_by_role("button", name="Open page").first.click()
    expect(page.get_by_role("dialog").get_by_role("img", name="the passage highlighted")).to_be_visible()
    expect(page.get_by_role("dialog").locator(".text.whole")).to_contain_text(
        "<script>window.struck=1;fetch("
    )
    settled(page)
    _only_text(page)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Rerank inspector").click()
    expect(page.get_by_role("heading", name="Two passages side by side")).to_be_visible()
    expect(page.locator("[data-testid=stVegaLiteChart] svg.marks")).to_have_count(2)
    settled(page)
    _only_text(page)
    page.get_by_role("link", name="Contracts", exact=True).click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    settled(page)
    page.get_by_label("Contract to look at").click()
    expect(page.get_by_role("option").first).to_contain_text("<img src=x onerror=window.struck=1>")
    _only_text(page)
    page.get_by_role("option").first.click()
    expect(page.locator("section.facts")).to_contain_text("<img src=x onerror=window.struck=1>![a](b)")
    settled(page)
    _only_text(page)


def _only_text(page: Page) -> None:
    """No element on the page came out of the hostile texts."""
    strange = page.locator(
        "iframe, body script, [onerror], [onload],"
        " a[href^='javascript'], .katex, main img:not([src^='data:image/png'], [src*='/media/']), main b:text-is('x')"
    )
    assert strange.evaluate_all("found => found.map(one => one.outerHTML)") == []


def _pdf(lines: list[str]) -> bytes:
    return pdf("\n".join(lines))
