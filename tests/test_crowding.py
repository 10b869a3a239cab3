"""The crowding guard: what takes most of the places, and when nothing is said."""

from dataclasses import replace

import pytest

from core.explain.crowding import Crowd, crowding, shingles, similarity
from core.records import Inquiry, Selection
from tests.rankings import Row, ranked

INQUIRY = Inquiry("q", keep=5, minimum_relevance=0.1)
NOTICE = "All notices under this agreement shall be in writing and sent to the registered office of {}."


def held_by(contracts: str, *more: Row) -> list[Row]:
    names = ("delivery", "price", "notices", "term", "law")
    return [(letter, names[at], 5.0 - at) for at, letter in enumerate(contracts)] + list(more)


@pytest.mark.parametrize(
    ("rows", "ranks", "elsewhere"),
    [
        pytest.param(held_by("aabab", ("c", "other", 0.0)), (1, 2, 4), 1, id="three of five"),
        pytest.param(held_by("aabbc", ("d", "other", 0.0)), None, 0, id="two of five"),
        pytest.param(held_by("aaabc"), None, 0, id="no other contract has a candidate"),
        pytest.param(held_by("aaaaa", ("b", "other", -9.0)), None, 0, id="the others are below the minimum"),
        pytest.param(held_by("aaaaa", ("a", "own", 0.0)), None, 0, id="the scope is one contract"),
        pytest.param(held_by("aaaaa", ("b", "x", 0.0), ("b", "y", 0.0), ("c", "z", 0.0)), (1, 2, 3, 4, 5), 2,
                     id="all five, two others wait"),
    ],
)  # fmt: skip
def test_one_contract_in_most_places(rows: list[Row], ranks: tuple[int, ...] | None, elsewhere: int) -> None:
    found = crowding(INQUIRY, ranked(INQUIRY, *rows))
    if ranks is None:
        assert found == ()
        return
    (one,) = found
    assert (one.kind, one.ranks, one.kept, one.elsewhere) == (Crowd.CONTRACT, ranks, 5, elsewhere)
    assert one.contract_title == "Contract a"
    assert one.best_of_each_helps


def test_boilerplate_of_sister_contracts_is_seen() -> None:
    rows = [(letter, NOTICE.format(name), 5.0 - at) for at, (letter, name) in enumerate(
        zip("abcd", ("Acme Limited", "Beta plc", "Gamma GmbH", "Delta"), strict=True)
    )]  # fmt: skip
    (one,) = crowding(INQUIRY, ranked(INQUIRY, *rows, ("e", "something else altogether is said here", 0.5)))
    assert (one.kind, one.ranks, one.kept) == (Crowd.BOILERPLATE, (1, 2, 3, 4), 5)
    assert not one.best_of_each_helps


def test_the_choice_is_not_offered_again() -> None:
    chosen = replace(INQUIRY, selection=Selection.BEST_OF_EACH)
    rows = [(letter, NOTICE.format(letter * 4), 5.0 - at) for at, letter in enumerate("abcdef")]
    (one,) = crowding(chosen, ranked(chosen, *rows))
    assert one.kind is Crowd.BOILERPLATE
    assert one.elsewhere == 1
    assert not one.best_of_each_helps


def test_figures_and_case_do_not_make_a_text_another() -> None:
    one = shingles("Within 30 days of the Effective Date the Buyer pays")
    assert one == shingles("WITHIN 45 DAYS of the effective date, the buyer pays.")
    assert similarity(one, one) == 1.0


def test_likeness_is_the_share_of_common_runs_of_four_words() -> None:
    # "a b c d", "b c d e" against "b c d e", "c d e f": one of three.
    assert similarity(shingles("a b c d e"), shingles("b c d e f")) == pytest.approx(1 / 3)
    assert similarity(shingles("12 34"), shingles("12 34")) == 0.0
    assert shingles("two words") == frozenset({("two", "words")})
