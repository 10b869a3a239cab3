"""Which review, and which cell of it, is on the screen: all of that stands in the address, so a reload keeps it."""

import streamlit as st

from core.review.conduct import Reviews
from core.review.records import CellPlace, Review
from pages.parts.panels import empty_panel

NEW, KEPT, SETS = "New review", "Reviews", "Question sets"
VIEW_KEY = "review_view"


def chosen_review(reviews: Reviews) -> Review | None:
    """The review that the address names; one that is gone is said to be gone."""
    review_id = st.query_params.get("review", "")
    if not review_id:
        return None
    review = reviews.store.review(review_id)
    if review is None:
        st.query_params.clear()
        empty_panel("This review is gone", "It was deleted, or its address is wrong.")
    return review


def chosen_view() -> str:
    """What is shown when no review is: the form for a new one, the list of those kept, or the question sets."""
    view = st.segmented_control(
        "View", [NEW, KEPT, SETS], default=NEW, key=VIEW_KEY, label_visibility="collapsed"
    )
    return str(view or NEW)


def open_review(review_id: str) -> None:
    """Put a review on the screen, none of its cells open."""
    st.query_params.from_dict({"review": review_id} if review_id else {})


def open_cell(place: CellPlace | None) -> None:
    """Open a cell of the review on the screen, or none."""
    review_id = st.query_params.get("review", "")
    at = {} if place is None else {"contract": place.contract_id, "question": str(place.question)}
    st.query_params.from_dict({"review": review_id, **at})


def chosen_place(review: Review) -> CellPlace | None:
    """The cell that the address names, or None."""
    contract_id, question = st.query_params.get("contract", ""), st.query_params.get("question", "")
    known = {contract.contract_id for contract in review.contracts}
    if contract_id not in known or not (question.isascii() and question.isdigit()) or len(question) > 3:
        return None
    place = CellPlace(contract_id, int(question))
    return place if place.question < len(review.question_set.questions) else None
