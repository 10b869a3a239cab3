"""The dense leg's store: order, scope, and what happens when Qdrant does not answer."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr
from qdrant_client import QdrantClient

from core.errors import StoreUnavailable
from core.settings import Settings
from core.storage.vector_index import VectorIndex, connect

ONE, TWO = "a" * 64, "b" * 64


def chunk_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


@pytest.fixture
def index(tmp_path: Path) -> VectorIndex:
    index = VectorIndex(QdrantClient(path=str(tmp_path)), "chunks")
    unit = np.asarray([[1.0, 0.0], [0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
    index.upsert(ONE, [chunk_id(3), chunk_id(2), chunk_id(1)], unit)
    index.upsert(TWO, [chunk_id(4)], np.asarray([[0.0, 1.0]], dtype=np.float32))
    return index


def test_the_nearest_come_first_and_ties_go_by_id(index: VectorIndex) -> None:
    hits = index.search(np.asarray([1.0, 0.0], dtype=np.float32), 3)
    assert [(hit.chunk_id, hit.rank) for hit in hits] == [
        (chunk_id(3), 1),
        (chunk_id(1), 2),
        (chunk_id(2), 3),
    ]
    assert [hit.score for hit in hits] == pytest.approx([1.0, 0.6, 0.6])


def test_search_stays_in_its_scope(index: VectorIndex) -> None:
    hits = index.search(np.asarray([1.0, 0.0], dtype=np.float32), 10, [TWO])
    assert [hit.chunk_id for hit in hits] == [chunk_id(4)]


def test_writing_again_changes_nothing_and_deleting_takes_one_contract(index: VectorIndex) -> None:
    index.upsert(TWO, [chunk_id(4)], np.asarray([[0.0, 1.0]], dtype=np.float32))
    assert index.chunk_ids() == {chunk_id(number) for number in (1, 2, 3, 4)}
    index.delete(ONE)
    assert index.chunk_ids() == {chunk_id(4)}
    index.discard([chunk_id(4)])
    assert index.chunk_ids() == set()


def test_a_collection_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    index = VectorIndex(QdrantClient(path=str(tmp_path)), "chunks")
    assert index.search(np.asarray([1.0, 0.0], dtype=np.float32), 10) == ()
    assert index.chunk_ids() == set()
    index.delete(ONE)


def test_a_server_that_is_down_is_an_error_and_no_empty_result(tmp_path: Path) -> None:
    settings = Settings(
        qdrant_url="http://127.0.0.1:9", qdrant_api_key=SecretStr("secret-key\n"), qdrant_timeout=1
    )
    index = VectorIndex(connect(settings, tmp_path), "chunks")
    with pytest.raises(StoreUnavailable, match="search is unavailable") as caught:
        index.search(np.asarray([1.0, 0.0], dtype=np.float32), 10)
    assert "secret-key" not in str(caught.value)


def test_a_damaged_local_store_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "meta.json").write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        connect(Settings(), tmp_path)
