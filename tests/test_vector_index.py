"""The dense leg's store, whichever engine keeps it: order, scope, and what happens when Qdrant does not answer."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import SecretStr

from core.errors import StoreNotClosed, StoreUnavailable
from core.settings import Settings
from core.storage.edge_vectors import EdgeVectors
from core.storage.local_vectors import open_local_vectors
from core.storage.open_vectors import EDGE_MODULE, engine_name, open_vectors
from core.storage.qdrant_vectors import QdrantVectors, open_server
from core.storage.vector_index import VectorIndex

ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64
EAST = np.asarray([1.0, 0.0], dtype=np.float32)
Engine = Callable[[Path, str], VectorIndex]
ENGINES = [pytest.param(EdgeVectors, id="edge"), pytest.param(open_local_vectors, id="local mode")]


def chunk_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def towards(*degrees: float) -> NDArray[np.float32]:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def index(tmp_path: Path, engine: Engine) -> Iterator[VectorIndex]:
    index = engine(tmp_path, "chunks")
    unit = np.asarray([[1.0, 0.0], [0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
    index.upsert(ONE, [chunk_id(3), chunk_id(2), chunk_id(1)], unit)
    index.upsert(TWO, [chunk_id(4)], np.asarray([[0.0, 1.0]], dtype=np.float32))
    yield index
    index.close()


def test_the_nearest_come_first_and_ties_go_by_id(index: VectorIndex) -> None:
    hits = index.search(EAST, 3)
    assert [(hit.chunk_id, hit.rank) for hit in hits] == [
        (chunk_id(3), 1),
        (chunk_id(1), 2),
        (chunk_id(2), 3),
    ]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.6, 0.6])


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        pytest.param([TWO], [4], id="one of two"),
        pytest.param([ONE, TWO], [3, 1, 2, 4], id="all"),
        pytest.param([TWO, THREE], [4], id="one that is not there"),
        pytest.param([THREE], [], id="only one that is not there"),
        pytest.param([], [], id="none"),
    ],
)
def test_search_stays_in_its_scope(index: VectorIndex, scope: list[str], found: list[int]) -> None:
    assert [hit.chunk_id for hit in index.search(EAST, 10, scope)] == [chunk_id(one) for one in found]


def test_a_scope_of_all_but_one_contract_leaves_that_one_out(tmp_path: Path, engine: Engine) -> None:
    index = engine(tmp_path, "chunks")
    contracts = [f"{number:064x}" for number in range(5)]
    for number, contract_id in enumerate(contracts):
        index.upsert(contract_id, [chunk_id(number)], towards(10.0 * number))
    hits = index.search(EAST, 10, [one for one in contracts if one != contracts[1]])
    assert [hit.chunk_id for hit in hits] == [chunk_id(number) for number in (0, 2, 3, 4)]
    index.close()


def test_writing_again_changes_nothing_and_deleting_takes_one_contract(index: VectorIndex) -> None:
    index.upsert(TWO, [chunk_id(4)], np.asarray([[0.0, 1.0]], dtype=np.float32))
    assert index.chunk_ids() == {chunk_id(number) for number in (1, 2, 3, 4)}
    assert index.count() == 4
    index.delete(ONE)
    assert index.chunk_ids() == {chunk_id(4)}
    index.discard([chunk_id(4)])
    assert index.chunk_ids() == set()
    assert index.search(EAST, 10) == ()


def test_what_is_stored_can_be_read_back(index: VectorIndex) -> None:
    (page,) = index.points()
    assert {point.chunk_id: point.contract_id for point in page} == {
        chunk_id(1): ONE,
        chunk_id(2): ONE,
        chunk_id(3): ONE,
        chunk_id(4): TWO,
    }
    (vector,) = (point.vector for point in page if point.chunk_id == chunk_id(2))
    assert vector.tolist() == pytest.approx([0.6, 0.8])


def test_a_collection_that_does_not_exist_yet_is_empty(tmp_path: Path, engine: Engine) -> None:
    index = engine(tmp_path, "chunks")
    assert index.search(EAST, 10) == ()
    assert index.chunk_ids() == set()
    assert list(index.points()) == []
    assert index.count() == 0
    index.delete(ONE)
    index.close()


def test_the_hundred_nearest_of_two_thousand_are_those_of_the_exact_product(
    tmp_path: Path, engine: Engine
) -> None:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(2000, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    question = vectors[7]
    index = engine(tmp_path, "chunks")
    for number in range(20):
        some = range(number * 100, number * 100 + 100)
        index.upsert(f"{number:064x}", [chunk_id(one) for one in some], vectors[some.start : some.stop])
    product = vectors.astype(np.float64) @ question
    # 100 points of one contract, and 300 of three, are the two ways to leave out the rest.
    for contracts in (None, range(3), range(1, 20), range(3, 20)):
        within = (
            np.arange(2000)
            if contracts is None
            else np.concatenate([range(c * 100, c * 100 + 100) for c in contracts])
        )
        exact = within[np.argsort(-product[within])][:100]
        scope = None if contracts is None else [f"{one:064x}" for one in contracts]
        assert [hit.chunk_id for hit in index.search(question, 100, scope)] == [
            chunk_id(one) for one in exact
        ]
    index.close()


def test_vectors_of_another_length_take_the_place_of_the_old_ones(tmp_path: Path) -> None:
    index = EdgeVectors(tmp_path, "chunks")
    index.upsert(ONE, [chunk_id(1)], towards(0.0))
    index.upsert(ONE, [chunk_id(2)], np.ones((1, 3), dtype=np.float32))
    assert index.chunk_ids() == {chunk_id(2)}
    assert index.search(np.ones(3, dtype=np.float32), 10, [ONE])[0].score == pytest.approx(1.0)
    index.close()


def test_questions_and_writing_at_once_never_fail_and_never_leave_their_scope(tmp_path: Path) -> None:
    index = EdgeVectors(tmp_path, "chunks")
    kept = [f"{number:064x}" for number in range(4)]
    for number, contract_id in enumerate(kept):
        index.upsert(contract_id, [chunk_id(number)], towards(10.0 * number))
    over = threading.Event()

    def ask() -> int:
        asked = 0
        while not over.is_set() or asked == 0:
            found = {hit.chunk_id for hit in index.search(EAST, 100, kept)}
            assert found == {chunk_id(number) for number in range(4)}
            asked += 1
        return asked

    with ThreadPoolExecutor(3) as threads:
        askers = [threads.submit(ask) for _ in range(3)]
        try:
            for number in range(10, 30):
                index.upsert(f"{number:064x}", [chunk_id(number)], towards(1.0))
                if number % 2:
                    index.delete(f"{number:064x}")
                if number % 10 == 0:
                    index.settle()
        finally:
            over.set()
        assert all(asker.result() > 0 for asker in askers)
    assert index.count() == 4 + 10
    index.close()


def test_a_closed_store_is_an_error_and_no_empty_result(index: VectorIndex) -> None:
    index.close()
    with pytest.raises(StoreUnavailable):
        index.search(EAST, 10)


def test_a_store_that_was_closed_has_everything_and_one_that_was_not_is_never_opened(tmp_path: Path) -> None:
    index = EdgeVectors(tmp_path, "chunks")
    index.upsert(ONE, [chunk_id(1)], towards(0.0))
    index.close()
    index = EdgeVectors(tmp_path, "chunks")
    assert [hit.chunk_id for hit in index.search(EAST, 10, [ONE])] == [chunk_id(1)]
    index.upsert(TWO, [chunk_id(2)], towards(90.0))
    index._lock.release()  # as the system does when a process is killed
    with pytest.raises(StoreNotClosed):
        EdgeVectors(tmp_path, "chunks")
    index.close()


def test_what_is_settled_outlives_a_kill(tmp_path: Path) -> None:
    index = EdgeVectors(tmp_path, "chunks")
    index.upsert(ONE, [chunk_id(1)], towards(0.0))
    index.settle()
    index._lock.release()
    again = EdgeVectors(tmp_path, "chunks")
    assert again.chunk_ids() == {chunk_id(1)}
    again.close()


def test_the_space_of_deleted_contracts_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(3000, 64)).astype(np.float32)
    # Of length 1 exactly, so that it is stored as it is.
    vectors[5] = [0.5] * 4 + [0.0] * 60
    secret = vectors[5].tobytes()
    index = EdgeVectors(tmp_path, "chunks")
    for number in range(3):
        some = [chunk_id(number * 1000 + one) for one in range(1000)]
        index.upsert(f"{number:064x}", some, vectors[number * 1000 : number * 1000 + 1000])
    index.delete(f"{0:064x}")
    index.close()
    assert holds(tmp_path, secret)
    index = EdgeVectors(tmp_path, "chunks")
    index.close()
    assert not holds(tmp_path, secret)
    index = EdgeVectors(tmp_path, "chunks")
    assert index.count() == 2000
    assert index.search(vectors[1500], 1, [f"{1:064x}"])[0].chunk_id == chunk_id(1500)
    index.close()


def holds(directory: Path, content: bytes) -> bool:
    return any(content in path.read_bytes() for path in directory.rglob("*") if path.is_file())


class PanicException(BaseException):
    pass


def test_a_panic_of_the_engine_is_an_error_like_others_and_the_store_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EdgeVectors(tmp_path, "chunks")
    index.upsert(ONE, [chunk_id(1)], towards(0.0))

    class Panicking:
        def query(self, request: object) -> None:
            raise PanicException(request)

        def close(self) -> None:
            pass

    monkeypatch.setattr(index, "_shard", Panicking())
    with pytest.raises(StoreUnavailable, match="PanicException"):
        index.search(EAST, 10)
    index.close()
    with pytest.raises(StoreNotClosed):
        EdgeVectors(tmp_path, "chunks")


def test_where_the_engine_has_no_build_local_mode_is_used_and_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, EDGE_MODULE)
    monkeypatch.setitem(sys.modules, "qdrant_edge", None)
    assert "local mode" in engine_name(Settings())
    index = open_vectors(Settings(), tmp_path, "chunks")
    assert isinstance(index, QdrantVectors)
    assert not index.remote
    assert "qdrant-edge-py cannot be used on this machine" in caplog.text
    index.close()


def test_a_server_that_is_down_is_an_error_and_no_empty_result() -> None:
    settings = Settings(
        qdrant_url="http://127.0.0.1:9", qdrant_api_key=SecretStr("secret-key\n"), qdrant_timeout=1
    )
    index = open_server(settings, "chunks")
    with pytest.raises(StoreUnavailable, match="search is unavailable") as caught:
        index.search(EAST, 10)
    assert "secret-key" not in str(caught.value)


def test_a_damaged_local_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_local_vectors(tmp_path, "chunks")
