"""The queue as every session sees it: a bar for each file at work, the outcome of those that ended."""

import streamlit as st

from core.plural import plural
from core.storage.jobs import FileReport, FileStatus, Job, JobState
from pages.parts.locked_files import locked_files
from pages.parts.markup import bar, safe
from pages.parts.panels import guard
from pages.parts.wiring import Services

ROWS = 40
OUTCOMES = {
    FileStatus.REJECTED: "Rejected",
    FileStatus.DUPLICATE: "Duplicate",
    FileStatus.READY: "Ready",
    FileStatus.CANCELLED: "Cancelled",
}


@st.fragment(run_every=1)
def queue(services: Services) -> None:
    """Draw the queue and keep it up to date; nothing at all when it is empty."""
    with guard():
        jobs = services.library.jobs.all()
        if not jobs:
            return
        active = [job for job in reversed(jobs) if not job.ended]
        ended = [job for job in jobs if job.ended]
        with st.container(border=True, key="queue"):
            st.html(f'<h2 class="column">Queue <small>{_summary(active, ended)}</small></h2>')
            if active and services.library.trouble:
                st.html(f'<p class="hint" role="alert">The queue waits. {safe(services.library.trouble)}</p>')
            for job in active[:ROWS]:
                _active_row(job, services)
            if len(active) > ROWS:
                st.html(f'<p class="hint">{plural(len(active) - ROWS, "more file")} waiting.</p>')
            locked_files(ended, services)
            if ended:
                st.html(outcomes_html(ended))
                st.button("Clear finished", key="clear_finished", on_click=services.library.clear_ended_jobs)


def _summary(active: list[Job], ended: list[Job]) -> str:
    rejected = sum(job.report is not None and job.report.status is FileStatus.REJECTED for job in ended)
    parts = [f"{len(active)} to do", f"{len(ended)} finished"]
    return ", ".join([*parts, f"{rejected} rejected"] if rejected else parts)


def _active_row(job: Job, services: Services) -> None:
    row, button = st.columns([9, 1], vertical_alignment="center", gap="small")
    step = "waiting" if job.state is JobState.QUEUED else job.step
    percent = round(100 * job.progress)
    row.html(
        f'<div class="job"><span class="name">{safe(job.file_name)}</span>'
        f'<span class="step">{safe(step)}</span>'
        f"{bar(job.progress, f'{job.file_name}: {step}, {percent} %')}<span>{percent} %</span></div>"
    )
    button.button(
        "Cancel",
        key=f"cancel_{job.job_id}",
        type="tertiary",
        on_click=services.library.jobs.cancel,
        args=(job.job_id,),
    )


def outcomes_html(ended: list[Job]) -> str:
    """What became of the files, those that need attention first."""
    order = list(OUTCOMES)
    rows = sorted(ended, key=lambda job: order.index(job.report.status) if job.report else len(order))
    items = "".join(_outcome_row(job) for job in rows)
    return f'<ul class="outcomes" tabindex="0" aria-label="Finished files">{items}</ul>'


def _outcome_row(job: Job) -> str:
    report = job.report or FileReport(job.file_name, FileStatus.CANCELLED)
    return (
        f'<li class="{report.status}"><b>{OUTCOMES[report.status]}</b>'
        f'<span class="name">{safe(job.file_name)}</span><span>{safe(_outcome(report))}</span></li>'
    )


def _outcome(report: FileReport) -> str:
    if report.status is FileStatus.REJECTED:
        return f"{report.error[:1].upper()}{report.error[1:]}"
    if report.status is FileStatus.CANCELLED:
        return "Nothing of it was added."
    notes = " ".join(f"{warning[:1].upper()}{warning[1:]}" for warning in report.warnings)
    if report.status is FileStatus.DUPLICATE:
        return notes
    return f"{plural(report.pages, 'page')}, {plural(report.chunks, 'passage')}. {notes}".strip()
