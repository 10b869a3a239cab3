"""Index files lost, emptied, cut, flipped or of another make: noticed, rebuilt, and the same ranking as before."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import CatalogueUnusable, StoreUnavailable
from core.records import Inquiry
from core.settings import Settings
from core.storage.aside import set_aside
from core.storage.database import CATALOGUE, open_database
from core.storage.library import Library
from core.storage.open_vectors import open_or_replace_vectors, open_vectors
from core.storage.sqlite_file import Database
from tests.fakes import Opener, WordEncoder, add_contract, local_mode, open_test_library, retrieve_hybrid

COLLECTION = "chunks_test"
QUESTION = Inquiry("Which fee is due on late delivery under clause 7?")
CLAUSES = [f"Clause {number}: the fee of {number} percent is due on late delivery." for number in range(60)]
Damage = Callable[[Path], None]
Found = tuple[str, float | None, float | None]


def storage(directory: Path) -> Path:
    return directory / "qdrant" / "collection" / COLLECTION / "storage.sqlite"


def keyword_file(directory: Path) -> Path:
    return directory / "bm25" / "test.json"


def segment_file(directory: Path) -> Path:
    return max((directory / "bm25").glob("*.segment"), key=lambda path: path.stat().st_size)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def flipped(path: Path, position: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * position)] ^= 0xFF
    path.write_bytes(content)


def change_point(directory: Path, change: Callable[[bytes], bytes]) -> None:
    """Change the stored bytes of one vector, as a bad disk does, in a file that stays a sound database."""
    with sqlite3.connect(storage(directory)) as connection:
        row, point = connection.execute("SELECT rowid, point FROM points LIMIT 1").fetchone()
        changed = change(point)
        assert changed != point
        connection.execute("UPDATE points SET point = ? WHERE rowid = ?", (changed, row))
    connection.close()


def flip_last_float(point: bytes) -> bytes:
    # A float in a pickle is the letter G and eight bytes; the first holds sign and exponent.
    position = point.rindex(b"G\xbf") if b"G\xbf" in point else point.rindex(b"G?")
    return point[: position + 1] + bytes([point[position + 1] ^ 0x80]) + point[position + 2 :]


def delete_rows(directory: Path) -> None:
    with sqlite3.connect(storage(directory)) as connection:
        connection.execute("DELETE FROM points WHERE rowid % 3 = 0")
    connection.close()


def another_dimension(directory: Path) -> None:
    meta = directory / "qdrant" / "meta.json"
    described = json.loads(meta.read_text())
    described["collections"][COLLECTION]["vectors"]["size"] = 7
    meta.write_text(json.dumps(described))
    storage(directory).unlink()


def engine_file(directory: Path, name: str) -> Path:
    (path,) = (directory / "vectors" / COLLECTION).rglob(name)
    return path


def seal(directory: Path) -> Path:
    return directory / "vectors" / f"{COLLECTION}.seal"


def another_version(directory: Path) -> None:
    seal(directory).write_text(
        seal(directory).read_text().replace("qdrant-edge-py 0.", "qdrant-edge-py 999.")
    )


def damaged_file(name: str, how: Callable[[Path], None]) -> Damage:
    return lambda directory: how(engine_file(directory, name))


# Each of these made the engine err, panic, hang or find less than it holds, when it was let near them.
EDGE_DAMAGES: dict[str, Damage] = {
    "Edge folder lost": lambda directory: shutil.rmtree(directory / "vectors"),
    "Edge collection lost": lambda directory: shutil.rmtree(directory / "vectors" / COLLECTION),
    "Edge segments lost": lambda directory: shutil.rmtree(directory / "vectors" / COLLECTION / "segments"),
    "seal lost": lambda directory: seal(directory).unlink(),
    "seal emptied": lambda directory: emptied(seal(directory)),
    "seal cut in half": lambda directory: halved(seal(directory)),
    "seal of another version of the engine": another_version,
    "a file too many": lambda directory: (directory / "vectors" / COLLECTION / "stray").touch(),
    **{
        f"{name} {how.__name__}": damaged_file(name, how)
        for name in (
            "edge_config.json",
            "segment.json",
            "version.info",
            "mutable_id_tracker.mappings",
            "mutable_id_tracker.versions",
            "chunk_0.mmap",
        )
        for how in (Path.unlink, emptied, halved, flipped)
    },
}
LOCAL_DAMAGES: dict[str, Damage] = {
    "Qdrant folder lost": lambda directory: shutil.rmtree(directory / "qdrant"),
    "Qdrant collection lost": lambda directory: shutil.rmtree(storage(directory).parent),
    "Qdrant storage lost": lambda directory: storage(directory).unlink(),
    "Qdrant storage emptied": lambda directory: emptied(storage(directory)),
    "Qdrant storage cut in half": lambda directory: halved(storage(directory)),
    "Qdrant storage with a broken header": lambda directory: flipped(storage(directory), 0.0),
    "Qdrant storage broken in the middle": lambda directory: flipped(storage(directory), 0.5),
    "Qdrant rows lost": delete_rows,
    "a vector with a flipped bit": lambda directory: change_point(directory, flip_last_float),
    "a vector that is no pickle": lambda directory: change_point(directory, lambda _: b"\x00" * 100),
    "a vector of another contract": lambda directory: change_point(
        directory, lambda point: point.replace(b"contract_id", b"contract_ix")
    ),
    "meta.json lost": lambda directory: (directory / "qdrant" / "meta.json").unlink(),
    "meta.json of 0 bytes": lambda directory: emptied(directory / "qdrant" / "meta.json"),
    "meta.json cut in half": lambda directory: halved(directory / "qdrant" / "meta.json"),
}
KEYWORD_DAMAGES: dict[str, Damage] = {
    "BM25 list lost": lambda directory: keyword_file(directory).unlink(),
    "BM25 folder lost": lambda directory: shutil.rmtree(directory / "bm25"),
    "BM25 list emptied": lambda directory: emptied(keyword_file(directory)),
    "BM25 list cut in half": lambda directory: halved(keyword_file(directory)),
    "BM25 list broken at the start": lambda directory: flipped(keyword_file(directory), 0.0),
    "BM25 list broken in the middle": lambda directory: flipped(keyword_file(directory), 0.5),
    "BM25 list broken at the end": lambda directory: flipped(keyword_file(directory), 0.99),
    "BM25 segment lost": lambda directory: segment_file(directory).unlink(),
    "BM25 segment emptied": lambda directory: emptied(segment_file(directory)),
    "BM25 segment cut in half": lambda directory: halved(segment_file(directory)),
    "BM25 segment broken at the start": lambda directory: flipped(segment_file(directory), 0.1),
    "BM25 segment broken in the middle": lambda directory: flipped(segment_file(directory), 0.5),
    "BM25 segment broken at the end": lambda directory: flipped(segment_file(directory), 0.99),
}


def ranking(library: Library) -> list[Found]:
    return [
        (one.chunk.chunk_id, one.dense.score if one.dense else None, one.bm25.score if one.bm25 else None)
        for one in retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())
    ]


def made(directory: Path, opener: Opener) -> tuple[Path, list[Found]]:
    """A closed library and the ranking that it gave."""
    library = open_test_library(directory, opener=opener)
    add_contract(library, "Supply", CLAUSES)
    add_contract(library, "Lease", [f"Rent, late fee and delivery {number}." for number in range(50)])
    before = ranking(library)
    library.close()
    return directory, before


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Found]]:
    return made(tmp_path_factory.mktemp("sound"), open_or_replace_vectors)


@pytest.fixture(scope="module")
def sound_local(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Found]]:
    return made(tmp_path_factory.mktemp("sound-local"), local_mode)


def check_rebuilt(directory: Path, before: list[Found], opener: Opener) -> None:
    library = open_test_library(directory, opener=opener)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    assert ranking(library) == before
    assert len(before) == 100
    library.close()
    # What was put right stays right.
    library = open_test_library(directory, opener=opener)
    assert library.recovered == ()
    library.close()


@pytest.mark.parametrize(
    "damage",
    [*EDGE_DAMAGES.values(), *KEYWORD_DAMAGES.values()],
    ids=[*EDGE_DAMAGES.keys(), *KEYWORD_DAMAGES.keys()],
)
def test_a_damaged_index_is_rebuilt_with_the_same_ranking(
    tmp_path: Path, sound: tuple[Path, list[Found]], damage: Damage
) -> None:
    original, before = sound
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    damage(tmp_path)
    check_rebuilt(tmp_path, before, open_or_replace_vectors)


@pytest.mark.parametrize("damage", LOCAL_DAMAGES.values(), ids=LOCAL_DAMAGES.keys())
def test_a_damaged_store_of_local_mode_is_rebuilt_with_the_same_ranking(
    tmp_path: Path, sound_local: tuple[Path, list[Found]], damage: Damage
) -> None:
    original, before = sound_local
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    damage(tmp_path)
    check_rebuilt(tmp_path, before, local_mode)


def test_a_store_that_cannot_be_opened_is_moved_aside_once(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    for _ in range(2):
        library.close()
        flipped(engine_file(tmp_path, "chunk_0.mmap"), 0.0)
        library = open_test_library(tmp_path)
    library.close()
    assert len(set_aside(tmp_path / "vectors" / COLLECTION)) == 1


def test_a_store_of_local_mode_that_cannot_be_opened_is_moved_aside_once(tmp_path: Path) -> None:
    library = open_test_library(tmp_path, opener=local_mode)
    add_contract(library, "Supply", CLAUSES)
    for _ in range(2):
        library.close()
        emptied(tmp_path / "qdrant" / "meta.json")
        library = open_test_library(tmp_path, opener=local_mode)
    library.close()
    assert len(set_aside(tmp_path / "qdrant")) == 1


def test_every_byte_of_the_store_is_under_the_seal(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    library.close()
    files = [path for path in (tmp_path / "vectors" / COLLECTION).rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        if not path.stat().st_size:
            continue
        content = path.read_bytes()
        flipped(path, 0.3)
        with pytest.raises(StoreUnavailable, match="damaged"):
            open_vectors(Settings(), tmp_path, COLLECTION)
        path.write_bytes(content)
    open_vectors(Settings(), tmp_path, COLLECTION).close()


@pytest.mark.parametrize("file", [keyword_file, segment_file])
def test_a_damaged_keyword_file_is_kept_aside_and_told_of(
    tmp_path: Path, file: Callable[[Path], Path]
) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    library.close()
    halved(damaged := file(tmp_path))
    library = open_test_library(tmp_path)
    assert "keyword index was damaged" in library.recovered[0]
    assert len(set_aside(damaged)) == 1
    library.close()


def test_a_collection_for_vectors_of_another_length_is_an_error_and_not_an_empty_library(
    tmp_path: Path,
) -> None:
    library = open_test_library(tmp_path, opener=local_mode)
    add_contract(library, "Supply", CLAUSES)
    library.close()
    another_dimension(tmp_path)
    with pytest.raises(StoreUnavailable):
        open_test_library(tmp_path, opener=local_mode)


@pytest.mark.parametrize("opener", [open_or_replace_vectors, local_mode])
def test_a_store_that_another_program_holds_is_not_moved_aside(tmp_path: Path, opener: Opener) -> None:
    first = opener(Settings(), tmp_path, COLLECTION)
    with pytest.raises(Exception, match="open in another process"):
        open_test_library(tmp_path, opener=opener)
    assert [path for path in tmp_path.rglob("*") if ".damaged-" in path.name] == []
    first.close()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(emptied, "it is empty", id="emptied"),
        pytest.param(Path.unlink, "it is missing", id="lost"),
        pytest.param(lambda path: flipped(path, 0.0), "not a database", id="broken header"),
        pytest.param(halved, "damaged", id="cut in half"),
    ],
)
def test_a_damaged_catalogue_is_named_and_never_an_empty_library(
    tmp_path: Path, damage: Damage, said: str
) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    library.catalogue.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    library.catalogue.database.connection.close()
    library.close()
    damage(tmp_path / "catalogue.sqlite3")
    with pytest.raises(CatalogueUnusable, match=said) as caught:
        open_database(tmp_path).check()
    assert "proviso doctor --repair" in caught.value.next_step


def test_a_catalogue_of_a_newer_proviso_is_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "catalogue.sqlite3", CATALOGUE).connection.execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogueUnusable, match="newer Proviso"):
        Database(tmp_path / "catalogue.sqlite3", CATALOGUE)
