"""Put files into the queue and see them through, in this process or in the one that holds the library."""

import functools
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from core.audit.actor import system_user
from core.errors import StorageFull, StoreBusy
from core.settings import Settings
from core.storage.catalogue import Catalogue
from core.storage.jobs import FileReport, FileStatus, Job, Jobs, JobState
from core.storage.originals import Originals
from ingest.index_contract import Tools
from ingest.intake import Intake
from ingest.open_library import open_library, read_catalogue
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
        StoreUnavailable, StorageFull: the library cannot take files now; they stay in the queue.
        CatalogueUnusable: the catalogue is damaged.
        AuditUnavailable: a file could not be logged; it and those after it are not queued.
    """
    catalogue = read_catalogue(settings)
    jobs = Jobs(catalogue.database)
    trail, actor = open_trail(settings), system_user()
    door = Intake.of(
        settings,
        Originals(settings.directory / "originals"),
        jobs,
        functools.partial(trail.offered, actor),
    )
    waiting = _Waiting(catalogue, jobs, on_progress, on_report)
    waiting.enqueue(paths, door)
    tools = Tools.loading(settings, passwords)
    waiting.collect()
    while waiting.jobs_left:
        try:
            with open_library(settings, "proviso ingest") as library:
                work_off(library, tools, waiting.watch, trail)
        except StoreBusy:
            waiting.watch_another_process()
            time.sleep(POLL_SECONDS)
        waiting.collect()
    return tuple(waiting.reports)


class _Waiting:
    """The files of one call that have no outcome yet, and the reports of those that have; several threads tell
    it of progress.
    """

    def __init__(
        self, catalogue: Catalogue, jobs: Jobs, on_progress: OnProgress, on_report: OnReport
    ) -> None:
        self._catalogue = catalogue
        self._jobs = jobs
        self._on_progress = on_progress
        self._on_report = on_report
        self.jobs_left: dict[int, tuple[Path, str]] = {}
        self.reports: list[FileReport] = []
        self._handed_over = False
        self._collected = 0.0
        self._lock = threading.Lock()

    def enqueue(self, paths: Iterable[Path], door: Intake) -> None:
        """Put every file into the queue; one that cannot be stored is rejected at once."""
        for path in paths:
            queued = _enqueue(path, door)
            if isinstance(queued, FileReport):
                self._add(queued)
            else:
                job = self._jobs.get(queued)
                self.jobs_left[queued] = path, "" if job is None else job.contract_id

    def collect(self) -> None:
        """Report the files whose jobs have ended."""
        with self._lock:
            for job_id, (path, contract_id) in list(self.jobs_left.items()):
                job = self._jobs.get(job_id)
                report = _outcome_without_job(contract_id, self._catalogue) if job is None else job.report
                if report is not None and (job is None or job.ended):
                    del self.jobs_left[job_id]
                    self._add(replace(report, file=str(path)))

    def watch(self, job: Job, step: str, share: float) -> None:
        """Pass on progress made in this process."""
        now = time.monotonic()
        # Every file that is left is looked up, and progress is told several times a file.
        if now - self._collected >= POLL_SECONDS:
            self._collected = now
            self.collect()
        self._on_progress(job, step, share)

    def watch_another_process(self) -> None:
        """Pass on progress made by the process that holds the library."""
        self._handed_over = True
        self.collect()
        for job in (self._jobs.get(job_id) for job_id in list(self.jobs_left)):
            if job is not None and job.state is JobState.RUNNING:
                self._on_progress(job, job.step, job.progress)

    def _add(self, report: FileReport) -> None:
        if report.needs_password and self._handed_over:
            report = replace(report, error=f"{report.error} {GIVE_IT_THERE}")
        self.reports.append(report)
        self._on_report(report)


def _enqueue(path: Path, door: Intake) -> int | FileReport:
    """Id of the job of a file that was let in or turned away at the door, or why it could not be stored."""
    try:
        return door.add_file(path)
    except StorageFull as error:
        return FileReport(str(path), FileStatus.REJECTED, error=f"{error.subject} {error.reason}")
    except OSError as error:
        reason = f"could not be stored ({error.strerror}). Check the file and the free space on the disk."
        return FileReport(str(path), FileStatus.REJECTED, error=reason)


def _outcome_without_job(contract_id: str, catalogue: Catalogue) -> FileReport:
    """What became of a file whose finished job was cleared away in the app meanwhile."""
    contract = catalogue.contract(contract_id)
    if contract is not None:
        return FileReport(
            contract.file_name,
            FileStatus.READY,
            contract_id,
            contract.page_count,
            contract.chunk_count,
            contract.warnings,
        )
    reason = (
        "is not in the library; why was cleared from the queue in the app. Add it again to see the reason."
    )
    return FileReport("", FileStatus.REJECTED, contract_id, error=reason)
