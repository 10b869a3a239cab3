"""The reviews that are kept, the newest first, each with how far it is."""

import re
from datetime import datetime

import streamlit as st

from core.plural import plural
from core.review.records import CellStatus, Review
from pages.parts.markup import bar, label, safe
from pages.parts.panels import empty_panel
from pages.parts.review_place import open_review
from pages.parts.wiring import Services

MOST_ROWS = 50
_RANDOM = re.compile(r"\b[0-9a-f]{32,}\b")


def review_list(services: Services) -> None:
    """Draw the list; a review opens by its button."""
    reviews = services.reviews.store.reviews()
    if not reviews:
        empty_panel(
            "No reviews yet", "Choose a question set under New review; every contract gets a row of answers."
        )
        return
    st.html(f'<h2 class="column">Reviews <small>{plural(len(reviews), "review")}</small></h2>')
    for review in reviews[:MOST_ROWS]:
        with st.container(border=True, key=f"review_{review.review_id}"):
            left, right = st.columns([8, 1], vertical_alignment="center")
            left.html(_row(review, services))
            right.button(
                "Open",
                key=f"see_{review.review_id}",
                type="primary",
                width="stretch",
                help=label(review.name),
                on_click=open_review,
                args=(review.review_id,),
            )
    if len(reviews) > MOST_ROWS:
        st.html(f'<p class="hint">{len(reviews) - MOST_ROWS} older reviews are kept and not listed.</p>')


def _row(review: Review, services: Services) -> str:
    done = review.size - services.reviews.store.counts(review)[CellStatus.PENDING]
    share = done / review.size
    return (
        f'<article class="reviewrow"><h3>{safe(review.name)}</h3><p>{safe(described(review))}</p>'
        f"<p>{bar(share, f'{done} of {review.size} cells filled')} {done:,} of {plural(review.size, 'cell')}"
        f"{' filled' if done < review.size else ', all filled'}</p></article>"
    )


def described(review: Review) -> str:
    """Set, extent, when and by whom, on one line; not escaped yet."""
    questions = len(review.question_set.questions)
    extent = f"{plural(len(review.contracts), 'contract')} by {plural(questions, 'question')}"
    how = f"{review.question_set.name}, {extent}, pipeline {review.settings.pipeline}"
    return f"{how}, begun {moment(review.at)} by {who(review.actor)}"


def who(actor: str) -> str:
    """An actor as people read it: of a random identity the first eight characters; not escaped yet."""
    return _RANDOM.sub(lambda found: found.group()[:8], actor)


def moment(at: str) -> str:
    """A time of the workbench as people read it: ``25 Nov 2026, 04:31 UTC``; not escaped yet."""
    try:
        return f"{datetime.fromisoformat(at):%d %b %Y, %H:%M} UTC".lstrip("0")
    except ValueError:
        return at
