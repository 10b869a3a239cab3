"""What is shown in place of content: errors with their next step, and what to do where nothing is yet."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import ProvisoError
from pages.parts.markup import safe

logger = logging.getLogger(__name__)
UNEXPECTED = ProvisoError(
    "This page",
    "could not be drawn because of a fault in Proviso.",
    "Nothing was changed. Reload the page; if it happens again, see the log of the server.",
)


def error_panel(error: ProvisoError) -> None:
    """Say what is concerned, what is wrong, and what to do."""
    st.html(
        '<section class="panel error" role="alert">'
        f"<h2>{safe(error.subject)}</h2><p>{safe(error.reason)}</p>"
        f'<p class="next">{safe(error.next_step)}</p></section>'
    )


def empty_panel(heading: str, text: str) -> None:
    """Say why there is nothing here and what to do about it."""
    st.html(f'<section class="panel"><h2>{safe(heading)}</h2><p>{safe(text)}</p></section>')


def strip(sentences: tuple[str, ...]) -> str:
    """Quiet remarks as HTML, empty when there are none."""
    if not sentences:
        return ""
    items = "".join(f"<li>{safe(sentence)}</li>" for sentence in sentences)
    return f'<ul class="cautions" aria-label="Cautions">{items}</ul>'


@contextmanager
def guard() -> Iterator[None]:
    """Draw what goes wrong inside as a panel; nothing else of it reaches the screen."""
    try:
        yield
    except ProvisoError as error:
        error_panel(error)
    except Exception:
        logger.exception("A page failed.")
        error_panel(UNEXPECTED)
