"""Two at once: the same file twice, a deletion during a question or an indexing, two processes on one library."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import StoreBusy
from core.records import Inquiry
from core.settings import Settings
from core.storage.jobs import FileReport, FileStatus, JobState
from core.storage.library import Library, enqueue
from core.storage.lock import hold
from core.storage.originals import Originals
from ingest.add_files import add_files
from ingest.worker import Worker, work_off
from tests.fakes import WordEncoder, add_contract, open_test_library, retrieve_hybrid
from tests.faults.victim import tools
from tests.pdf_samples import text_pdf

CLAUSES = [f"Clause {number}: late delivery costs one percent a day." for number in range(30)]
PDF = text_pdf(["SUPPLY AGREEMENT", "1. The fee is due within thirty days.", "2. The law of Ohio governs."])
BAD = b"no PDF at all"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_test_library(tmp_path)
    yield library
    library.close()


def outcomes(library: Library) -> list[tuple[str, FileStatus | None]]:
    return [
        (job.file_name, job.report.status if job.report else None) for job in reversed(library.jobs.all())
    ]


def test_the_same_file_stored_by_eight_threads_at_once_is_whole(tmp_path: Path) -> None:
    content = PDF * 300
    originals = Originals(tmp_path)
    start = threading.Barrier(8)

    def put(_: int) -> str:
        start.wait()
        return originals.put(content)

    with ThreadPoolExecutor(8) as threads:
        (contract_id,) = set(threads.map(put, range(8)))
    assert originals.get(contract_id) == content
    assert originals.partial() == ()


def test_the_same_file_twice_and_renamed_is_one_contract(library: Library) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda name: library.enqueue(PDF, name), ["supply.pdf", "renamed.pdf"]))
    work_off(library, tools())
    assert sorted(status for _, status in outcomes(library) if status) == ["duplicate", "ready"]
    assert len(library.catalogue.contracts()) == 1


def test_the_same_bad_file_twice_is_rejected_twice_for_the_same_reason(library: Library) -> None:
    for name in ("one.pdf", "two.pdf"):
        library.enqueue(BAD, name)
    work_off(library, tools())
    first, second = (job.report for job in library.jobs.all())
    assert first is not None
    assert second is not None
    assert first.status is second.status is FileStatus.REJECTED
    assert first.error == second.error
    assert list(library.originals.ids()) == []


def test_cancelling_one_of_two_equal_files_leaves_the_other(library: Library) -> None:
    first = library.enqueue(PDF, "one.pdf")
    library.enqueue(PDF, "two.pdf")

    def cancel(job_id: int) -> None:
        if job_id == first:
            library.jobs.cancel(first)

    work_off(library, tools(), lambda job, *_: cancel(job.job_id))
    assert outcomes(library) == [("one.pdf", FileStatus.CANCELLED), ("two.pdf", FileStatus.READY)]


def test_a_deletion_cancels_waiting_files_of_the_same_content(library: Library) -> None:
    library.enqueue(PDF, "supply.pdf")
    work_off(library, tools())
    library.enqueue(PDF, "again.pdf")
    (contract,) = library.catalogue.contracts()
    library.delete(contract.contract_id)
    work_off(library, tools())
    assert outcomes(library) == [("supply.pdf", FileStatus.READY), ("again.pdf", FileStatus.CANCELLED)]
    assert library.catalogue.contracts() == ()
    assert list(library.originals.ids()) == []


def test_bytes_removed_between_storing_and_queueing_are_stored_again(
    library: Library, tmp_path: Path
) -> None:
    class Interrupted(Originals):
        def put(self, content: bytes) -> str:
            contract_id = super().put(content)
            self.remove(contract_id)
            return contract_id

    enqueue(PDF, "supply.pdf", Interrupted(tmp_path / "originals"), library.jobs)
    work_off(library, tools())
    assert outcomes(library) == [("supply.pdf", FileStatus.READY)]


class MeddlingEncoder(WordEncoder):
    """Does something in the middle of encoding."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        self._meddle = meddle

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._meddle()
        return super().encode(texts)


def test_a_contract_deleted_while_it_is_indexed_again_stays_deleted(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    library.enqueue(PDF, "supply.pdf")
    work_off(library, tools())
    (contract,) = library.catalogue.contracts()
    library.close()
    library = open_test_library(tmp_path, fingerprint="other")
    work_off(library, tools(lambda: MeddlingEncoder(lambda: library.delete(contract.contract_id))))
    assert library.catalogue.contracts() == ()
    assert library.differences() == {"vectors": 0, "keywords": 0}
    assert list(library.originals.ids()) == []
    assert outcomes(library)[-1] == ("supply.pdf", FileStatus.CANCELLED)
    library.close()


def test_a_failure_while_indexing_again_loses_nothing(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    library.enqueue(PDF, "supply.pdf")
    work_off(library, tools())
    library.close()

    def fail() -> None:
        raise MemoryError

    library = open_test_library(tmp_path, fingerprint="other")
    work_off(library, tools(lambda: MeddlingEncoder(fail)))
    assert outcomes(library)[-1] == ("supply.pdf", FileStatus.REJECTED)
    library.close()
    library = open_test_library(tmp_path, fingerprint="other")
    assert [contract.file_name for contract in library.catalogue.contracts()] == ["supply.pdf"]
    work_off(library, tools())
    assert outcomes(library)[-1] == ("supply.pdf", FileStatus.READY)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    library.close()


def test_a_file_whose_process_died_right_after_it_was_ready_is_no_duplicate_of_itself(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = library.enqueue(PDF, "supply.pdf")
    published = library.catalogue.publish

    def publish_and_look(contract_id: str) -> None:
        published(contract_id)
        assert library.catalogue.database.connection.in_transaction

    monkeypatch.setattr(library.catalogue, "publish", publish_and_look)
    work_off(library, tools())
    job = library.jobs.get(job_id)
    assert job is not None
    assert job.report is not None
    assert (job.state, job.report.status) == (JobState.DONE, FileStatus.READY)


def test_questions_during_deletions_never_fail_and_never_show_what_was_deleted_before(
    library: Library,
) -> None:
    doomed = [add_contract(library, f"Supply {number}", CLAUSES) for number in range(4)]
    kept = add_contract(library, "Lease", CLAUSES)
    deleted: set[str] = set()
    over = threading.Event()

    def ask() -> int:
        asked = 0
        while not over.is_set() or asked == 0:
            before = frozenset(deleted)
            found = retrieve_hybrid(
                Inquiry("What does late delivery cost?"), library.snapshot(), WordEncoder()
            )
            contracts = {one.chunk.contract_id for one in found}
            assert kept in contracts
            assert not contracts & before
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as threads:
        askers = [threads.submit(ask) for _ in range(3)]
        try:
            for contract_id in doomed:
                library.delete(contract_id)
                deleted.add(contract_id)
        finally:
            over.set()
        assert all(asker.result() > 0 for asker in askers)


def test_a_second_process_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from core.storage.lock import hold\n"
        "with hold(Path(sys.argv[1]), 'the app'):\n    print('held', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with pytest.raises(StoreBusy, match=rf"process {first.pid} \(the app\)"), hold(tmp_path, "another app"):
        raise AssertionError("two holders")
    first.kill()
    first.communicate()
    with hold(tmp_path, "another app"):
        pass


def test_the_command_hands_its_files_to_the_process_that_holds_the_library(tmp_path: Path) -> None:
    file, bad = tmp_path / "supply.pdf", tmp_path / "bad.pdf"
    file.write_bytes(PDF)
    bad.write_bytes(BAD)
    directory = tmp_path / "data"
    said: list[FileReport] = []
    with hold(directory, "the app"):
        library = open_test_library(directory)
        worker = Worker(library, tools(), poll=0.01)
        worker.start()
        reports = add_files([file, bad], Settings(data_dir=directory), on_report=said.append)
        worker.stop()
        assert [contract.file_name for contract in library.catalogue.contracts()] == ["supply.pdf"]
        library.close()
    assert {Path(one.file).name: one.status for one in reports} == {
        "supply.pdf": FileStatus.READY,
        "bad.pdf": FileStatus.REJECTED,
    }
    assert said == list(reports)


def test_a_command_whose_finished_job_was_cleared_in_the_app_still_ends(tmp_path: Path) -> None:
    file = tmp_path / "supply.pdf"
    file.write_bytes(PDF)
    directory = tmp_path / "data"
    with hold(directory, "the app"):
        library = open_test_library(directory)
        over = threading.Event()

        def work_and_clear() -> None:
            while not over.wait(0.01):
                work_off(library, tools())
                library.jobs.clear_ended()

        worker = threading.Thread(target=work_and_clear)
        worker.start()
        (report,) = add_files([file], Settings(data_dir=directory))
        over.set()
        worker.join()
        library.close()
    assert report.status is FileStatus.READY
