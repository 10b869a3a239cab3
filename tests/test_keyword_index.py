"""BM25: the same scores as rank_bm25, for any corpus, after any additions, removals and mergers."""

import random
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument

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


WEIGHTED = st.lists(st.tuples(WORDS, st.floats(0.01, 5)), max_size=6)


@given(CORPORA, WEIGHTED)
def test_a_weighted_word_adds_its_weight_times_its_score_of_rank_bm25(
    corpus: list[list[str]], query: list[tuple[str, float]]
) -> None:
    model = BM25Okapi(corpus)
    expected = sum(
        (weight * model.get_scores([word]) for word, weight in query), start=0 * model.get_scores([])
    )
    words, weights = [word for word, _ in query], [weight for _, weight in query]
    assert KeywordIndex.build(documents(corpus)).scores(words, weights) == pytest.approx(expected)


@given(CORPORA, st.lists(WORDS, max_size=6))
def test_weights_of_one_leave_every_bit_of_a_score(corpus: list[list[str]], query: list[str]) -> None:
    index = KeywordIndex.build(documents(corpus))
    assert index.scores(query, [1.0] * len(query)).tolist() == index.scores(query).tolist()


def test_weights_decide_between_words() -> None:
    index = KeywordIndex.build(documents([["cap"], ["fee"], ["term"], ["delay"], ["notice"]]))
    assert [hit.chunk_id for hit in index.search(["cap", "fee"], 9, weights=[1.0, 2.0])] == [
        "one-001",
        "one-000",
    ]
    assert [hit.chunk_id for hit in index.search(["cap", "fee"], 9, weights=[2.0, 1.0])] == [
        "one-000",
        "one-001",
    ]


@pytest.mark.parametrize("weights", [[0.0, 1.0], [-1.0, 1.0], [float("nan"), 1.0], [1.0]])
def test_weights_that_are_none_are_refused(weights: list[float]) -> None:
    index = KeywordIndex.build(documents([["cap"], ["fee"]]))
    with pytest.raises(ValueError, match=r"weights|zip"):
        index.search(["cap", "fee"], 9, weights=weights)


def test_shares_count_the_chunks_that_hold_a_word() -> None:
    index = KeywordIndex.build(documents([["cap", "cap"], ["cap"], ["fee"], ["term"]]))
    assert index.shares(["cap", "fee", "unknown"]) == {"cap": 0.5, "fee": 0.25, "unknown": 0.0}
    assert index.remove("one").shares(["cap"]) == {"cap": 0.0}


class Change(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    MERGE = "merge"


CHANGES = st.lists(st.tuples(st.sampled_from(list(Change)), CORPORA, st.integers(0, 9)), max_size=12)
QUERIES = st.lists(st.one_of(WORDS, st.just("unknown")), max_size=6)


@given(CHANGES, QUERIES, st.sets(st.integers(0, 11)))
def test_any_changes_leave_the_scores_of_rank_bm25_to_the_last_bit(
    changes: list[tuple[Change, list[list[str]], int]], query: list[str], scope: set[int]
) -> None:
    index, model = KeywordIndex.build([]), dict[str, list[list[str]]]()
    for number, (change, corpus, which) in enumerate(changes):
        contract_id = f"{number:02d}"
        if change is Change.ADD:
            index, model[contract_id] = index.add(documents(corpus, contract_id)), corpus
        elif change is Change.MERGE:
            index = index.merge()
        elif model:
            gone = sorted(model)[which % len(model)]
            index = index.remove(gone)
            del model[gone]
    chunks = [words for corpus in model.values() for words in corpus]
    expected = BM25Okapi(chunks).get_scores(query).tolist() if chunks else []
    assert index.scores(query).tolist() == expected
    ids = [one.chunk_id for contract_id, corpus in model.items() for one in documents(corpus, contract_id)]
    assert index.chunk_ids == tuple(ids)
    for contracts in (None, [f"{number:02d}" for number in scope]):
        matching = sorted(
            (-round(score, 9), chunk_id)
            for score, chunk_id, words in zip(expected, ids, chunks, strict=True)
            if set(words) & set(query) and (contracts is None or chunk_id[:2] in contracts)
        )
        hits = index.search(query, 5, contracts)
        assert [(-hit.score, hit.chunk_id) for hit in hits] == matching[:5]


def test_an_index_is_not_changed_by_what_is_made_of_it() -> None:
    first = KeywordIndex.build(documents([["cap"], ["fee"]], "one"))
    before = first.search(["cap", "delay"], 10)
    second = first.add(documents([["cap", "delay"]], "two"))
    second.remove("one").merge()
    assert first.search(["cap", "delay"], 10) == before
    assert second.contract_ids == ("one", "one", "two")


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_the_best_of_many_chunks_are_those_of_a_full_sort(limit: int) -> None:
    choose = random.Random(5)
    words = [f"word{number}" for number in range(30)]
    corpus = [choose.choices(words, k=choose.randint(1, 12)) for _ in range(9000)]
    index = KeywordIndex.build(documents(corpus)).add(documents(corpus[:700], "two"))
    query = ["word1", "word2", "word2"]
    scores = zip(index.scores(query).tolist(), index.chunk_ids, strict=True)
    expected = sorted((-round(score, 9), chunk_id) for score, chunk_id in scores)[:limit]
    assert [(-hit.score, hit.chunk_id) for hit in index.search(query, limit)] == expected


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        pytest.param([8], [8], id="one"),
        pytest.param([8, 8], [16], id="equals are joined"),
        pytest.param([8, 4], [8, 4], id="half the size stays"),
        pytest.param([8, 4, 2, 1, 1], [16], id="one more joins them all"),
        pytest.param([16, 3, 2], [16, 5], id="the large one is left alone"),
    ],
)
def test_neighbours_are_merged_when_the_later_is_more_than_half_of_the_earlier(
    sizes: list[int], merged: list[int]
) -> None:
    index = KeywordIndex.build([])
    for number, size in enumerate(sizes):
        index = index.add(documents([["cap"]] * size, f"{number}"))
    assert [piece.chunks for piece in index.merge().pieces] == merged
    assert index.merge().chunk_ids == index.chunk_ids


def test_a_segment_is_written_anew_when_a_quarter_of_it_is_deleted() -> None:
    index = KeywordIndex.build([one for number in range(9) for one in documents([["cap"]], f"{number}")])
    index = index.remove_all(["0", "1"])
    assert index.merge() is index
    index = index.remove("2")
    assert [len(piece.segment) for piece in index.merge().pieces] == [6]


def test_many_contracts_are_a_scope_like_few() -> None:
    corpus = [["cap", "fee"], ["delay"], ["cap"]]
    index = KeywordIndex.build(one for number in range(100) for one in documents(corpus, f"{number:03d}"))
    even = [f"{number:03d}" for number in range(0, 100, 2)]
    found = index.search(["cap", "delay"], 200, even)
    assert sorted(hit.chunk_id for hit in found) == [f"{one}-{row:03d}" for one in even for row in range(3)]


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
