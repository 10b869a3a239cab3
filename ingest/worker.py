"""The one background worker that empties the queue; the app and the command both run it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from core.audit.trail import AuditTrail
from core.errors import AuditUnavailable, ModelUnavailable, StorageFull, StoreUnavailable
from core.storage.jobs import FileReport, FileStatus, Job
from core.storage.library import Library
from ingest.annotate import annotate_due
from ingest.assembly_line import Abandoned, AssemblyLine, Work
from ingest.derive import DERIVATIONS, QUICK, Derivation, derive_due
from ingest.index_contract import Tools, index_contract

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.5
PAUSE_SECONDS = 5.0
ACTOR = "ingest worker"


def work_off(
    library: Library,
    tools: Tools,
    on_progress: Callable[[Job, str, float], None] = lambda *_: None,
    trail: AuditTrail | None = None,
) -> None:
    """Process jobs until none is waiting, then persist the keyword index; ``trail`` records what became of each.

    Files are read, encoded and stored side by side, in the order of the queue; what is derived slowly is left to the
    worker, for whoever calls this waits until the files can be asked about. ``on_progress`` is called from
    several threads. An outcome that cannot be logged is a warning of the file's report.

    Raises:
        StoreUnavailable, StorageFull: the library cannot take files now. The job in hand and those behind it
            stay in the queue; calling this again goes on with them.
    """
    # Only one worker runs: a job that says it is running, and is not, was left behind by a failure.
    library.jobs.requeue_interrupted()
    library.finish_deletions()
    job = library.jobs.claim()
    while job is not None:
        with AssemblyLine(library.catalogue.database.close) as line:
            while job is not None and not line.stopped:
                line.begin(job.contract_id, _process(job, library, tools, on_progress, trail, line))
                library.merge_keywords()
                job = None if line.stopped else library.jobs.claim()
        library.save_keywords()
        catch_up(library, tools, derivations=QUICK)
        # Meanwhile another file may have come.
        job = library.jobs.claim()
    library.settle()


def catch_up(
    library: Library,
    tools: Tools,
    stop: Callable[[], bool] = lambda: False,
    derivations: tuple[Derivation, ...] = DERIVATIONS,
) -> bool:
    """Make what is due of visible contracts, notes first; files that come meanwhile go before the rest of it.

    Returns:
        False when something was left for their sake or because ``stop`` said so.

    Raises:
        ProvisoError: the library or a model cannot be used now.
    """
    left = False

    def give_way() -> bool:
        nonlocal left
        left = left or stop() or library.jobs.waiting()
        return left

    annotate_due(library)
    derive_due(library, tools, give_way, derivations)
    return not left


class Worker:
    """A daemon thread that works off the queue as long as the process lives."""

    def __init__(
        self,
        library: Library,
        tools: Tools,
        trail: AuditTrail | None = None,
        poll: float = POLL_SECONDS,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._library = library
        self._tools = tools
        self._trail = trail
        self._poll = poll
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        """Begin; jobs already waiting are processed first."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the job in hand and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        # What is due when it starts: contracts of an earlier version, and what was interrupted.
        changes = -1
        while not self._stop.is_set():
            pause = self._poll
            try:
                work_off(self._library, self._tools, trail=self._trail)
                now = self._library.catalogue.changes
                if changes != now and catch_up(self._library, self._tools, self._stop.is_set):
                    changes = now
                self._library.trouble = ""
            except (StoreUnavailable, StorageFull, ModelUnavailable) as error:
                # Everybody sees it beside the queue; nobody has to do more than put the cause right.
                if self._library.trouble != str(error):
                    logger.warning("The queue waits. %s", error)
                self._library.trouble = str(error)
                pause = self._pause
            except Exception:
                logger.exception("The ingest worker failed and will try again.")
                pause = self._pause
            self._stop.wait(pause)


def _process(
    job: Job,
    library: Library,
    tools: Tools,
    on_progress: Callable[[Job, str, float], None],
    trail: AuditTrail | None,
    line: AssemblyLine,
) -> Work:
    def progress(step: str, share: float) -> bool:
        line.check()
        on_progress(job, step, share)
        return library.jobs.report_progress(job.job_id, step, share)

    def finish(report: FileReport) -> None:
        library.jobs.finish(job.job_id, report if trail is None else _recorded(report, job, trail))

    try:
        report = yield from index_contract(job, library, tools, progress, finish)
    except (StoreUnavailable, StorageFull, Abandoned):
        raise
    except Exception as error:
        # One file must not stop the others; the log has the details, the user gets file and next step.
        logger.exception("Indexing %s failed.", job.contract_id)
        library.discard_staged(job.contract_id)
        reason = (
            f"could not be indexed ({type(error).__name__}). Try again; if it happens again, see the log."
        )
        report = FileReport(job.file_name, FileStatus.REJECTED, job.contract_id, error=reason)
    if report.status is not FileStatus.READY:
        finish(report)
    if report.status in (FileStatus.REJECTED, FileStatus.CANCELLED):
        library.release_original(job.contract_id)


def _recorded(report: FileReport, job: Job, trail: AuditTrail) -> FileReport:
    try:
        trail.indexed(ACTOR, job.contract_id, job.file_name, report.status.value)
    except AuditUnavailable as error:
        # The file is in already, and that it was submitted is in the log; its report says what is not.
        logger.warning("%s", error)
        return replace(report, warnings=(*report.warnings, f"Not in the audit log: {error}"))
    return report
