"""The library as a table with a search field; one contract of it can be chosen."""

import pandas as pd
import streamlit as st

from core.pipeline.contextual.progress import contextual_progress
from core.plural import plural
from core.records import Contract
from core.redact import printable_line
from pages.parts.ask_form import option_names
from pages.parts.markup import safe
from pages.parts.panels import empty_panel, guard
from pages.parts.state import session
from pages.parts.wiring import Services

HEIGHT = 420


@st.fragment(run_every=3)
def contract_table(services: Services) -> None:
    """Draw the table and keep it up to date; choosing a contract redraws the page with its details."""
    with guard():
        contracts = services.library.catalogue.contracts()
        if not contracts:
            empty_panel(
                "No contracts yet",
                "Drop PDF files above and press Add to library. Each file is read, split into clauses and"
                " indexed on this machine; you can ask about it as soon as it is ready.",
            )
            return
        st.html(f'<h2 class="column">Library <small>{plural(len(contracts), "contract")}</small></h2>')
        _contextual(services)
        wanted = st.text_input(
            "Search the library",
            placeholder="Search by title, type, party, date, law or file name",
            label_visibility="collapsed",
            key="library_search",
        )
        shown = [contract for contract in contracts if matches(contract, wanted)]
        if shown:
            _table(shown)
        else:
            st.html('<p class="hint">No contract of the library matches.</p>')
        _choice(contracts)


def _contextual(services: Services) -> None:
    """How far the contextual index is; nothing once every contract is in it."""
    progress = contextual_progress(services.library)
    if progress.sentence:
        st.html(f'<p class="hint" role="status">{safe(progress.sentence)}</p>')


def matches(contract: Contract, wanted: str) -> bool:
    """True when every word of ``wanted`` stands somewhere in what is known about the contract."""
    profile = contract.profile
    known = (
        profile.title,
        profile.contract_type,
        *profile.parties,
        profile.date,
        profile.governing_law,
        contract.file_name,
    )
    text = "\n".join(known).casefold()
    return all(word in text for word in wanted.casefold().split())


def table(contracts: list[Contract]) -> pd.DataFrame:
    """The contracts as they are shown, one a row."""
    return pd.DataFrame(
        {
            "Title": [printable_line(contract.profile.title) for contract in contracts],
            "Type": [printable_line(contract.profile.contract_type) for contract in contracts],
            "Parties": [printable_line("; ".join(contract.profile.parties)) for contract in contracts],
            "Date": [printable_line(contract.profile.date) for contract in contracts],
            "Governing law": [printable_line(contract.profile.governing_law) for contract in contracts],
            "Pages": [contract.page_count for contract in contracts],
            "Passages": [contract.chunk_count for contract in contracts],
            "Warnings": [printable_line("; ".join(contract.warnings)) for contract in contracts],
        }
    )


def _table(shown: list[Contract]) -> None:
    event = st.dataframe(
        table(shown),
        hide_index=True,
        width="stretch",
        height=min(HEIGHT, 37 + 35 * len(shown)),
        on_select="rerun",
        selection_mode="single-row",
        key="library_table",
        column_config={
            "Title": st.column_config.TextColumn(width="large"),
            "Pages": st.column_config.NumberColumn(width="small"),
            "Passages": st.column_config.NumberColumn(width="small"),
        },
        alt="Contracts of the library",
    )
    rows = event["selection"]["rows"]
    picked = shown[rows[0]].contract_id if rows and rows[0] < len(shown) else ""
    if picked != session().picked_row:
        session().picked_row = picked
        if picked:
            st.session_state["library_choice"] = picked


def _choice(contracts: tuple[Contract, ...]) -> None:
    names = option_names(contracts)
    if st.session_state.get("library_choice", "") and st.session_state["library_choice"] not in names:
        # Deleted meanwhile. Touching the value at every turn would close the list under the user's hand.
        st.session_state["library_choice"] = None
    chosen = st.selectbox(
        "Contract to look at",
        list(names),
        index=None,
        format_func=lambda contract_id: names.get(contract_id, ""),
        placeholder="Choose a contract here or in the table",
        key="library_choice",
    )
    if (chosen or "") != session().chosen_contract:
        session().chosen_contract = chosen or ""
        st.rerun()
