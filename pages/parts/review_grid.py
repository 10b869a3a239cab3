"""A review on the screen: how far it is, its controls, and the grid in which a cell is opened."""

import streamlit as st

from core.plural import plural
from core.review.grid import Row, View, rows, stale
from core.review.records import CellPlace, CellStatus, Grid, Review
from pages.parts.markup import bar, label, safe
from pages.parts.panels import error_panel, guard
from pages.parts.review_export import review_export
from pages.parts.review_list import described
from pages.parts.review_place import chosen_place, open_cell, open_review
from pages.parts.review_table import CONTRACT, WORDS, coloured, column_name, row_names, table
from pages.parts.state import actor, session
from pages.parts.wiring import Services

ROW_HEIGHT = 84
HEIGHT = 560
COLUMN_WIDTH = 236
CONTRACT_WIDTH = 210
SAID = {
    "": "Confirmed or not",
    "open": "Not looked at yet",
    "confirmed": "Confirmed",
    "corrected": "Corrected",
}


def review_grid(review: Review, services: Services) -> None:
    """Draw head, controls, progress and grid; while the review is filled, they keep up to date."""
    st.html(f'<h1 class="page">{safe(review.name)}</h1><p class="hint">{safe(described(review))}</p>')
    at_work = services.reviews.worker.ahead(review.review_id) is not None
    if at_work:
        _live(review, services)
    else:
        _still(review, services)


@st.fragment(run_every=3)
def _live(review: Review, services: Services) -> None:
    with guard():
        if services.reviews.worker.ahead(review.review_id) is None:
            # It has ended: the whole page is drawn once more, without the clock.
            st.rerun()
        _draw(review, services)


@st.fragment
def _still(review: Review, services: Services) -> None:
    with guard():
        _draw(review, services)


def _draw(review: Review, services: Services) -> None:
    grid = services.reviews.store.grid(review)
    contracts = {one.contract_id: one for one in services.library.catalogue.contracts()}
    old = tuple(cell.place for cell in grid.cells if stale(cell, contracts))
    old = tuple(place for place in old if place.contract_id in contracts)
    st.html(progress_html(grid))
    _controls(grid, old, services)
    failure = services.reviews.worker.failure(review.review_id)
    if failure is not None:
        error_panel(failure)
    view = _filters(grid)
    shown = rows(grid, view)
    if not shown:
        st.html('<p class="hint">No cell of this review is like that.</p>')
        return
    picked = _grid(grid, shown, services)
    _choice(grid, shown, picked)


def progress_html(grid: Grid) -> str:
    """How many cells are filled, and how many there are of each kind."""
    counts, size = grid.counts, grid.review.size
    done = size - counts[CellStatus.PENDING]
    kinds = "".join(
        f'<span class="status-{status.name.lower()}">{WORDS[status]} <b>{count:,}</b></span>'
        for status, count in counts.items()
        if count
    )
    said = len(grid.confirmations)
    return (
        f'<section class="progress" aria-label="Progress"><p>{bar(done / size, f"{done} of {size} cells filled")}'
        f" <b>{done:,}</b> of {plural(size, 'cell')} filled; {said:,} confirmed or corrected</p>"
        f'<p class="kinds">{kinds}</p></section>'
    )


def _controls(grid: Grid, old: tuple[CellPlace, ...], services: Services) -> None:
    review, reviews = grid.review, services.reviews
    ahead = reviews.worker.ahead(review.review_id)
    failed = tuple(cell.place for cell in grid.cells if cell.status is CellStatus.FAILED)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="review_controls"):
        st.button("All reviews", key="all_reviews", on_click=open_review, args=("",))
        if ahead is not None:
            if st.button("Stop filling", key="cancel_review"):
                reviews.cancel(review, actor())
                st.rerun()
            if ahead:
                st.html(f'<p class="hint">{plural(ahead, "review")} before this one.</p>')
        else:
            if grid.counts[CellStatus.PENDING] and st.button("Resume", key="resume_review", type="primary"):
                reviews.resume(review, actor())
                st.rerun()
            if failed and st.button(f"Try {plural(len(failed), 'failed cell')} again", key="retry_failed"):
                reviews.again(review, failed, actor())
                st.rerun()
            if old and st.button(f"Fill {plural(len(old), 'stale cell')} again", key="refill_stale"):
                reviews.again(review, old, actor())
                st.rerun()
        review_export(review, services)
        if st.button("Delete review", key="delete_review"):
            _confirm_deletion(review)


@st.dialog("Delete this review?")
def _confirm_deletion(review: Review) -> None:
    st.html(
        f"<p><b>{safe(review.name)}</b></p><p>Its cells and everything that reviewers said of them are"
        " removed for everybody. The contracts stay.</p>"
    )
    with st.container(horizontal=True, gap="small"):
        delete = st.button(
            "Delete", key="confirm_delete_review", type="primary", on_click=_order, args=(review.review_id,)
        )
        keep = st.button("Keep it", key="keep_review")
    if delete or keep:
        st.rerun()


def _order(review_id: str) -> None:
    session().review_to_delete = review_id


def delete_ordered(services: Services) -> None:
    """Delete the review whose deletion was just confirmed, if any.

    Raises:
        AuditUnavailable: it could not be logged, so it is not deleted.
    """
    review = services.reviews.store.review(session().review_to_delete)
    session().review_to_delete = ""
    if review is not None:
        services.reviews.delete(review, actor())
        open_review("")


def _filters(grid: Grid) -> View:
    questions = grid.review.question_set.questions
    columns = st.columns([3, 3, 2, 3, 2], gap="small", vertical_alignment="bottom")
    words = columns[0].text_input(
        "Contracts", placeholder="Words of a title", key="grid_words", label_visibility="collapsed"
    )
    statuses = columns[1].multiselect(
        "Status",
        [status for status, count in grid.counts.items() if count],
        format_func=lambda status: WORDS[status],
        placeholder="Every status",
        key="grid_statuses",
        label_visibility="collapsed",
    )
    said = columns[2].selectbox(
        "Confirmed or not",
        list(SAID),
        format_func=lambda one: SAID[one],
        key="grid_said",
        label_visibility="collapsed",
    )
    order = columns[3].selectbox(
        "Sort by",
        range(-1, len(questions)),
        format_func=lambda one: (
            "Sort by contract" if one < 0 else f"Sort by {column_name(one, questions[one].label)}"
        ),
        key="grid_order",
        label_visibility="collapsed",
    )
    descending = columns[4].toggle("Reverse", key="grid_descending")
    return View(words, tuple(statuses), said or "", None if order < 0 else order, descending)


def _grid(grid: Grid, shown: tuple[Row, ...], services: Services) -> CellPlace | None:
    """Draw the table; the cell that was clicked last, or None."""
    contracts = {one.contract_id: one for one in services.library.catalogue.contracts()}
    frame = table(shown, grid, contracts)
    questions = grid.review.question_set.questions
    names = {column_name(number, one.label): number for number, one in enumerate(questions)}
    config = {
        CONTRACT: st.column_config.TextColumn(width=CONTRACT_WIDTH, pinned=True),
        **{
            name: st.column_config.TextColumn(width=COLUMN_WIDTH, help=label(questions[number].text, 400))
            for name, number in names.items()
        },
    }
    event = st.dataframe(
        coloured(frame, shown, grid),
        hide_index=True,
        width="stretch",
        height=min(HEIGHT, 40 + ROW_HEIGHT * len(shown)),
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-cell",
        key="grid_table",
        column_config=config,
        alt="Grid of the review: contracts down, questions across",
    )
    cells = event["selection"]["cells"]
    if not cells or cells[0][0] >= len(shown) or cells[0][1] not in names:
        return None
    return CellPlace(shown[cells[0][0]].contract_id, names[cells[0][1]])


def _choice(grid: Grid, shown: tuple[Row, ...], picked: CellPlace | None) -> None:
    """The same choice for the keyboard and the screen reader; whatever changed last opens the cell."""
    review = grid.review
    chosen = chosen_place(review)
    if picked is not None and picked != session().picked_cell:
        session().picked_cell = picked
        if picked != chosen:
            open_cell(picked)
            st.rerun()
    names = {row.contract_id: name for row, name in zip(shown, row_names(shown), strict=True)}
    questions = review.question_set.questions
    left, right, button = st.columns([4, 4, 1], gap="small", vertical_alignment="bottom")
    contract_id = left.selectbox(
        "Contract of the cell to open",
        list(names),
        format_func=lambda one: names.get(one, ""),
        key="cell_contract",
    )
    question = right.selectbox(
        "Question of the cell to open",
        list(range(len(questions))),
        format_func=lambda one: column_name(one, questions[one].label),
        key="cell_question",
    )
    if button.button("Open cell", key="show_cell", width="stretch") and contract_id is not None:
        open_cell(CellPlace(contract_id, int(question or 0)))
        st.rerun()
