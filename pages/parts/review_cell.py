"""One cell opened: its answer, the evidence kept and discarded, and what reviewers say of it."""

import streamlit as st

from core.explain.margin import cut
from core.page_words import pages
from core.plural import plural
from core.records import Finding
from core.review.conduct import LONGEST_CORRECTION, LONGEST_NOTE
from core.review.grid import outdated, stale
from core.review.records import Cell, CellPlace, CellStatus, Confirmation, ConfirmationKind, Review
from core.review.reopen import finding_of
from pages.parts.answer_view import answer_html
from pages.parts.discarded_view import list_html
from pages.parts.evidence_view import card_html, cut_html
from pages.parts.markup import marked, safe
from pages.parts.page_view import page_dialog
from pages.parts.panels import guard, strip
from pages.parts.review_list import moment, who
from pages.parts.review_place import chosen_place, open_cell
from pages.parts.state import Place, actor
from pages.parts.wiring import Services

MEANINGS = {
    CellStatus.ANSWERED: "A passage of this contract is likely to answer the question.",
    CellStatus.WEAK: "The best passage matches only weakly; it may be about something else.",
    CellStatus.SILENT: "No passage of this contract reaches the minimum relevance. The nearest one is shown below.",
    CellStatus.UNREAD: "Nothing was found, but pages of this contract could not be read.",
    CellStatus.FAILED: "This cell could not be filled.",
    CellStatus.PENDING: "This cell is not filled yet.",
}
SAYS = {
    ConfirmationKind.CONFIRMED: "confirmed this cell",
    ConfirmationKind.CORRECTED: "corrected this cell",
    ConfirmationKind.WITHDRAWN: "took back what was said before",
}


def cell_detail(review: Review, services: Services) -> None:
    """Draw the cell that the address names, if any."""
    place = chosen_place(review)
    if place is None:
        st.html(
            '<p class="hint">Click a cell, or choose it above, to see its evidence and to confirm it.</p>'
        )
        return
    reviews = services.reviews
    cell = reviews.store.cell(review.review_id, place) or Cell(place)
    said = reviews.store.said_of(review.review_id, place)
    finding = finding_of(
        review, cell, reviews.store.ledger(review.review_id, place), services.library.catalogue
    )
    contract = services.library.catalogue.contract(place.contract_id)
    why_stale = stale(cell, {} if contract is None else {place.contract_id: contract})
    with st.container(key="cell_detail"):
        st.html(head_html(review, cell, why_stale))
        left, right = st.columns([4, 3], gap="medium")
        with left:
            _answer(review, cell, finding)
            _kept(review, cell, finding, services)
        with right:
            _reviewer(review, cell, said, services)
            if finding is not None:
                _discarded(finding, services)


def head_html(review: Review, cell: Cell, why_stale: str) -> str:
    """Contract, question, status, and every caution that a reader needs before anything else."""
    place = cell.place
    contract = next(one for one in review.contracts if one.contract_id == place.contract_id)
    question = review.question_set.questions[place.question]
    figures = []
    if cell.relevance is not None:
        figures.append(f"best passage {cell.relevance:.3f}")
    if cell.second_relevance is not None:
        figures.append(f"second best {cell.second_relevance:.3f}")
    if cell.at:
        figures.append(f"filled {moment(cell.at)}")
    cautions = tuple(one for one in (why_stale, cell.failure) if one)
    unread = (
        (f"Pages that could not be read: {', '.join(map(str, cell.unread_pages))}.",)
        if cell.unread_pages
        else ()
    )
    return (
        f'<section class="cellhead" aria-label="Cell"><h2 class="question">{safe(question.text)}</h2>'
        f'<p class="where"><b>{safe(contract.title)}</b> <span>{safe(contract.file_name)}</span></p>'
        f'<p><span class="status-{cell.status.name.lower()} statusword">{safe(cell.status.value)}</span> '
        f"{safe(_meaning(review, cell))} <small>{safe('; '.join(figures))}</small></p>"
        f"{strip(cautions + unread)}</section>"
    )


def _meaning(review: Review, cell: Cell) -> str:
    settings = review.settings
    if cell.status is CellStatus.ANSWERED:
        return f"{MEANINGS[cell.status]} Relevance {settings.answered_from:.2f} or more."
    if cell.status is CellStatus.WEAK:
        return f"{MEANINGS[cell.status]} Relevance below {settings.answered_from:.2f}."
    if cell.status is CellStatus.SILENT:
        return f"{MEANINGS[cell.status]} The minimum is {settings.minimum_relevance:.2f}."
    return MEANINGS[cell.status]


def _answer(review: Review, cell: Cell, finding: Finding | None) -> None:
    if cell.answer is None:
        return
    if finding is not None:
        st.html(answer_html(cell.answer, finding, review.settings.endpoint))
    else:
        st.html(
            '<section class="answer" aria-label="Answer"><h2>As it was answered then</h2>'
            f'<p class="statement">{safe(cell.answer.text)}</p></section>'
        )


def _kept(review: Review, cell: Cell, finding: Finding | None, services: Services) -> None:
    if cell.best is None:
        return
    if finding is None:
        st.html(
            f'<h2 class="column">Kept <small>{plural(len(cell.kept), "passage")}, as they were then</small></h2>'
        )
        st.html("".join(_old_passage(review, cell)))
        return
    minimum, margin = finding.inquiry.minimum_relevance, services.settings.near_miss_margin
    st.html(cut_html(finding, cut(finding.ranking, margin, minimum)))
    shown = finding.ranking.kept or finding.ranking.all[:1]
    note = plural(len(shown), "passage") if finding.ranking.kept else "nothing; this passage came nearest"
    st.html(f'<h2 class="column">Kept <small>{note}</small></h2>')
    for number, judged in enumerate(shown, start=1):
        chunk = judged.candidate.chunk
        with st.container(border=True, key=f"card_{judged.rank}"):
            st.html(card_html(number, judged, finding.inquiry.question, (), services.notes.of(chunk)))
            if st.button("Open page", key=f"open_{chunk.chunk_id}", type="tertiary"):
                page_dialog(Place(chunk.contract_id, chunk.page_start, chunk.chunk_id), services)


def _old_passage(review: Review, cell: Cell) -> list[str]:
    question = review.question_set.questions[cell.place.question].text
    return [
        f'<article class="passage kept" id="passage-{passage.number}"><header><span class="number">'
        f'{passage.number}</span><h3>{safe(passage.heading)}</h3><span class="score">{passage.relevance:.3f}</span>'
        f'</header><p class="where"><span>{pages(passage.page_start, passage.page_end)}</span></p>'
        f'<div class="text">{marked(passage.text, question)}</div></article>'
        for passage in cell.kept or ((cell.best,) if cell.best else ())
    ]


def _discarded(finding: Finding, services: Services) -> None:
    others = finding.ranking.discarded if finding.ranking.kept else finding.ranking.discarded[1:]
    st.html(
        f'<h2 class="column">Discarded <small>{plural(len(others), "passage")} of this contract,'
        " scored and not used</small></h2>"
    )
    if others:
        st.html(list_html(others, finding, services.notes))


def _reviewer(review: Review, cell: Cell, said: tuple[Confirmation, ...], services: Services) -> None:
    place = cell.place
    with st.container(border=True, key="reviewer"):
        st.html(f'<h2 class="column">Reviewer</h2>{said_html(cell, said)}')
        if cell.status is CellStatus.PENDING:
            st.html('<p class="hint">A cell can be confirmed when it is filled.</p>')
        else:
            _form(review, place, said, services)
        st.button("Close the cell", key="close_cell", type="tertiary", on_click=open_cell, args=(None,))


def _form(review: Review, place: CellPlace, said: tuple[Confirmation, ...], services: Services) -> None:
    latest = said[-1] if said else None
    fixed = latest is not None and latest.kind is not ConfirmationKind.WITHDRAWN
    # A new form for every state of the cell: what was typed for one never shows in another.
    key = f"{review.review_id}_{place.contract_id}_{place.question}_{len(said)}"
    with st.form(f"say_{key}", border=False):
        text = st.text_area(
            "What is right, if the cell is not",
            latest.text if fixed and latest is not None else "",
            max_chars=LONGEST_CORRECTION,
            key=f"text_{key}",
        )
        note = st.text_input(
            "Note", max_chars=LONGEST_NOTE, key=f"note_{key}", placeholder="Why, or where to look"
        )
        with st.container(horizontal=True, gap="small"):
            confirm = st.form_submit_button("Confirm", type="primary", key="confirm_cell")
            correct = st.form_submit_button("Correct", key="correct_cell")
            withdraw = fixed and st.form_submit_button("Take back", key="withdraw_cell")
    kind = (
        ConfirmationKind.CONFIRMED
        if confirm
        else ConfirmationKind.CORRECTED
        if correct
        else ConfirmationKind.WITHDRAWN
        if withdraw
        else None
    )
    if kind is None:
        return
    with guard():
        services.reviews.say(
            review, place, kind, actor(), text if kind is ConfirmationKind.CORRECTED else "", note
        )
        st.rerun()


def said_html(cell: Cell, said: tuple[Confirmation, ...]) -> str:
    """All that reviewers said of a cell, the latest first."""
    if not said:
        return '<p class="hint">Nobody has confirmed or corrected this cell yet.</p>'
    items = "".join(_said_item(cell, one) for one in reversed(said))
    return f'<ol class="said" aria-label="What reviewers said">{items}</ol>'


def _said_item(cell: Cell, one: Confirmation) -> str:
    earlier = ' <span class="flag">before the cell was filled again</span>' if outdated(cell, one) else ""
    text = f'<span class="text">{safe(one.text)}</span>' if one.text else ""
    note = f'<span class="hint">{safe(one.note)}</span>' if one.note else ""
    return (
        f'<li class="{one.kind.value}"><b>{safe(who(one.actor))}</b> {SAYS[one.kind]},'
        f" {safe(moment(one.at))}{earlier}{text}{note}</li>"
    )
