"""Put files into the queue and see them through, in this process or in the one that holds the library."""

import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from core.audit.actor import system_user
from core.errors import StoreBusy
from core.models import EncoderSource
from core.settings import Settings
from core.storage.database import Database
from core.storage.jobs import FileReport, FileStatus, Job, Jobs
from core.storage.originals import Originals
from ingest.index_contract import Tools
from ingest.intake import Intake
from ingest.open_library import open_library
from ingest.open_trail import open_trail
from ingest.passwords import Passwords
from ingest.worker import work_off

POLL_SECONDS = 0.5
GIVE_IT_THERE = "Another process of Proviso holds the library: give the password on its Contracts page."
OnReport = Callable[[FileReport], None]
OnProgress = Callable[[Job, str, float], None]


def add_files(
    paths: Iterable[Path],
    settings: Settings,
    on_progress: OnProgress = lambda *_: None,
    on_report: OnReport = lambda _: None,
    passwords: Passwords | None = None,
) -> tuple[FileReport, ...]:
    """Index ``paths`` and tell what became of each; a bad file does not stop the others.

    Every file is queued before the first is read, so that what is not finished when the process dies is
    finished at the next start. When another process holds the library, its worker does the indexing and this
    one watches.

    Args:
        paths: PDF files.
        settings: where the library is.
        on_progress: told the job, its step and its share (0-1).
        on_report: told the outcome of each file as it is known.
        passwords: for protected files. They never leave this process: where another one holds the library,
            its Contracts page asks for them.

    Raises:
        AuditUnavailable: a file could not be logged; it and those after it are not queued.
    """
    directory = settings.directory
    jobs = Jobs(Database(directory / "catalogue.sqlite3"))
    trail, actor = open_trail(settings), system_user()
    door = Intake.of(
        settings,
        Originals(directory / "originals"),
        jobs,
        lambda contract_id, name: trail.submitted(actor, contract_id, name),
    )
    reports: list[FileReport] = []
    waiting: dict[int, Path] = {}
    for path in paths:
        try:
            waiting[door.add_file(path)] = path
        except OSError as error:
            reason = f"could not be stored ({error.strerror}). Check the file and the free space on the disk."
            reports.append(FileReport(str(path), FileStatus.REJECTED, error=reason))
            on_report(reports[-1])

    def collect() -> None:
        for job_id, path in list(waiting.items()):
            job = jobs.get(job_id)
            if job is not None and job.ended and job.report is not None:
                del waiting[job_id]
                reports.append(_as_told(replace(job.report, file=str(path)), handed_over))
                on_report(reports[-1])

    def watch(job: Job, step: str, share: float) -> None:
        collect()
        on_progress(job, step, share)

    source = EncoderSource(settings.encoder)
    load_encoder = functools.cache(functools.partial(source.load, settings))
    tools = Tools.of(settings, load_encoder, source.token_counter(), passwords)
    handed_over = False
    collect()
    while waiting:
        try:
            with open_library(settings, "proviso ingest") as library:
                work_off(library, tools, watch, trail)
        except StoreBusy:
            handed_over = True
            time.sleep(POLL_SECONDS)
        collect()
    return tuple(reports)


def _as_told(report: FileReport, handed_over: bool) -> FileReport:
    if not (report.needs_password and handed_over):
        return report
    return replace(report, error=f"{report.error} {GIVE_IT_THERE}")
