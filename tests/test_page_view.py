"""The page view: by address, in a dialog, with what is unknown said plainly."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.markup import page_link
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, HOSTILE, add_pdf, ask, opened, provided, screen

PAGE = "pages/3_Page_view.py"
FIRST = "Supply Agreement\n1. Liability\nThe cap on liability is one million dollars in each year."
SECOND = "2. Law\nThe law of Ohio governs this agreement in every respect."


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


@pytest.fixture
def contract_id(services: Services) -> str:
    return add_pdf(services.library, services, "supply.pdf", FIRST, SECOND)


def at(contract_id: str, page: str = "1", chunk: str = "") -> AppTest:
    return opened(PAGE, contract=contract_id, page=page, chunk=chunk)


def test_without_an_address_a_contract_can_be_chosen(contract_id: str) -> None:
    app = opened(PAGE)
    app = app.selectbox(key="contract_to_read").set_value(contract_id).run()
    assert app.query_params["contract"] == contract_id
    assert "Page 1 of 2" in screen(app)


def test_the_address_shows_page_and_passage(services: Services, contract_id: str) -> None:
    chunk = next(one for one in services.library.catalogue.chunks_of(contract_id) if "Ohio" in one.text)
    app = at(contract_id, str(chunk.page_start), chunk.chunk_id)
    assert not app.exception
    assert len(app.image) == 1
    assert f"Page {chunk.page_start} of 2" in screen(app)
    assert "The law of Ohio governs" in screen(app)


def test_next_and_previous_page_move_the_address(contract_id: str) -> None:
    app = at(contract_id)
    assert app.button(key="previous_page").disabled
    app = app.button(key="next_page").click().run()
    assert app.query_params["page"] == "2"
    assert "Page 2 of 2" in screen(app)
    assert app.button(key="next_page").disabled
    app = app.button(key="previous_page").click().run()
    assert "Page 1 of 2" in screen(app)


def test_a_page_number_can_be_typed(contract_id: str) -> None:
    app = at(contract_id)
    app = app.number_input(key="go_to_1").set_value(2).run()
    assert "Page 2 of 2" in screen(app)


def test_away_from_the_passage_there_is_a_way_back(services: Services) -> None:
    # More words than one passage holds, so that its first one ends on the first page.
    long = "\n".join(f"The supplier records delivery number {number} for the buyer." for number in range(35))
    contract_id = add_pdf(services.library, services, "long.pdf", long, SECOND)
    chunk = next(one for one in services.library.catalogue.chunks_of(contract_id) if one.page_end == 1)
    app = at(contract_id, "2", chunk.chunk_id)
    assert "The passage is on p. 1, not on this page." in screen(app)
    app = app.button(key="back_to_passage").click().run()
    assert "Page 1 of 2" in screen(app)


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "99999999999", "\u0661"])
def test_an_unknown_page_is_said(contract_id: str, page: str) -> None:
    shown = screen(at(contract_id, page))
    assert 'class="panel error"' in shown
    assert "Its pages run from 1 to 2." in shown


@pytest.mark.parametrize("unknown", ["f" * 64, "../../etc/passwd", HOSTILE])
def test_an_unknown_contract_is_said(contract_id: str, unknown: str) -> None:  # noqa: ARG001
    app = at(unknown)
    assert "is not in the library; it may have been deleted." in screen(app)
    assert not app.image


def test_a_passage_that_is_gone_does_not_hide_the_page(contract_id: str) -> None:
    app = at(contract_id, "1", "no-such-chunk")
    assert "The passage is no longer in the library." in screen(app)
    assert len(app.image) == 1


def test_the_passage_of_another_contract_is_not_shown(services: Services, contract_id: str) -> None:
    other = add_contract(services.library, "Lease", ["Rent is due each month."])
    chunk = services.library.catalogue.chunks_of(other)[0]
    assert "Rent is due" not in screen(at(contract_id, "1", chunk.chunk_id))


def test_a_missing_original_is_said(services: Services) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    services.library.originals.remove(contract_id)
    app = at(contract_id)
    assert "the stored original is missing." in screen(app)


def test_ask_opens_the_page_without_losing_the_answer(contract_id: str) -> None:  # noqa: ARG001
    app = ask(opened())
    button = next(one for one in app.button if str(one.key).startswith("open_"))
    app = button.click().run()
    assert len(app.image) == 1
    assert '<article class="passage kept"' in screen(app)


def test_links_of_discarded_passages_name_the_place(services: Services, contract_id: str) -> None:
    chunk = services.library.catalogue.chunks_of(contract_id)[0]
    expected = f"Page_view?contract={contract_id}&page={chunk.page_start}&chunk={chunk.chunk_id}"
    assert page_link(chunk) == expected


def test_hostile_page_text_appears_literally(services: Services) -> None:
    contract_id = add_pdf(services.library, services, f"{HOSTILE}.pdf", f"1. Law\n{HOSTILE}")
    shown = screen(at(contract_id))
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script" not in shown
    assert "<img" not in shown
