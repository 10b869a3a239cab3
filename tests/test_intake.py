"""The door: what is let in, and what is turned away without being stored."""

from pathlib import Path

import pytest

from core.storage.database import CATALOGUE
from core.storage.jobs import FileStatus, Job, Jobs, JobState
from core.storage.originals import Originals, contract_id_of
from core.storage.sqlite_file import Database
from ingest.intake import Intake, directory_bytes
from ingest.reading.records import ReadLimits

PDF = b"%PDF-1.7 " + b"x" * 91


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(Database(tmp_path / "elsewhere" / "catalogue.sqlite3", CATALOGUE))


def door(originals: Originals, jobs: Jobs, tmp_path: Path, quota: int = 1_000) -> Intake:
    return Intake(tmp_path / "originals", originals, jobs, ReadLimits(max_bytes=100), quota)


def job(jobs: Jobs, number: int) -> Job:
    found = jobs.get(number)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"PK\x03\x04 word/document.xml", "a Word document, another Office file or a ZIP archive"),
        (b"PK\x03\x04 %PDF-1.7", "a ZIP archive"),
        (b"MZ\x90\x00", "a Windows program"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "a web page (HTML)"),
        (b"<svg onload='alert(1)'/>", "a text file"),
        (PDF + b"x", "the file has 101 bytes; the limit is 100"),
    ],
    ids=["empty", "Word", "ZIP around a PDF", "program", "web page", "drawing", "too large"],
)
def test_what_is_turned_away_is_recorded_and_not_stored(
    originals: Originals, jobs: Jobs, tmp_path: Path, content: bytes, reason: str
) -> None:
    refused = job(jobs, door(originals, jobs, tmp_path).add(content, "contract.pdf"))
    assert refused.state is JobState.DONE
    assert refused.report is not None
    assert refused.report.status is FileStatus.REJECTED
    assert reason in refused.report.error
    assert list(originals.ids()) == []
    assert jobs.claim() is None


def test_a_pdf_is_stored_under_its_hash_whatever_its_name(
    originals: Originals, jobs: Jobs, tmp_path: Path
) -> None:
    accepted = job(jobs, door(originals, jobs, tmp_path).add(PDF, "../../etc/passwd"))
    assert (accepted.state, accepted.file_name) == (JobState.QUEUED, "../../etc/passwd")
    assert [path.name for path in (tmp_path / "originals").iterdir()] == [contract_id_of(PDF)]


def test_the_quota_counts_what_is_there_and_what_the_batch_adds(
    originals: Originals, jobs: Jobs, tmp_path: Path
) -> None:
    originals.put(PDF)
    batch = door(originals, jobs, tmp_path, quota=250)
    fits, too_much = (job(jobs, batch.add(PDF[:-1] + end, "a.pdf")) for end in (b"1", b"2"))
    assert fits.state is JobState.QUEUED
    assert too_much.report is not None
    assert "there is no room for this file. Delete contracts or raise" in too_much.report.error


def test_a_file_that_is_too_large_is_not_read(originals: Originals, jobs: Jobs, tmp_path: Path) -> None:
    giant = tmp_path / "giant.pdf"
    with giant.open("wb") as file:
        file.truncate(1 << 40)
    refused = job(jobs, door(originals, jobs, tmp_path).add_file(giant))
    assert refused.report is not None
    assert "the file has 1,099,511,627,776 bytes" in refused.report.error


def test_the_size_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "below" / "b").write_bytes(b"1234")
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    assert directory_bytes(tmp_path) == 3 + 4 + len(str(tmp_path / "nothing"))


def test_every_file_that_comes_to_the_door_is_announced(
    originals: Originals, jobs: Jobs, tmp_path: Path
) -> None:
    told: list[tuple[str, ...]] = []
    limits = ReadLimits(max_bytes=100)
    entrance = Intake(tmp_path, originals, jobs, limits, 1_000_000, lambda *what: told.append(what))
    large = tmp_path / "large.pdf"
    large.write_bytes(PDF + b"x")
    entrance.add(PDF, "good.pdf")
    entrance.add(b"<html>", "page.pdf")
    entrance.add_file(large)
    assert told == [
        (contract_id_of(PDF), "good.pdf", ""),
        (contract_id_of(b"<html>"), "page.pdf", "rejected"),
        ("", "large.pdf", "rejected"),
    ]
