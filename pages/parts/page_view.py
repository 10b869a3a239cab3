"""A page of the original as an image, the passage highlighted, its text beside it; also as a dialog."""

import base64
from dataclasses import replace

import streamlit as st

from core.errors import ProvisoError, UnknownContract
from core.page_words import pages
from core.pdf.page_image import PageImage, PageLocked
from core.pdf.page_process import draw_page
from core.records import Chunk, Contract, Page, TextSource
from core.redact import printable
from core.reflow import reflowed
from pages.parts.locked_files import password_form
from pages.parts.markup import marked, safe
from pages.parts.panels import guard
from pages.parts.state import Place, session
from pages.parts.wiring import Services, services

# Twice the size of print: sharp on common screens, still well under a megabyte.
SCALE = 2.0
SOURCES = {
    TextSource.TEXT: "",
    TextSource.OCR: "The text of this page was read by OCR and may hold errors.",
    TextSource.NONE: "This page holds no text that could be read; it is not searched.",
}


def page_dialog(place: Place, ready: Services) -> None:
    """Open the page over the present screen."""
    session().viewed = place
    _dialog(ready)


@st.dialog("Page of the original", width="large")
def _dialog(ready: Services) -> None:
    with guard():
        place = session().viewed
        wanted = draw_place(place, ready)
        if wanted != place:
            session().viewed = wanted
            st.rerun(scope="fragment")


def draw_place(place: Place, ready: Services) -> Place:
    """Draw a page of a contract; returns the place that the user asks for, mostly the same.

    Raises:
        UnknownContract: no such contract, or no such page in it.
    """
    contract, page = find_page(place, ready)
    chunk = ready.library.catalogue.chunks([place.chunk_id]).get(place.chunk_id)
    if chunk is not None and chunk.contract_id != contract.contract_id:
        chunk = None
    st.html(_head(contract, page))
    wanted = _controls(place, contract, chunk)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _picture(contract, page, chunk)
    with right:
        st.html(_beside(contract, page, chunk, place, ready))
    return wanted


def find_page(place: Place, ready: Services) -> tuple[Contract, Page]:
    """The contract and the page that ``place`` names.

    Raises:
        UnknownContract: there is no such contract or page.
    """
    contract = ready.library.catalogue.contract(place.contract_id)
    if contract is None:
        raise UnknownContract(
            "This contract",
            "is not in the library; it may have been deleted.",
            "Choose another under Contracts.",
        )
    for page in ready.library.catalogue.pages(contract.contract_id):
        if page.number == place.page:
            return contract, page
    raise UnknownContract(
        contract.profile.title,
        f"has no page {place.page}.",
        f"Its pages run from 1 to {contract.page_count}.",
    )


def _head(contract: Contract, page: Page) -> str:
    printed = f", printed as {page.label}" if page.label and page.label != str(page.number) else ""
    return (
        f'<header class="pagehead"><h2>{safe(contract.profile.title)}</h2>'
        f"<p>Page {page.number} of {contract.page_count}{safe(printed)}"
        f" <span>{safe(contract.file_name)}</span></p></header>"
    )


def _controls(place: Place, contract: Contract, chunk: Chunk | None) -> Place:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="page_controls"):
        back = st.button("Previous page", key="previous_page", disabled=place.page <= 1)
        ahead = st.button("Next page", key="next_page", disabled=place.page >= contract.page_count)
        # The page is part of the key, so that the field follows the other controls.
        number = st.number_input(
            "Go to page", 1, contract.page_count, place.page, key=f"go_to_{place.page}", width=140
        )
        home = chunk is not None and not chunk.page_start <= place.page <= chunk.page_end
        to_passage = home and st.button("Back to the passage", key="back_to_passage")
    if back or ahead:
        return replace(place, page=place.page + (1 if ahead else -1))
    if to_passage and chunk is not None:
        return replace(place, page=chunk.page_start)
    return replace(place, page=int(number))


def _picture(contract: Contract, page: Page, chunk: Chunk | None) -> None:
    start, end = (chunk.start, chunk.end) if chunk is not None else (page.start, page.start)
    fingerprint = services().library.fingerprint
    try:
        picture = _image(contract.contract_id, fingerprint, page.number, start, end, SCALE)
    except PageLocked as error:
        _locked_picture(contract, error)
        return
    except FileNotFoundError:
        raise ProvisoError(
            contract.profile.title, "the stored original is missing.", "Add the file again under Contracts."
        ) from None
    alt = f"Page {page.number} of {contract.profile.title}"
    # Inside the message, not under an address of its own: that would be readable for whoever learns of it.
    st.image(
        f"data:image/png;base64,{base64.b64encode(picture.png).decode()}",
        width="stretch",
        alt=printable(f"{alt}, the passage highlighted" if picture.highlighted else alt),
    )


def _locked_picture(contract: Contract, error: PageLocked) -> None:
    passwords = services().passwords
    wrong = passwords.known(contract.contract_id) is not None
    passwords.forget(contract.contract_id)
    reason = "The password given does not open the file." if wrong else f"{error.reason} {error.next_step}"
    st.html(f'<p class="hint" role="alert">{safe(reason[:1].upper() + reason[1:])}</p>')
    password_form(
        contract.contract_id,
        contract.file_name,
        lambda password: passwords.give(contract.contract_id, password),
    )


@st.cache_data(max_entries=48, show_spinner="Drawing the page...")
def _image(contract_id: str, fingerprint: str, number: int, start: int, end: int, scale: float) -> PageImage:  # noqa: ARG001
    # The id is the hash of the file and the fingerprint that of its reading, so the key holds every input.
    library = services().library
    page = next(page for page in library.catalogue.pages(contract_id) if page.number == number)
    password = services().passwords.known(contract_id)
    return draw_page(library.originals.get(contract_id), page, start, end, scale=scale, password=password)


def _beside(contract: Contract, page: Page, chunk: Chunk | None, place: Place, ready: Services) -> str:
    parts: list[str] = []
    if SOURCES[page.source]:
        parts.append(f'<p class="hint">{SOURCES[page.source]}</p>')
    if any(run.hidden for run in page.runs):
        parts.append('<p class="hint">This page holds text that a reader of the original cannot see.</p>')
    if chunk is not None:
        parts.append(_passage(chunk, page.number, ready))
    elif place.chunk_id:
        parts.append('<p class="hint">The passage is no longer in the library.</p>')
    text = ready.library.catalogue.text(contract.contract_id)[page.start : page.end]
    opened = "" if chunk is not None else " open"
    parts.append(
        f"<details{opened}><summary>Text of this page</summary>"
        f'<div class="text whole">{safe(reflowed(text.strip())) or "No text."}</div></details>'
    )
    return f'<section class="beside" aria-label="Text beside the page">{"".join(parts)}</section>'


def _passage(chunk: Chunk, number: int, ready: Services) -> str:
    notes = []
    if chunk.page_start < number <= chunk.page_end:
        notes.append(f"The passage begins on page {chunk.page_start}.")
    if chunk.page_start <= number < chunk.page_end:
        notes.append(f"The passage continues on page {number + 1}.")
    if not chunk.page_start <= number <= chunk.page_end:
        notes.append(f"The passage is on {pages(chunk.page_start, chunk.page_end)}, not on this page.")
    path = "".join(f"<li>{safe(heading)}</li>" for heading in chunk.heading_path)
    note = "".join(f'<p class="hint">{note}</p>' for note in notes)
    return (
        f'<article class="passage"><ol class="path" aria-label="Headings">{path}</ol>'
        f'<div class="text">{marked(chunk.text, "", ready.notes.of(chunk))}</div></article>{note}'
    )
