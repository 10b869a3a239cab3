"""The common frame of all pages: page settings, style, navigation, services, and a guard around the body."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from core.errors import ProvisoError
from core.plural import plural
from pages.parts.markup import safe
from pages.parts.panels import UNEXPECTED, error_panel, guard
from pages.parts.wiring import Services, services

logger = logging.getLogger(__name__)
STYLE = Path(__file__).with_name("proviso.css")
PAGES = {
    "Ask": "app.py",
    "Contracts": "pages/1_Contracts.py",
    "Review": "pages/6_Review.py",
    "History": "pages/5_History.py",
    "Rerank inspector": "pages/2_Rerank_inspector.py",
    "Page view": "pages/3_Page_view.py",
    "Evaluation": "pages/4_Evaluation.py",
}


@contextmanager
def frame(title: str) -> Iterator[Services]:
    """Set up the page ``title`` and give its services; errors inside become panels."""
    st.set_page_config(f"{title} \u00b7 Proviso", layout="wide", initial_sidebar_state="expanded")
    st.html(STYLE)
    with st.sidebar:
        st.html('<div class="brand">Proviso<small>Contract research, with the evidence</small></div>')
        for name, script in PAGES.items():
            st.page_link(script, label=name, width="stretch")
    try:
        ready = services()
    except ProvisoError as error:
        error_panel(error)
        st.button("Try again", type="primary")
        st.stop()
    except Exception:
        logger.exception("The library could not be opened.")
        error_panel(UNEXPECTED)
        st.stop()
    with guard():
        yield ready
    with st.sidebar:
        _status(ready)


@st.fragment(run_every=3)
def _status(ready: Services) -> None:
    contracts = len(ready.library.catalogue.ready_titles())
    if ready.models.failure is not None:
        models = "Models could not be loaded"
    else:
        models = "Models ready" if ready.models.ready else "Loading the models\u2026"
    host = ready.chat_host
    answers = (
        f"Answers: {ready.settings.chat_model} at {host}" if host else "Answers: extracts, on this machine"
    )
    lines = (f"{plural(contracts, 'contract')} in the library", models, answers)
    items = "".join(f"<li>{safe(line)}</li>" for line in lines)
    st.html(f'<ul class="status" aria-label="Status">{items}</ul>')
