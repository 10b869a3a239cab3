"""The queue: order, progress, cancelling, and what a crash leaves."""

from pathlib import Path

import pytest

from core.storage.database import CATALOGUE
from core.storage.jobs import FileReport, FileStatus, Jobs, JobState
from core.storage.sqlite_file import Database


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(Database(tmp_path / "catalogue.sqlite3", CATALOGUE))


def test_jobs_are_claimed_once_in_the_order_they_came(jobs: Jobs) -> None:
    first, second = jobs.enqueue("a" * 64, "one.pdf"), jobs.enqueue("b" * 64, "two.pdf")
    claimed = [jobs.claim(), jobs.claim(), jobs.claim()]
    assert [job.job_id if job else None for job in claimed] == [first, second, None]


def test_progress_and_outcome_are_seen_by_everybody(jobs: Jobs, tmp_path: Path) -> None:
    job_id = jobs.enqueue("a" * 64, "one.pdf")
    jobs.claim()
    assert jobs.report_progress(job_id, "encoding", 0.5)
    other_session = Jobs(Database(tmp_path / "catalogue.sqlite3", CATALOGUE))
    seen = other_session.get(job_id)
    assert seen is not None
    assert (seen.state, seen.step, seen.progress, seen.report) == (JobState.RUNNING, "encoding", 0.5, None)
    report = FileReport("one.pdf", FileStatus.READY, "a" * 64, 3, 7, ("Page 2 has no text.",))
    jobs.finish(job_id, report)
    (ended,) = other_session.all()
    assert ended.ended
    assert ended.report == report


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_told(jobs: Jobs) -> None:
    running, waiting = jobs.enqueue("a" * 64, "one.pdf"), jobs.enqueue("b" * 64, "two.pdf")
    jobs.claim()
    jobs.cancel(waiting)
    jobs.cancel(running)
    jobs.cancel(999)
    assert [job.state for job in jobs.all()] == [JobState.CANCELLED, JobState.RUNNING]
    assert not jobs.report_progress(running, "encoding", 0.5)
    assert jobs.claim() is None


def test_an_ended_job_cannot_be_cancelled(jobs: Jobs) -> None:
    job_id = jobs.enqueue("a" * 64, "one.pdf")
    jobs.claim()
    jobs.finish(job_id, FileReport("one.pdf", FileStatus.READY))
    jobs.cancel(job_id)
    job = jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.DONE


def test_an_interrupted_job_is_queued_again_and_its_original_is_needed(jobs: Jobs) -> None:
    job_id = jobs.enqueue("a" * 64, "one.pdf")
    done = jobs.enqueue("b" * 64, "two.pdf")
    jobs.claim()
    jobs.claim()
    jobs.finish(done, FileReport("two.pdf", FileStatus.READY))
    assert jobs.needed_objects() == {"a" * 64}
    assert jobs.requeue_interrupted() == 1
    job = jobs.claim()
    assert job is not None
    assert job.job_id == job_id


def test_clearing_forgets_what_has_ended_only(jobs: Jobs) -> None:
    jobs.finish(jobs.enqueue("a" * 64, "one.pdf"), FileReport("one.pdf", FileStatus.REJECTED, error="empty"))
    waiting = jobs.enqueue("b" * 64, "two.pdf")
    jobs.clear_ended()
    assert [job.job_id for job in jobs.all()] == [waiting]
