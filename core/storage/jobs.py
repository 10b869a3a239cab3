"""The queue of files waiting to be indexed: survives clicks, reloads and crashes, seen by every session."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum

from core.storage.sqlite_file import Database

_LOCKED = "state = 'done' AND report <> '' AND json_extract(report, '$.needs_password')"


class JobState(StrEnum):
    """Where a job stands; a job that was running when the process died is queued again at the next start."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class FileStatus(StrEnum):
    """What became of one file."""

    READY = "ready"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FileReport:
    """The outcome of one file, as ``proviso ingest --json`` prints it."""

    file: str
    status: FileStatus
    contract_id: str = ""
    pages: int = 0
    chunks: int = 0
    warnings: tuple[str, ...] = ()
    error: str = ""
    needs_password: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One file of the queue; ``progress`` runs from 0 to 1 and ``report`` is there when it has ended."""

    job_id: int
    contract_id: str
    file_name: str
    state: JobState
    step: str
    progress: float
    report: FileReport | None

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.state in (JobState.DONE, JobState.CANCELLED)


class Jobs:
    """The jobs table; safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(self, contract_id: str, file_name: str, keep: Callable[[], None] = lambda: None) -> int:
        """Add a file whose bytes are stored already; returns the job's id.

        ``keep`` is called in the same transaction, to store the bytes again if a deletion has just removed them:
        deletions look for jobs in a transaction too, so from here on they leave the bytes alone.
        """
        with self._database.transaction() as connection:
            keep()
            cursor = connection.execute(
                "INSERT INTO jobs (contract_id, file_name, state) VALUES (?, ?, 'queued')",
                (contract_id, file_name),
            )
        return int(cursor.lastrowid or 0)

    def refuse(self, file_name: str, report: FileReport) -> int:
        """Record a file that was turned away before anything of it was stored; returns the job's id."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO jobs (contract_id, file_name, state, step, progress, report)"
                " VALUES ('', ?, 'done', ?, 1, ?)",
                (file_name, report.status, json.dumps(asdict(report))),
            )
        return int(cursor.lastrowid or 0)

    def claim(self) -> Job | None:
        """Take the oldest waiting job, or None."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE jobs SET state = 'running', step = 'reading' WHERE job_id ="
                " (SELECT min(job_id) FROM jobs WHERE state = 'queued') RETURNING *"
            ).fetchone()
        return None if row is None else _job(row)

    def waiting(self) -> bool:
        """True when a file waits to be indexed."""
        row = self._database.connection.execute(
            "SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1"
        ).fetchone()
        return row is not None

    def report_progress(self, job_id: int, step: str, progress: float) -> bool:
        """Say how far a job is; returns False when somebody asked to cancel it."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE jobs SET step = ?, progress = ? WHERE job_id = ? RETURNING cancel",
                (step, progress, job_id),
            ).fetchone()
        return not row["cancel"]

    def finish(self, job_id: int, report: FileReport) -> None:
        """Record the outcome of a job."""
        state = JobState.CANCELLED if report.status is FileStatus.CANCELLED else JobState.DONE
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, step = ?, progress = 1, report = ? WHERE job_id = ?",
                (state, report.status, json.dumps(asdict(report)), job_id),
            )

    def cancel(self, job_id: int) -> None:
        """Drop a waiting job at once, ask a running one to stop; an ended one stays as it is."""
        self._cancel("job_id = ?", job_id)

    def cancel_all_of(self, contract_id: str) -> None:
        """Cancel every job of a contract, so that a deleted one does not come back."""
        self._cancel("contract_id = ?", contract_id)

    def _cancel(self, which: str, value: object) -> None:
        with self._database.transaction() as connection:
            rows = connection.execute(
                f"UPDATE jobs SET cancel = 1 WHERE {which} RETURNING *",  # noqa: S608 - a constant
                (value,),
            ).fetchall()
            for row in rows:
                if row["state"] == JobState.QUEUED:
                    self.finish(row["job_id"], FileReport(row["file_name"], FileStatus.CANCELLED))

    def requeue_interrupted(self) -> int:
        """Queue again what was running when the last process ended; returns how many."""
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'queued', step = 'waiting', progress = 0 WHERE state = 'running'"
            )
        return cursor.rowcount

    def clear_ended(self) -> None:
        """Forget every job that has ended."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM jobs WHERE state IN ('done', 'cancelled')")

    def retry_locked(self, job: Job) -> int:
        """Queue a file again that a password was given for; returns the new job's id."""
        job_id = self.enqueue(job.contract_id, job.file_name)
        self.drop_locked(job.contract_id)
        return job_id

    def drop_locked(self, contract_id: str) -> None:
        """Forget the jobs that ended because this file needs a password."""
        with self._database.transaction() as connection:
            connection.execute(f"DELETE FROM jobs WHERE contract_id = ? AND {_LOCKED}", (contract_id,))  # noqa: S608

    def locked(self) -> frozenset[str]:
        """Contract ids of the files that wait for a password."""
        rows = self._database.connection.execute(f"SELECT DISTINCT contract_id FROM jobs WHERE {_LOCKED}")  # noqa: S608
        return frozenset(row["contract_id"] for row in rows)

    def all(self) -> tuple[Job, ...]:
        """Every job, newest first."""
        rows = self._database.connection.execute("SELECT * FROM jobs ORDER BY job_id DESC")
        return tuple(_job(row) for row in rows)

    def get(self, job_id: int) -> Job | None:
        """One job, or None."""
        row = self._database.connection.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return None if row is None else _job(row)

    def needed_objects(self) -> frozenset[str]:
        """Contract ids whose stored original a job still needs, or will need once a password is given."""
        return self._objects("WHERE state IN ('queued', 'running') AND cancel = 0") | self.locked()

    def known_objects(self) -> frozenset[str]:
        """Contract ids of every job, ended ones included."""
        return self._objects("")

    def _objects(self, where: str) -> frozenset[str]:
        rows = self._database.connection.execute(f"SELECT DISTINCT contract_id FROM jobs {where}")  # noqa: S608
        return frozenset(row["contract_id"] for row in rows)


def _job(row: sqlite3.Row) -> Job:
    return Job(
        row["job_id"],
        row["contract_id"],
        row["file_name"],
        JobState(row["state"]),
        row["step"],
        row["progress"],
        _report(row["report"]) if row["report"] else None,
    )


def _report(stored: str) -> FileReport:
    fields = json.loads(stored)
    return FileReport(
        fields["file"],
        FileStatus(fields["status"]),
        fields["contract_id"],
        fields["pages"],
        fields["chunks"],
        tuple(fields["warnings"]),
        fields["error"],
        fields.get("needs_password", False),
    )
