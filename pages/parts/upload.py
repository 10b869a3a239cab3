"""Files into the queue: the bytes are stored at once, a background worker does the rest."""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import ProvisoError
from core.plural import plural
from core.redact import printable_line
from ingest.intake import Intake
from pages.parts.state import actor
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
        take_in(files, services)


def take_in(files: Sequence[UploadedFile], services: Services) -> None:
    """Put a batch into the queue and forget the uploads; what is turned away is listed with its reason.

    Raises:
        ProvisoError: there are too many, or one could not be stored, for instance because the disk is full.
    """
    most = services.settings.max_batch_files
    try:
        if len(files) > most:
            raise ProvisoError(
                f"{len(files):,} files",
                f"are more than the {most:,} that may be added at once. None was added.",
                "Add them in parts, use proviso ingest, or raise the limit (max_batch_files).",
            )
        asking = actor()
        door = Intake.of(
            services.settings,
            services.library.originals,
            services.library.jobs,
            partial(services.trail.offered, asking),
        )
        for file in files:
            enqueue(file.getvalue(), file.name, door)
    finally:
        _forget(files)
    st.html(f'<p class="hint" role="status">{plural(len(files), "file")} received; see the queue.</p>')


def enqueue(content: bytes, name: str, door: Intake) -> None:
    """Store one file under its hash and queue it.

    Raises:
        AuditUnavailable: it could not be logged, so it was not stored.
        ProvisoError: it could not be stored, for instance because the disk is full.
    """
    shown = printable_line(name)[:LONGEST_NAME] or "unnamed.pdf"
    try:
        door.add(content, shown)
    except OSError as error:
        raise ProvisoError(
            shown, f"could not be stored ({error.strerror or type(error).__name__}).", "Free some disk space."
        ) from error


def _forget(files: Sequence[UploadedFile]) -> None:
    # Streamlit keeps what was uploaded in memory until the session ends, also when the form was cleared.
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
