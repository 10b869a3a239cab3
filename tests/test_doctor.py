"""``proviso doctor``: what it finds, that it changes nothing, and what --repair puts right."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from core.library_checks import check_folder, check_indexes, check_stored
from core.settings import Settings
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.lock import hold
from core.storage.originals import Originals
from ingest.open_library import examine_library, open_library, read_catalogue
from ingest.repair_library import repair_library
from ingest.worker import work_off
from tests.fakes import add_contract
from tests.faults.victim import tools
from tests.pdf_samples import text_pdf

PDF = text_pdf(["SUPPLY AGREEMENT", "1. The fee is due within thirty days.", "2. The law of Ohio governs."])
CLAUSES = ["Late delivery costs one percent a day.", "The law of Ohio governs."]


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    chosen = Settings(data_dir=tmp_path / "data", ocr=False)
    with open_library(chosen, "test") as library:
        library.enqueue(PDF, "supply.pdf")
        work_off(library, tools())
        add_contract(library, "Lease", CLAUSES)
    return chosen


def findings(chosen: Settings) -> dict[str, str]:
    """Name and detail of everything that is wrong."""
    catalogue = read_catalogue(chosen)
    checks = list(check_folder(chosen.directory))
    checks += check_stored(catalogue, Jobs(catalogue.database), Originals(chosen.directory / "originals"))
    with examine_library(chosen, "proviso doctor") as library:
        problem = library.load_keywords()
        checks += check_indexes(library)
    wrong = {check.name: check.detail for check in checks if not check.sound}
    return wrong | ({"keyword file": problem} if problem else {})


def originals(chosen: Settings) -> list[Path]:
    return sorted((chosen.directory / "originals").iterdir())


def lose_keywords(chosen: Settings) -> None:
    for path in (chosen.directory / "bm25").iterdir():
        path.unlink()


def break_keywords(chosen: Settings) -> None:
    for path in (chosen.directory / "bm25").iterdir():
        path.write_bytes(path.read_bytes()[:100])


def lose_vectors(chosen: Settings) -> None:
    shutil.rmtree(chosen.directory / "vectors")


def die_within_a_deletion(chosen: Settings) -> None:
    catalogue = read_catalogue(chosen)
    catalogue.hide(catalogue.contracts()[0].contract_id)


def store_without_queueing(chosen: Settings) -> None:
    Originals(chosen.directory / "originals").put(text_pdf(["ANOTHER AGREEMENT", "1. The rent is due."]))


def change_an_original(chosen: Settings) -> None:
    path = originals(chosen)[0]
    path.write_bytes(path.read_bytes() + b"x")


def lose_an_original(chosen: Settings) -> None:
    originals(chosen)[0].unlink()


def change_a_passage(chosen: Settings) -> None:
    connection = read_catalogue(chosen).database.connection
    connection.execute("UPDATE chunks SET text = replace(text, 'Ohio', 'Utah')")


def open_to_others(chosen: Settings) -> None:
    chosen.directory.chmod(0o755)


@pytest.mark.parametrize(
    ("harm", "name", "said", "repaired"),
    [
        pytest.param(lose_keywords, "keywords", "missing", True, id="BM25 lost"),
        pytest.param(break_keywords, "keyword file", "damaged", True, id="BM25 damaged"),
        pytest.param(lose_vectors, "vectors", "missing", True, id="Qdrant lost"),
        pytest.param(die_within_a_deletion, "interrupted work", "has not finished", True, id="half deleted"),
        pytest.param(store_without_queueing, "files without a contract", "never queued", True, id="orphan"),
        pytest.param(open_to_others, "access to the data directory", "mode 755", True, id="open to others"),
        pytest.param(change_an_original, "originals", "missing or changed", False, id="original changed"),
        pytest.param(lose_an_original, "originals", "missing or changed", False, id="original lost"),
        pytest.param(change_a_passage, "passages", "differ from the text", False, id="passage changed"),
    ],
)
def test_harm_is_found_without_changing_anything_and_repaired_where_possible(
    chosen: Settings, harm: Callable[[Settings], None], name: str, said: str, repaired: bool
) -> None:
    assert findings(chosen) == {}
    harm(chosen)
    assert said in findings(chosen)[name]
    assert said in findings(chosen)[name], "looking has repaired it"
    list(repair_library(chosen))
    assert (findings(chosen) == {}) is repaired


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(lambda seal: seal.unlink(), "was being written when its process ended", id="killed"),
        pytest.param(lambda seal: seal.write_text(seal.read_text()[:-9] + "0]}}"), "damaged", id="damaged"),
    ],
)
def test_a_vector_store_that_is_not_opened_is_named_and_built_again(
    chosen: Settings, harm: Callable[[Path], object], said: str
) -> None:
    (seal,) = (chosen.directory / "vectors").glob("*.seal")
    harm(seal)
    with pytest.raises(StoreUnavailable, match=said):
        findings(chosen)
    list(repair_library(chosen))
    assert findings(chosen) == {}


def test_an_original_comes_back_when_the_file_is_added_again(chosen: Settings) -> None:
    path = next(one for one in originals(chosen) if one.read_bytes() == PDF)
    path.write_bytes(b"rotten")
    said = list(repair_library(chosen))
    assert any("supply.pdf has no stored copy. Add the same file again" in one for one in said)
    with open_library(chosen, "test") as library:
        library.enqueue(PDF, "supply.pdf")
        work_off(library, tools())
    assert path.read_bytes() == PDF
    assert findings(chosen) == {}


def test_a_lost_catalogue_is_made_anew_from_the_stored_files(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path / "data", ocr=False)
    with open_library(chosen, "test") as library:
        library.enqueue(PDF, "supply.pdf")
        work_off(library, tools())
    content = (chosen.directory / "catalogue.sqlite3").read_bytes()
    (chosen.directory / "catalogue.sqlite3").write_bytes(b"\xff" * 16 + content[16:])
    said = list(repair_library(chosen))
    assert any("1 stored files wait to be read again" in one for one in said)
    with open_library(chosen, "test") as library:
        work_off(library, tools())
        assert _pages(library) == [1]
    assert findings(chosen) == {}


def _pages(library: Library) -> list[int]:
    return [contract.page_count for contract in library.catalogue.contracts()]


def test_the_stored_files_are_checked_while_another_process_holds_the_library(chosen: Settings) -> None:
    change_an_original(chosen)
    with hold(chosen.directory, "the app"):
        catalogue = read_catalogue(chosen)
        stored = check_stored(catalogue, Jobs(catalogue.database), Originals(chosen.directory / "originals"))
        assert [check.name for check in stored if not check.sound] == ["originals"]
