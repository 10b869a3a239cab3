"""A library whose vectors lie on a Qdrant server, while that server plays every fault."""

import logging
import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import StoreUnavailable
from core.records import Inquiry
from core.settings import Settings
from core.storage.catalogue import Catalogue
from core.storage.database import CATALOGUE
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.originals import Originals
from core.storage.qdrant_vectors import open_server
from core.storage.sqlite_file import Database
from tests.fakes import DIMENSION, WordEncoder, add_contract, open_test_library, retrieve_hybrid
from tests.stub_qdrant import Collection, Fault, StubQdrant, refuses

KEY = "qd-secret-0123456789abcdef"
CLAUSES = ["Late delivery costs one percent a day.", "Notices go by post.", "The law of Ohio governs."]
QUESTION = Inquiry("What does late delivery cost under the law?")


def opened(directory: Path, stub: StubQdrant) -> Library:
    settings = Settings(qdrant_url=stub.url, qdrant_api_key=SecretStr(f"{KEY}\n"), qdrant_timeout=1)
    database = Database(directory / "catalogue.sqlite3", CATALOGUE)
    library = Library(
        Catalogue(database),
        Jobs(database),
        Originals(directory / "originals"),
        open_server(settings, "chunks_test"),
        directory / "bm25" / "test.json",
        "test",
    )
    library.recover()
    return library


def ranked(library: Library) -> list[tuple[str, int | None, int | None]]:
    return [
        (
            one.chunk.chunk_id,
            one.dense.rank if one.dense else None,
            one.bm25.rank if one.bm25 else None,
        )
        for one in retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())
    ]


def failure_of(library: Library) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as caught:
        ranked(library)
    return caught.value


def assert_no_key(error: StoreUnavailable, caplog: pytest.LogCaptureFixture) -> None:
    assert KEY not in "".join(traceback.format_exception(error)) + repr(vars(error)) + caplog.text
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_server_gives_the_ranking_of_local_mode(tmp_path: Path) -> None:
    local = open_test_library(tmp_path / "local")
    with StubQdrant() as stub:
        remote = opened(tmp_path / "remote", stub)
        for library in (local, remote):
            add_contract(library, "Supply", CLAUSES)
            add_contract(library, "Lease", ["Rent is due late.", "Ohio law governs the lease."])
        assert ranked(remote) == ranked(local)
        assert stub.keys == {KEY}


PAGE = b"<html><body>Sign in to the proxy</body></html>"
FAULTS: dict[str, tuple[Fault, str, str]] = {
    "401 that repeats the key": (refuses(401, f"bad key {KEY}"), "does not accept the API key", "API_KEY"),
    "403": (refuses(403), "does not accept the API key (403)", "API_KEY"),
    "404": (refuses(404), "no such collection or address", "PROVISO_QDRANT_URL"),
    "429": (refuses(429), "refuses the request (429)", "doctor"),
    "500 that repeats the key": (refuses(500, f"panic: {KEY}"), "is in trouble (500)", "once it is back"),
    "web page": (Fault(200, (PAGE,), "text/html"), "something else than Qdrant answers", "proxy"),
    "web page with 502": (Fault(502, (PAGE,), "text/html"), "is in trouble (502)", "once it is back"),
    "empty object": (Fault(200, (b"{}",)), "something else than Qdrant answers", "proxy"),
    "JSON of another shape": (Fault(200, (b"[1, 2]",)), "something else than Qdrant answers", "proxy"),
    "silent": (Fault(wait=30.0), "no answer within 1 seconds", "PROVISO_QDRANT_TIMEOUT"),
    "a byte now and then": (Fault(200, (b" ",) * 100, pause=0.4), "no answer within 1 seconds", "TIMEOUT"),
    "a redirect": (Fault(302, (PAGE,), "text/html"), "refuses the request (302)", "doctor"),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "reason", "next_step"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_says_that_search_is_unavailable_and_passes_without_a_restart(
    fault: Fault, reason: str, next_step: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        before = ranked(library)
        stub.fault = fault
        asked = len(stub.requests)
        error = failure_of(library)
        assert len(stub.requests) - asked <= 3
        stub.fault = None

        assert "search is unavailable" in error.reason
        assert reason in error.reason
        assert next_step in error.next_step
        assert stub.url in error.subject
        assert [one.profile.title for one in library.catalogue.contracts()] == ["Supply"]
        assert_no_key(error, caplog)
        assert ranked(library) == before


def test_a_server_that_is_down_at_the_start_keeps_nothing_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        before = ranked(library)
        library.close()
        stub.stop()

        library = opened(tmp_path, stub)
        assert [one.profile.title for one in library.catalogue.contracts()] == ["Supply"]
        error = failure_of(library)
        assert "cannot be reached" in error.reason
        assert_no_key(error, caplog)

        stub.start()
        assert ranked(library) == before


@pytest.mark.parametrize("lost", ["the collection", "one vector", "the collection, while it was asked"])
def test_what_a_server_lost_is_refilled_before_the_next_search(tmp_path: Path, lost: str) -> None:
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        add_contract(library, "Lease", ["Rent is due late.", "Ohio law governs the lease."])
        before = ranked(library)
        if lost == "one vector":
            stub.collections["chunks_test"].points.popitem()
        else:
            stub.collections.clear()
        if lost.endswith("asked"):
            stub.stop()
            failure_of(library)
            stub.start()
        assert ranked(library) == before
        assert stub.held == 5


def test_a_collection_of_another_dimension_is_made_anew(tmp_path: Path) -> None:
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        before = ranked(library)
        ids = list(stub.collections["chunks_test"].points)
        stub.collections["chunks_test"] = Collection(3, {one: ([1.0, 0.0, 0.0], "") for one in ids})
        assert ranked(library) == before
        assert stub.collections["chunks_test"].size == DIMENSION


def test_a_fault_that_passes_is_not_seen(tmp_path: Path) -> None:
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        before = ranked(library)
        stub.fault = refuses(503, times=2)
        assert ranked(library) == before
        assert stub.fault is None


def test_a_contract_deleted_while_the_server_is_away_never_shows_again(tmp_path: Path) -> None:
    with StubQdrant() as stub:
        library = opened(tmp_path, stub)
        kept = add_contract(library, "Lease", ["Rent is due late."])
        gone = add_contract(library, "Supply", CLAUSES)
        stub.stop()
        with pytest.raises(StoreUnavailable):
            library.delete(gone)
        assert [one.contract_id for one in library.catalogue.contracts()] == [kept]
        stub.start()
        found = retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())
        assert {one.chunk.contract_id for one in found} == {kept}
        library.close()
        library = opened(tmp_path, stub)
        assert stub.held == 1
        assert list(library.originals.ids()) == [kept]
