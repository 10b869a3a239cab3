"""Review: the questions of a set put to many contracts at once, as a grid that reviewers confirm or correct.

Query parameters: ``review`` (id of the review on the screen), ``contract`` and ``question`` (the cell that is open).
"""

import streamlit as st

from pages.parts.frame import frame
from pages.parts.panels import empty_panel
from pages.parts.review_cell import cell_detail
from pages.parts.review_grid import delete_ordered, review_grid
from pages.parts.review_list import review_list
from pages.parts.review_new import new_review
from pages.parts.review_place import NEW, SETS, chosen_review, chosen_view
from pages.parts.review_sets import question_sets

with frame("Review") as services:
    delete_ordered(services)
    review = chosen_review(services.reviews)
    if review is not None:
        review_grid(review, services)
        cell_detail(review, services)
    else:
        st.html('<h1 class="page">Review</h1>')
        contracts = services.library.catalogue.contracts()
        view = chosen_view()
        if view == SETS:
            question_sets(services)
        elif view == NEW and contracts:
            new_review(contracts, services)
        elif view == NEW:
            empty_panel(
                "The library is empty",
                "Add contracts first; then put a whole set of questions to all of them at once.",
            )
            st.page_link("pages/1_Contracts.py", label="Add contracts")
        else:
            review_list(services)
