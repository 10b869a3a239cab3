"""Files that need a password: a field for each, and the file is read again with what is typed into it."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.errors import AuditUnavailable
from core.storage.jobs import Job
from pages.parts.markup import label
from pages.parts.panels import error_panel
from pages.parts.state import actor, session
from pages.parts.wiring import Services

LONGEST_PASSWORD = 1_000
FIELDS = 10


def locked_files(ended: list[Job], services: Services) -> None:
    """Draw a field for every file that ended for want of a password; each file once, at most ten."""
    failure = session().unlock_failure
    if failure is not None:
        error_panel(failure)
    waiting = {job.contract_id: job for job in ended if job.report is not None and job.report.needs_password}
    for job in list(waiting.values())[:FIELDS]:
        password_form(job.contract_id, job.file_name, partial(_try_again, job, services))


def _try_again(job: Job, services: Services, password: str) -> None:
    remembered = session()
    try:
        services.trail.submitted(actor(), job.contract_id, job.file_name)
    except AuditUnavailable as error:
        # Raised here it would end the run; the next drawing shows it.
        remembered.unlock_failure = error
        return
    remembered.unlock_failure = None
    services.passwords.give(job.contract_id, password)
    services.library.jobs.retry_locked(job)


def password_form(contract_id: str, file_name: str, on_password: Callable[[str], None]) -> None:
    """A field for the password of a file; what is sent goes to ``on_password`` and is kept nowhere else."""
    key = f"password_{contract_id[:16]}"
    with st.form(f"unlock_{contract_id[:16]}", clear_on_submit=True, border=False):
        field, button = st.columns([5, 1], vertical_alignment="bottom", gap="small")
        field.text_input(
            f"Password for {label(file_name)}",
            type="password",
            max_chars=LONGEST_PASSWORD,
            autocomplete="off",
            key=key,
        )
        button.form_submit_button(
            "Open", key=f"open_locked_{contract_id[:16]}", on_click=_take, args=(key, on_password)
        )


def _take(key: str, on_password: Callable[[str], None]) -> None:
    password = str(st.session_state.get(key, ""))
    st.session_state[key] = ""
    if password:
        on_password(password)
