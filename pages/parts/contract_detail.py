"""One contract: what is known about it, its pages and its file; correcting and deleting it."""

import streamlit as st

from core.audit.events import Action
from core.contract_types import CONTRACT_TYPES
from core.errors import ProvisoError
from core.plural import plural
from core.records import Contract, Profile
from core.redact import printable_line
from pages.parts.markup import file_name, safe
from pages.parts.page_view import page_dialog
from pages.parts.panels import error_panel, strip
from pages.parts.state import Place, actor, session
from pages.parts.wiring import Services


def contract_detail(contract: Contract, services: Services) -> None:
    """Draw everything about one contract."""
    with st.container(border=True, key="detail"):
        st.html(_facts(contract))
        with st.container(horizontal=True, gap="small"):
            if st.button("View pages", key="view_pages", type="primary"):
                page_dialog(Place(contract.contract_id), services)
            _download(contract, services)
            if st.button("Delete", key="delete"):
                _confirm(contract)
        with st.expander("Correct these details"):
            _correct(contract, services)


def _facts(contract: Contract) -> str:
    profile = contract.profile
    facts = {
        "Type": profile.contract_type,
        "Parties": "; ".join(profile.parties),
        "Date": profile.date,
        "Governing law": profile.governing_law,
        "Extent": f"{plural(contract.page_count, 'page')}, {plural(contract.chunk_count, 'passage')}",
        "File": contract.file_name,
        "Added": contract.added_at.replace("T", " ").removesuffix("Z"),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{safe(value) or 'not found'}</dd>" for name, value in facts.items())
    return (
        f'<section class="facts" aria-label="Contract"><h2>{safe(profile.title)}</h2><dl>{rows}</dl>'
        f"{strip(contract.warnings)}</section>"
    )


def _download(contract: Contract, services: Services) -> None:
    if contract.contract_id not in services.library.originals.ids():
        st.html('<p class="hint">The stored original is missing; add the file again.</p>')
        return
    asking = actor()

    def original() -> bytes:
        services.trail.exported(asking, "original file", (contract.contract_id,))
        return services.library.originals.get(contract.contract_id)

    st.download_button(
        "Download original",
        original,
        file_name=file_name(contract.file_name),
        mime="application/pdf",
        on_click="ignore",
        key="download",
    )


def _correct(contract: Contract, services: Services) -> None:
    profile = contract.profile
    with st.form(f"correct_{contract.contract_id}", border=False):
        title = st.text_input("Title", printable_line(profile.title), max_chars=300)
        parties = st.text_area("Parties, one a line", "\n".join(map(printable_line, profile.parties)))
        left, right, last = st.columns(3)
        date = left.text_input("Date", printable_line(profile.date), max_chars=100)
        law = right.text_input("Governing law", printable_line(profile.governing_law), max_chars=200)
        kinds = ("", *CONTRACT_TYPES)
        kind = last.selectbox(
            "Type",
            kinds,
            kinds.index(profile.contract_type) if profile.contract_type in kinds else 0,
            format_func=lambda name: name or "not stated",
        )
        saved = st.form_submit_button("Save", key="save_details")
    if saved and not title.strip():
        st.html('<p class="hint" role="alert">A contract needs a title.</p>')
    elif saved:
        named = tuple(line.strip() for line in parties.splitlines() if line.strip())
        corrected = Profile(title.strip(), named, date.strip(), law.strip(), kind or "")
        services.trail.contract(actor(), Action.CORRECTED, contract.contract_id)
        services.library.catalogue.correct(contract.contract_id, corrected)
        st.rerun()


@st.dialog("Delete this contract?")
def _confirm(contract: Contract) -> None:
    st.html(
        f"<p><b>{safe(contract.profile.title)}</b></p><p>Its file, its text and its index entries are"
        " removed for everybody. Answers that are on a screen already stay there, and questions on record and reviews"
        " keep the passages they rest on: delete those under History and Review.</p>"
    )
    with st.container(horizontal=True, gap="small"):
        delete = st.button(
            "Delete", key="confirm_delete", type="primary", on_click=_order, args=(contract.contract_id,)
        )
        keep = st.button("Keep it", key="keep_contract")
    if delete or keep:
        st.rerun()


def _order(contract_id: str) -> None:
    session().to_delete = contract_id


def delete_confirmed(services: Services) -> None:
    """Delete the contract whose deletion was just confirmed, if any; the library is listed in any case.

    What cannot be logged is not deleted.
    """
    contract_id = session().to_delete
    if not contract_id:
        return
    session().to_delete = session().chosen_contract = ""
    try:
        services.trail.contract(actor(), Action.DELETED, contract_id)
        with st.spinner("Removing the contract..."):
            services.library.delete(contract_id)
            services.passwords.forget(contract_id)
    except ProvisoError as error:
        error_panel(error)
