"""From one engine to another, and from one encoder to another: nothing is embedded again, nothing old is left."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from core.errors import StorageFull
from core.records import Inquiry
from core.settings import Settings
from core.storage.edge_vectors import EdgeVectors
from core.storage.library import Library
from ingest.open_library import open_library
from tests.fakes import WordEncoder, add_contract, retrieve_hybrid

CLAUSES = [f"Clause {number}: late delivery costs {number} percent a day." for number in range(30)]
QUESTION = Inquiry("What does late delivery cost under clause 7?")
Engine = Callable[[], AbstractContextManager[None]]


@contextmanager
def edge() -> Iterator[None]:
    yield


@contextmanager
def local_mode() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.storage.open_vectors.EDGE_MODULE", "no_such_module")
        yield


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", ocr=False)


def folders(chosen: Settings) -> set[str]:
    return {path.name for path in chosen.directory.iterdir()} & {"qdrant", "vectors"}


def ranking(library: Library) -> list[tuple[str, float | None]]:
    found = retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())
    return [(one.chunk.chunk_id, one.dense.score if one.dense else None) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        pytest.param(local_mode, edge, "vectors", id="of an earlier version"),
        pytest.param(edge, local_mode, "qdrant", id="to a machine without a build"),
    ],
)
def test_a_store_of_another_engine_is_built_again_and_then_removed(
    chosen: Settings, before: Engine, after: Engine, left: str
) -> None:
    with before(), open_library(chosen, "test") as library:
        add_contract(library, "Supply", CLAUSES)
        ranked = ranking(library)
    assert len(folders(chosen)) == 1
    with after(), open_library(chosen, "test") as library:
        assert "30 missing" in " ".join(library.recovered)
        assert ranking(library) == ranked
        assert library.differences() == {"vectors": 0, "keywords": 0}
    assert folders(chosen) == {left}
    with after(), open_library(chosen, "test") as library:
        assert library.recovered == ()
        assert ranking(library) == ranked


def test_the_old_store_stays_until_the_new_one_is_complete(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with local_mode(), open_library(chosen, "test") as library:
        add_contract(library, "Supply", CLAUSES)

    def full(*_: object) -> None:
        raise StorageFull("The library", "is full.", "")

    monkeypatch.setattr(EdgeVectors, "upsert", full)
    with pytest.raises(StorageFull), open_library(chosen, "test"):
        raise AssertionError("opened")
    assert "qdrant" in folders(chosen)
    monkeypatch.undo()
    with open_library(chosen, "test") as library:
        assert library.differences() == {"vectors": 0, "keywords": 0}
    assert folders(chosen) == {"vectors"}


def test_vectors_of_another_encoder_are_removed_and_damaged_ones_kept(chosen: Settings) -> None:
    with open_library(chosen, "test") as library:
        add_contract(library, "Supply", CLAUSES)
    for name in ("chunks_of_another_encoder", "chunks_old.damaged-1"):
        (chosen.directory / "vectors" / name).mkdir()
    (chosen.directory / "vectors" / "chunks_of_another_encoder.seal").touch()
    with open_library(chosen, "test") as library:
        collection = f"chunks_{library.fingerprint}"
    names = {path.name for path in (chosen.directory / "vectors").glob("chunks_*")}
    assert names == {collection, f"{collection}.seal", "chunks_old.damaged-1"}
