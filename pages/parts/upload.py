"""Files into the queue: the bytes are stored at once, a background worker does the rest."""

import streamlit as st

from core.errors import ProvisoError
from core.redact import printable
from pages.parts.markup import plural
from pages.parts.wiring import Services

LONGEST_NAME = 255


def upload_form(services: Services) -> None:
    """Draw the drop zone; the button puts every file into the queue."""
    with st.form("upload", clear_on_submit=True, border=False):
        files = st.file_uploader(
            "Drop contracts here as PDF files, or choose them",
            type=["pdf"],
            accept_multiple_files=True,
            max_upload_size=services.settings.max_upload_mb,
            key="uploaded",
        )
        sent = st.form_submit_button("Add to library", type="primary", key="add")
    if sent and not files:
        hint = "No file has arrived. Choose PDF files and wait until they are there."
        st.html(f'<p class="hint" role="alert">{hint}</p>')
    elif sent:
        for file in files:
            enqueue(file.getvalue(), file.name, services)
        st.html(f'<p class="hint" role="status">{plural(len(files), "file")} added to the queue.</p>')


def enqueue(content: bytes, name: str, services: Services) -> None:
    """Store one file under its hash and queue it.

    Raises:
        ProvisoError: it could not be stored, for instance because the disk is full.
    """
    shown = " ".join(printable(name).split())[:LONGEST_NAME] or "unnamed.pdf"
    try:
        services.library.enqueue(content, shown)
    except OSError as error:
        raise ProvisoError(
            shown, f"could not be stored ({error.strerror or type(error).__name__}).", "Free some disk space."
        ) from error
