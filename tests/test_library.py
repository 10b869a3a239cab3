"""The library: what is added is found, what is deleted is gone, and what a crash leaves is put right."""

import shutil
from pathlib import Path

import pytest

from core.errors import UnknownContract
from core.records import Inquiry, Profile
from core.storage.catalogue import CHUNKS_BY_ID, CONTRACTS_BY_CHUNK, INVISIBLE_CHUNKS
from core.storage.keyword_index import KeywordIndex
from core.storage.library import Library
from tests.fakes import WordEncoder, add_contract, make_contract, open_test_library, retrieve_hybrid

CLAUSES = ["Late delivery costs one percent a day.", "Notices go by post.", "The law of Ohio governs."]
QUESTION = Inquiry("What does late delivery cost under the law?")


def ranked(library: Library) -> list[tuple[str, int | None, int | None]]:
    return [
        (
            one.chunk.chunk_id,
            one.dense.rank if one.dense else None,
            one.bm25.rank if one.bm25 else None,
        )
        for one in retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())
    ]


def reopened(library: Library, directory: Path) -> Library:
    library.close()
    return open_test_library(directory)


def test_a_contract_is_whole_in_catalogue_and_both_indexes(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    contract = library.catalogue.contract(contract_id)
    assert contract is not None
    assert (contract.profile.title, contract.page_count, contract.chunk_count) == ("Supply", 1, 3)
    assert [chunk.text for chunk in library.catalogue.chunks_of(contract_id)] == CLAUSES
    assert library.differences() == {"vectors": 0, "keywords": 0}
    assert len(ranked(library)) == 3


def test_deleting_leaves_nothing(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    kept = add_contract(library, "Lease", ["Rent is due at the beginning of each month."])
    gone = add_contract(library, "Supply", CLAUSES)
    before = library.snapshot()
    library.delete(gone)
    for snapshot in (before, library.snapshot()):
        found = retrieve_hybrid(QUESTION, snapshot, WordEncoder())
        assert {one.chunk.contract_id for one in found} <= {kept}
    assert list(library.originals.ids()) == [kept]
    assert library.catalogue.chunks_of(gone) == ()
    library = reopened(library, tmp_path)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    assert [contract.contract_id for contract in library.catalogue.contracts()] == [kept]
    with pytest.raises(UnknownContract):
        library.delete(gone)


def test_a_contract_is_not_in_a_question_asked_before_it_came(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Lease", ["Rent is due late."])
    before = library.snapshot()
    add_contract(library, "Supply", CLAUSES)
    assert {one.contract_title for one in retrieve_hybrid(QUESTION, before, WordEncoder())} == {"Lease"}
    assert {one.contract_title for one in retrieve_hybrid(QUESTION, library.snapshot(), WordEncoder())} == {
        "Lease",
        "Supply",
    }


def test_chunks_deleted_during_a_question_make_room_for_those_behind_them(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    gone = add_contract(library, "Supply", [f"Late delivery costs {number} percent." for number in range(30)])
    kept = add_contract(library, "Lease", [f"Rent is late in month {number}." for number in range(30)])
    before = library.snapshot()
    library.delete(gone)
    found = retrieve_hybrid(Inquiry(QUESTION.question, candidates=20), before, WordEncoder())
    assert {one.chunk.contract_id for one in found} == {kept}
    assert [one.fused_rank for one in found] == list(range(1, 21))


@pytest.mark.parametrize("damage", ["vectors gone", "keywords gone", "keywords emptied", "both gone"])
def test_a_lost_index_is_rebuilt_with_the_same_ranking(tmp_path: Path, damage: str) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    add_contract(library, "Lease", ["Rent is due late.", "Ohio law governs the lease."])
    before = ranked(library)
    library.close()
    if "vectors" in damage or "both" in damage:
        shutil.rmtree(tmp_path / "vectors")
    if "keywords" in damage or "both" in damage:
        file = tmp_path / "bm25" / "test.json"
        file.write_bytes(b"") if "emptied" in damage else file.unlink()
    library = open_test_library(tmp_path)
    assert ranked(library) == before
    assert library.differences() == {"vectors": 0, "keywords": 0}


def test_a_contract_staged_when_the_process_died_never_shows(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract, chunks = make_contract("Supply", CLAUSES)
    library.originals.put(f"Supply\n{contract.text}".encode())
    vectors = WordEncoder().encode([chunk.situated_text for chunk in chunks])
    library.catalogue.stage(contract, Profile("Supply"), chunks, vectors, library.fingerprint)
    assert ranked(library) == []
    assert library.catalogue.contracts() == ()
    library = reopened(library, tmp_path)
    assert library.catalogue.invisible() == {}
    assert list(library.originals.ids()) == []


def test_a_deletion_that_the_process_did_not_survive_is_finished(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    library.catalogue.hide(contract_id)
    assert ranked(library) == []
    library = reopened(library, tmp_path)
    assert library.catalogue.invisible() == {}
    assert list(library.originals.ids()) == []
    assert library.differences() == {"vectors": 0, "keywords": 0}


def test_another_chunker_or_encoder_queues_every_contract_again(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    library.close()
    library = open_test_library(tmp_path, fingerprint="other")
    assert [job.contract_id for job in library.jobs.all()] == [contract_id]
    assert ranked(library) == []
    assert "1 contracts wait to be indexed again" in library.snapshot().cautions([])[0]
    add_contract(library, "Supply", CLAUSES)
    assert len(ranked(library)) == 3
    assert library.catalogue.outdated("other") == ()


def test_corrections_by_hand_survive_indexing_again(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    corrected = Profile("Master Supply Agreement", ("A plc", "B Ltd"), "2024-03-01", "England and Wales")
    library.catalogue.correct(contract_id, corrected)
    library.close()
    library = open_test_library(tmp_path, fingerprint="other")
    add_contract(library, "Supply", CLAUSES)
    contract = library.catalogue.contract(contract_id)
    assert contract is not None
    assert contract.profile == corrected


@pytest.mark.parametrize(
    ("statement", "arguments", "largest"),
    [
        pytest.param(
            CHUNKS_BY_ID,
            ("[]",),
            "SEARCH k USING INDEX sqlite_autoindex_chunks_1 (chunk_id=?)",
            id="chunks by id",
        ),
        pytest.param(
            CONTRACTS_BY_CHUNK,
            ("[]",),
            "SEARCH k USING INDEX sqlite_autoindex_chunks_1 (chunk_id=?)",
            id="contracts of chunks",
        ),
        pytest.param(INVISIBLE_CHUNKS, (), "SEARCH chunks USING COVERING INDEX", id="invisible chunks"),
    ],
)
def test_what_a_question_asks_of_the_catalogue_is_looked_up_and_not_searched_for(
    tmp_path: Path, statement: str, arguments: tuple[str, ...], largest: str
) -> None:
    library = open_test_library(tmp_path)
    connection = library.catalogue.database.connection
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", arguments)]
    assert any(step.startswith(largest) for step in plan)
    assert [step for step in plan if step.startswith("SCAN") and "wanted" not in step] == []
    library.close()


def test_passages_asked_for_twice_come_once_and_unknown_ones_not_at_all(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    first = library.catalogue.chunks_of(contract_id)[0]
    found = library.catalogue.chunks([first.chunk_id, "unknown", first.chunk_id])
    assert found == {first.chunk_id: first}


def test_a_contract_that_comes_while_segments_are_merged_is_not_lost(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    add_contract(library, "Lease", CLAUSES)

    def merge_slowly(index: KeywordIndex) -> KeywordIndex:
        add_contract(library, "Licence", CLAUSES)
        return index.merge()

    library._replace_keywords(merge_slowly)
    assert library.differences() == {"vectors": 0, "keywords": 0}
    library.save_keywords()
    # Of three equals the first two are joined, and the third is half as large as what they have become.
    assert len(list((tmp_path / "bm25").glob("*.segment"))) == 2
    assert library.differences() == {"vectors": 0, "keywords": 0}
    library = reopened(library, tmp_path)
    assert library.recovered == ()
    library.close()
