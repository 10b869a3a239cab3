"""One file into the library: every outcome, cancelling, and two processes on one data directory."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import RejectedFile, StoreBusy
from core.settings import Settings
from core.storage.jobs import FileStatus, JobState
from core.storage.library import Library
from core.storage.lock import hold
from ingest.collect_files import collect_files
from ingest.index_contract import Tools
from ingest.worker import Worker, work_off
from tests.fakes import WordEncoder, open_test_library

SAMPLES = Path(__file__).parent.parent / "sample_corpus"
NDA = SAMPLES / "meridian_mutual_nda.pdf"


def count_words(text: str) -> int:
    return len(text.split())


@pytest.fixture
def tools() -> Tools:
    return Tools.of(Settings(ocr=False), WordEncoder, count_words)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_test_library(tmp_path)
    yield library
    library.close()


def enqueue(library: Library, content: bytes, name: str) -> int:
    return library.enqueue(content, name)


def outcome(library: Library, job_id: int) -> tuple[FileStatus, str]:
    job = library.jobs.get(job_id)
    assert job is not None
    assert job.report is not None
    return job.report.status, job.report.error


def test_a_contract_becomes_ready_and_the_same_bytes_again_are_a_duplicate(
    library: Library, tools: Tools
) -> None:
    first = enqueue(library, NDA.read_bytes(), "nda.pdf")
    again = enqueue(library, NDA.read_bytes(), "renamed.pdf")
    work_off(library, tools)
    assert outcome(library, first) == (FileStatus.READY, "")
    assert outcome(library, again) == (FileStatus.DUPLICATE, "")
    job = library.jobs.get(again)
    assert job is not None
    assert job.report is not None
    assert job.report.warnings == ("duplicate of nda.pdf",)
    (contract,) = library.catalogue.contracts()
    assert (contract.page_count, contract.file_name) == (6, "nda.pdf")
    text = library.catalogue.text(contract.contract_id)
    chunks = library.catalogue.chunks_of(contract.contract_id)
    assert all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert library.differences() == {"vectors": 0, "keywords": 0}


def test_a_bad_file_is_rejected_with_a_reason_and_leaves_nothing(library: Library, tools: Tools) -> None:
    bad = enqueue(library, b"PK\x03\x04 a word document", "letter.pdf")
    good = enqueue(library, NDA.read_bytes(), "nda.pdf")
    work_off(library, tools)
    status, error = outcome(library, bad)
    assert status is FileStatus.REJECTED
    assert error
    assert outcome(library, good)[0] is FileStatus.READY
    assert list(library.originals.ids()) == [
        contract.contract_id for contract in library.catalogue.contracts()
    ]


def test_cancelling_a_running_job_leaves_nothing(library: Library, tools: Tools) -> None:
    job_id = enqueue(library, NDA.read_bytes(), "nda.pdf")
    work_off(library, tools, lambda job, *_: library.jobs.cancel(job.job_id))
    job = library.jobs.get(job_id)
    assert job is not None
    assert job.state is JobState.CANCELLED
    assert library.catalogue.contracts() == ()
    assert list(library.originals.ids()) == []


def test_an_encoder_that_fails_stops_one_file_and_not_the_queue(library: Library) -> None:
    calls: list[int] = []

    def encoder() -> WordEncoder:
        calls.append(1)
        if len(calls) == 1:
            raise MemoryError
        return WordEncoder()

    tools = Tools.of(Settings(ocr=False), encoder, count_words)
    first = enqueue(library, NDA.read_bytes(), "nda.pdf")
    second = enqueue(library, (SAMPLES / "halden_agency_agreement.pdf").read_bytes(), "halden.pdf")
    work_off(library, tools)
    assert outcome(library, first)[0] is FileStatus.REJECTED
    assert "MemoryError" in outcome(library, first)[1]
    assert outcome(library, second)[0] is FileStatus.READY
    assert len(library.catalogue.contracts()) == 1


def test_the_worker_processes_what_arrives_while_it_runs(library: Library, tools: Tools) -> None:
    worker = Worker(library, tools)
    worker.start()
    job_id = enqueue(library, NDA.read_bytes(), "nda.pdf")
    done = threading.Event()
    while not done.wait(0.05):
        job = library.jobs.get(job_id)
        if job is not None and job.ended:
            done.set()
    worker.stop()
    assert outcome(library, job_id)[0] is FileStatus.READY


def test_a_second_process_learns_who_holds_the_data_directory(tmp_path: Path) -> None:
    with (
        hold(tmp_path, "the app"),
        pytest.raises(StoreBusy, match=r"process \d+ \(the app\)"),
        hold(tmp_path, "proviso ask"),
    ):
        raise AssertionError("two holders")
    with hold(tmp_path, "proviso ask"):
        assert "proviso ask" in (tmp_path / "holder").read_text()


def test_folders_are_searched_and_files_named_outright_are_taken(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.pdf", "inner/a.PDF", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    found = collect_files([tmp_path, tmp_path / "notes.txt", tmp_path / "b.pdf"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["b.pdf", "inner/a.PDF", "notes.txt"]
    with pytest.raises(RejectedFile, match="no such file"):
        collect_files([tmp_path / "missing.pdf"])
