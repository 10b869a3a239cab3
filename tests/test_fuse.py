"""Reciprocal rank fusion against arithmetic a reader can check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.fuse import reciprocal_rank_fusion
from core.records import Hit


def ranking(*chunk_ids: str) -> tuple[Hit, ...]:
    return tuple(Hit(chunk_id, rank, 0.0) for rank, chunk_id in enumerate(chunk_ids, start=1))


def test_scores_are_sums_of_reciprocal_ranks() -> None:
    fused = reciprocal_rank_fusion([ranking("a", "b", "c"), ranking("c", "a")], k=60)
    assert [(hit.chunk_id, hit.rank) for hit in fused] == [("a", 1), ("c", 2), ("b", 3)]
    assert [hit.score for hit in fused] == pytest.approx([1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62])


def test_ties_are_broken_by_chunk_id() -> None:
    fused = reciprocal_rank_fusion([ranking("z", "b"), ranking("a", "c")])
    assert [hit.chunk_id for hit in fused] == ["a", "z", "b", "c"]


@pytest.mark.parametrize(
    ("rankings", "expected"),
    [
        pytest.param([], [], id="no ranking"),
        pytest.param([(), ()], [], id="empty rankings"),
        pytest.param([ranking("a"), ()], ["a"], id="one leg found nothing"),
    ],
)
def test_edges(rankings: list[tuple[Hit, ...]], expected: list[str]) -> None:
    assert [hit.chunk_id for hit in reciprocal_rank_fusion(rankings)] == expected


def test_a_chunk_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        reciprocal_rank_fusion([ranking("a", "a")])


def test_a_constant_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="not 0"):
        reciprocal_rank_fusion([], k=0)


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True), max_size=4))
def test_fusion_keeps_every_chunk_once_and_never_prefers_a_dominated_one(legs: list[list[str]]) -> None:
    fused = reciprocal_rank_fusion([ranking(*leg) for leg in legs])
    assert sorted(hit.chunk_id for hit in fused) == sorted({one for leg in legs for one in leg})
    assert [hit.rank for hit in fused] == list(range(1, len(fused) + 1))
    place = {hit.chunk_id: hit.rank for hit in fused}
    for better in place:
        for worse in place:
            if better != worse and all(
                better in leg and leg.index(better) < leg.index(worse) for leg in legs if worse in leg
            ):
                assert place[better] < place[worse]
