"""BM25: the same scores as rank_bm25, for any corpus, after any additions and removals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from core.storage.keyword_index import KeywordDocument, KeywordIndex

WORDS = st.sampled_from(["cap", "liability", "delay", "notice", "term", "fee"])
CORPORA = st.lists(st.lists(WORDS, min_size=1, max_size=12), min_size=1, max_size=12)


def documents(corpus: list[list[str]], contract_id: str = "one") -> list[KeywordDocument]:
    return [
        KeywordDocument(f"{contract_id}-{row:03d}", contract_id, words) for row, words in enumerate(corpus)
    ]


@given(CORPORA, st.lists(st.one_of(WORDS, st.just("unknown")), max_size=6))
def test_scores_equal_rank_bm25_to_the_last_bit(corpus: list[list[str]], query: list[str]) -> None:
    expected = BM25Okapi(corpus).get_scores(query)
    assert KeywordIndex.build(documents(corpus)).scores(query).tolist() == expected.tolist()


@given(CORPORA, CORPORA, CORPORA, st.lists(WORDS, min_size=1, max_size=4))
def test_adding_and_removing_equals_building_afresh(
    first: list[list[str]], second: list[list[str]], third: list[list[str]], query: list[str]
) -> None:
    grown = KeywordIndex.build(documents(first, "one")).add(documents(second, "two"))
    grown = grown.remove("one").add(documents(third, "three"))
    expected = BM25Okapi(second + third).get_scores(query)
    np.testing.assert_allclose(grown.scores(query), expected, rtol=1e-12, atol=1e-12)
    assert grown.contract_ids == ("two",) * len(second) + ("three",) * len(third)


def test_search_returns_only_chunks_that_hold_a_word_of_the_question() -> None:
    index = KeywordIndex.build(documents([["cap"], ["delay", "delay"], ["delay", "fee"], ["fee"]]))
    assert [hit.chunk_id for hit in index.search(["delay"], 10)] == ["one-001", "one-002"]
    assert index.search(["unknown"], 10) == ()


def test_search_is_confined_to_the_contracts_given() -> None:
    index = KeywordIndex.build(documents([["cap"], ["fee"]], "one") + documents([["cap"], ["term"]], "two"))
    assert [hit.chunk_id for hit in index.search(["cap"], 10, ["two"])] == ["two-000"]
    assert [hit.chunk_id for hit in index.search(["cap"], 10)] == ["one-000", "two-000"]
    assert index.search(["cap"], 10, []) == ()


def test_equal_scores_are_ordered_by_chunk_id_and_cut_at_the_limit() -> None:
    index = KeywordIndex.build(reversed(documents([["cap", "fee"]] * 3 + [["term"]] * 4)))
    assert [(hit.chunk_id, hit.rank) for hit in index.search(["cap"], 2)] == [("one-000", 1), ("one-001", 2)]


def test_an_empty_index_finds_nothing() -> None:
    assert KeywordIndex.build([]).search(["cap"], 10) == ()


def test_a_chunk_cannot_be_added_twice() -> None:
    index = KeywordIndex.build(documents([["cap"]]))
    with pytest.raises(ValueError, match="one-000"):
        index.add(documents([["fee"]]))


def test_saved_index_gives_the_same_hits(tmp_path: Path) -> None:
    index = KeywordIndex.build(documents([["cap", "fee"], ["cap"], ["délai", "4.2(b)"]])).remove("none")
    path = tmp_path / "bm25" / "index.npz"
    index.save(path)
    loaded = KeywordIndex.load(path)
    assert loaded.search(["cap", "délai"], 10) == index.search(["cap", "délai"], 10)
    assert loaded.chunk_ids == index.chunk_ids
    assert [file.name for file in path.parent.iterdir()] == ["index.npz"]


@pytest.mark.parametrize(
    "damage", [b"", b"PK\x03\x04 half a file", b"\x80\x04pickle"], ids=["empty", "cut", "other"]
)
def test_a_damaged_file_is_an_error_and_no_empty_index(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "index.npz"
    path.write_bytes(damage)
    with pytest.raises(ValueError, match="no keyword index"):
        KeywordIndex.load(path)
