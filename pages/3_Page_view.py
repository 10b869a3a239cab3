"""Page view: a page of an original with the passage highlighted, reachable by its address alone.

Query parameters: ``contract`` (id), ``page`` (from 1), ``chunk`` (id of the passage to highlight).
"""

import streamlit as st

from pages.parts.ask_form import option_names
from pages.parts.frame import frame
from pages.parts.page_view import draw_place
from pages.parts.panels import empty_panel
from pages.parts.state import Place
from pages.parts.wiring import Services


def asked_for() -> Place:
    """The place that the address names; a page that is no number counts as page 0, which no contract has."""
    page = st.query_params.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
    return Place(st.query_params.get("contract", ""), number, st.query_params.get("chunk", ""))


def go_to(place: Place) -> None:
    """Put a place into the address and draw it."""
    st.query_params.from_dict(
        {"contract": place.contract_id, "page": str(place.page), "chunk": place.chunk_id}
    )
    st.rerun()


def choose(services: Services) -> None:
    """Offer every contract of the library."""
    names = option_names(services.library.catalogue.contracts())
    if not names:
        empty_panel("The library is empty", "Add contracts first; their pages can be read here.")
        st.page_link("pages/1_Contracts.py", label="Add contracts")
        return
    chosen = st.selectbox(
        "Contract to read",
        list(names),
        index=None,
        format_func=lambda contract_id: names.get(contract_id, ""),
        placeholder="Choose a contract",
        key="contract_to_read",
    )
    if chosen:
        go_to(Place(chosen))


with frame("Page view") as services:
    place = asked_for()
    if not place.contract_id:
        st.html('<h1 class="page">Page view</h1>')
        choose(services)
    else:
        wanted = draw_place(place, services)
        if wanted != place:
            go_to(wanted)
