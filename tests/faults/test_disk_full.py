"""A full disk at each step: a clear message, nothing lost, and all goes on when there is room again."""

import errno
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.errors import StorageFull
from core.storage.edge_vectors import EdgeVectors
from core.storage.jobs import FileStatus
from core.storage.library import Library
from core.storage.local_vectors import open_local_vectors
from core.storage.lock import hold
from core.storage.open_vectors import open_or_replace_vectors
from core.storage.qdrant_vectors import QdrantVectors
from ingest.worker import Worker, work_off
from tests.fakes import WordEncoder, add_contract, local_mode, open_test_library
from tests.faults.victim import tools
from tests.pdf_samples import text_pdf

CLAUSES = [f"Clause {number}: late delivery costs one percent a day." for number in range(40)]
LINES = [
    f"{number}. The fee is due within thirty days of the invoice of lot {number}." for number in range(1, 40)
]
PDF = text_pdf(["SUPPLY AGREEMENT", *LINES])
Patch = pytest.MonkeyPatch


def catalogue_full(library: Library, patch: Patch) -> None:
    """SQLite's own answer to a full disk, from a limit on the size of the file, for every thread."""
    library.catalogue.database.connection.execute("PRAGMA max_page_count = 1")
    real_connect = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real_connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    patch.setattr(sqlite3, "connect", connect)


def vectors_full(library: Library, patch: Patch) -> None:
    """No room for the engine's files, or SQLite's own answer in local mode."""
    nothing_left = shutil.disk_usage("/")._replace(free=0)
    patch.setattr(shutil, "disk_usage", lambda path: nothing_left)  # noqa: ARG005
    for connection in vector_connections(library):
        connection.execute("PRAGMA max_page_count = 1")


def vector_connections(library: Library) -> list[sqlite3.Connection]:
    vectors: Any = library._vectors
    if isinstance(vectors, EdgeVectors):
        return []
    return [collection.storage.storage for collection in vectors._client._client.collections.values()]


def no_sync_in(folder: str) -> Callable[[Library, Patch], None]:
    def fill(library: Library, patch: Patch) -> None:  # noqa: ARG001
        real_fsync = os.fsync

        def fsync(handle: int) -> None:
            if f"/{folder}/" in os.readlink(f"/proc/self/fd/{handle}"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real_fsync(handle)

        patch.setattr(os, "fsync", fsync)

    return fill


def make_room(library: Library, patch: Patch) -> None:
    patch.undo()
    library.catalogue.database.connection.execute("PRAGMA max_page_count = 1000000")
    for connection in vector_connections(library):
        connection.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture(
    params=[pytest.param(open_or_replace_vectors, id="edge"), pytest.param(local_mode, id="local mode")]
)
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    library = open_test_library(tmp_path, opener=request.param)
    add_contract(library, "Lease", CLAUSES)
    yield library
    library.close()


def ready(library: Library) -> list[str]:
    return [contract.file_name for contract in library.catalogue.contracts()]


def test_an_original_that_does_not_fit_is_refused_and_leaves_nothing(
    library: Library, monkeypatch: Patch
) -> None:
    before = set(library.originals.ids())
    no_sync_in("originals")(library, monkeypatch)
    with pytest.raises(StorageFull, match="disk is full"):
        library.enqueue(PDF, "supply.pdf")
    assert set(library.originals.ids()) == before
    assert library.originals.partial() == ()
    assert library.jobs.all() == ()
    make_room(library, monkeypatch)
    library.enqueue(PDF, "supply.pdf")
    work_off(library, tools())
    assert ready(library) == ["Lease.pdf", "supply.pdf"]


@pytest.mark.parametrize(
    "fill", [pytest.param(catalogue_full, id="catalogue"), pytest.param(vectors_full, id="Qdrant")]
)
def test_a_queued_file_waits_for_room_and_is_not_lost(
    library: Library, monkeypatch: Patch, fill: Callable[[Library, Patch], None]
) -> None:
    job_id = library.enqueue(PDF, "supply.pdf")
    fill(library, monkeypatch)
    with pytest.raises(StorageFull, match="disk is full"):
        work_off(library, tools())
    assert ready(library) == ["Lease.pdf"]
    make_room(library, monkeypatch)
    work_off(library, tools())
    assert ready(library) == ["Lease.pdf", "supply.pdf"]
    assert library.differences() == {"vectors": 0, "keywords": 0}
    job = library.jobs.get(job_id)
    assert job is not None
    assert job.report is not None
    assert job.report.status is FileStatus.READY


def test_a_file_prepared_before_qdrant_was_full_is_not_encoded_again(
    library: Library, monkeypatch: Patch
) -> None:
    library.enqueue(PDF, "supply.pdf")
    vectors_full(library, monkeypatch)
    with pytest.raises(StorageFull):
        work_off(library, tools())
    make_room(library, monkeypatch)

    def no_encoder() -> WordEncoder:
        raise AssertionError("encoded again")

    work_off(library, tools(no_encoder))
    assert ready(library) == ["Lease.pdf", "supply.pdf"]


def test_a_keyword_index_that_does_not_fit_is_built_at_the_next_start(
    library: Library, monkeypatch: Patch, tmp_path: Path
) -> None:
    no_sync_in("bm25")(library, monkeypatch)
    library.enqueue(PDF, "supply.pdf")
    work_off(library, tools())
    library.close()
    assert list((tmp_path / "bm25").glob("*.tmp")) == []
    monkeypatch.undo()
    again = open_test_library(tmp_path)
    assert ready(again) == ["Lease.pdf", "supply.pdf"]
    assert again.differences() == {"vectors": 0, "keywords": 0}
    again.close()


def test_a_deletion_that_qdrant_has_no_room_for_is_finished_later(
    library: Library, monkeypatch: Patch
) -> None:
    (contract,) = library.catalogue.contracts()
    vectors_full(library, monkeypatch)
    if not isinstance(vectors := library._vectors, EdgeVectors):
        # Deleting frees pages within SQLite's file, so the limit alone does not stop it.
        assert isinstance(vectors, QdrantVectors)
        monkeypatch.setattr(vectors._client, "delete", _refuse)
    with pytest.raises(StorageFull, match="is deleted and shown nowhere"):
        library.delete(contract.contract_id)
    assert ready(library) == []
    make_room(library, monkeypatch)
    assert library.finish_deletions() == 1
    assert list(library.originals.ids()) == []
    assert library.differences() == {"vectors": 0, "keywords": 0}


def test_the_worker_says_why_it_waits_and_goes_on_by_itself(library: Library, monkeypatch: Patch) -> None:
    job_id = library.enqueue(PDF, "supply.pdf")
    vectors_full(library, monkeypatch)
    worker = Worker(library, tools(), poll=0.01, pause=0.01)
    worker.start()
    try:
        _until(lambda: bool(library.trouble))
        assert "disk is full" in library.trouble
        make_room(library, monkeypatch)
        _until(lambda: (job := library.jobs.get(job_id)) is not None and job.ended)
        _until(lambda: not library.trouble)
    finally:
        worker.stop()
    assert ready(library) == ["Lease.pdf", "supply.pdf"]


def test_a_meta_file_of_no_bytes_left_by_a_full_disk_blocks_no_later_start(tmp_path: Path) -> None:
    (tmp_path / "qdrant").mkdir()
    (tmp_path / "qdrant" / "meta.json").write_bytes(b"")
    library = open_test_library(tmp_path, opener=local_mode)
    assert add_contract(library, "Lease", CLAUSES)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    library.close()


def test_a_full_disk_is_not_taken_for_a_damaged_store(tmp_path: Path, monkeypatch: Patch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.storage.qdrant_vectors.QdrantClient", full)
    with pytest.raises(StorageFull):
        open_local_vectors(tmp_path / "qdrant", "chunks")


def test_the_holder_of_the_library_starts_without_room_for_its_name(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with hold(tmp_path, "the app"):
        assert (tmp_path / "lock").exists()


def test_a_quota_that_is_used_up_is_found_before_the_engine_meets_it(
    tmp_path: Path, monkeypatch: Patch
) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Lease", CLAUSES)
    library.settle()

    def over_quota(*_: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(os, "posix_fallocate", over_quota)
    with pytest.raises(StorageFull, match="quota"):
        add_contract(library, "Other", CLAUSES)
    monkeypatch.undo()
    library.close()
    library = open_test_library(tmp_path)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    library.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 200 MiB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("only root may mount a file system")
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield place
    subprocess.run([umount, "-l", str(place)], check=True)


@pytest.mark.parametrize("room", [0, 60_000, 400_000, 90_000_000])
def test_a_really_full_disk_loses_nothing(small_disk: Path, room: int) -> None:
    directory, ballast = small_disk / "library", small_disk / "ballast"
    library = open_test_library(directory)
    lease = add_contract(library, "Lease", CLAUSES)
    job_id = library.enqueue(PDF, "supply.pdf")
    _fill(ballast, room)
    with suppress(StorageFull):
        work_off(library, tools())
    with suppress(StorageFull):
        add_contract(library, "Other", CLAUSES * 4)
    ballast.unlink()
    library.close()
    library = open_test_library(directory)
    work_off(library, tools())
    assert {"Lease.pdf", "supply.pdf"} <= set(ready(library)) <= {"Lease.pdf", "supply.pdf", "Other.pdf"}
    assert library.differences() == {"vectors": 0, "keywords": 0}
    assert library.originals.intact(lease)
    assert (job := library.jobs.get(job_id)) is not None
    assert job.ended
    library.close()


def test_a_library_that_cannot_be_opened_on_a_full_disk_says_so_and_opens_later(small_disk: Path) -> None:
    library = open_test_library(small_disk / "library")
    add_contract(library, "Lease", CLAUSES)
    library.close()
    _fill(small_disk / "ballast", 0)
    for name in ("library", "new"):
        with pytest.raises(StorageFull, match="disk is full"):
            open_test_library(small_disk / name)
    (small_disk / "ballast").unlink()
    library = open_test_library(small_disk / "library")
    assert ready(library) == ["Lease.pdf"]
    assert library.recovered == ()
    library.close()


def _fill(ballast: Path, room: int) -> None:
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    os.truncate(ballast, max(0, ballast.stat().st_size - room))


def _refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        threading.Event().wait(0.01)
