"""Alignment of labelled words with a contract's text: what is found in spite of typography, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.alignment import AmbiguousQuote, Folded, chunks_holding, locate
from tests.evals_kit import CAP, LAW, STAFF
from tests.fakes import make_contract


def test_folding_keeps_the_way_back() -> None:
    folded = Folded.of("A \ufb01x,\nB")
    assert folded.characters == "afixb"
    assert folded.offsets.tolist() == [0, 2, 2, 3, 6]


@pytest.mark.parametrize(
    "text",
    [
        LAW,
        LAW.replace(" ", "\n  "),
        LAW.replace("governed", "gov-\nerned"),
        LAW.replace(" ", ""),
        LAW.upper(),
        LAW.replace("Agreement", "\u201cAgree\u00adment\u201d"),
    ],
    ids=["same", "line ends", "hyphenated", "no spaces", "capitals", "quotation marks and soft hyphen"],
)
def test_locate_sees_through_typography(text: str) -> None:
    folded = Folded.of(f"Before it. {text} After it.")
    length = len(Folded.of(LAW).characters)
    assert locate(LAW, folded) == (((len("beforeit"), length),),)


def test_locate_steps_over_a_running_header() -> None:
    head, tail = LAW[:40], LAW[40:]
    folded = Folded.of(f"{head}\nPage 7 of 90 - Supply Agreement - Execution Version\n{tail}")
    ((first, second),) = locate(LAW, folded)
    assert first[1] + second[1] == len(Folded.of(LAW).characters)
    assert second[0] - (first[0] + first[1]) == len(
        Folded.of("Page 7 of 90 - Supply Agreement - Execution Version").characters
    )


def test_locate_survives_misread_letters() -> None:
    misread = STAFF.replace("solicit", "so1icit").replace("Neither", "Ncither")
    (blocks,) = locate(STAFF, Folded.of(f"{CAP} {misread} {LAW}"))
    assert sum(length for _, length in blocks) >= 0.75 * len(Folded.of(STAFF).characters)


@pytest.mark.parametrize("quote", [STAFF, "", " .,; "], ids=["elsewhere", "empty", "signs only"])
def test_locate_finds_nothing(quote: str) -> None:
    assert locate(quote, Folded.of(f"{LAW} {CAP}")) == ()


def test_half_of_the_words_are_not_enough() -> None:
    other = "This Agreement is governed by whatever the managers of both companies like best at the time."
    assert (
        locate("This Agreement is governed by the laws of England and Wales alone.", Folded.of(other)) == ()
    )


def test_repeated_words_count_everywhere_unless_short() -> None:
    folded = Folded.of(f"{LAW} thirty days {CAP} thirty days {LAW}")
    assert len(locate(LAW, folded)) == 2
    with pytest.raises(AmbiguousQuote, match="2 places"):
        locate("thirty days", folded)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_a_text_is_found_there(before: str, quote: str, after: str) -> None:
    text = Folded.of(before + quote + after)
    wanted = Folded.of(quote).characters
    try:
        located = locate(quote, text)
    except AmbiguousQuote:
        assert text.characters.count(wanted) >= 1
        return
    assert bool(located) == bool(wanted)
    for ((start, length),) in located:
        assert text.characters[start : start + length] == wanted


@pytest.mark.parametrize(
    ("quote", "ordinals"),
    [
        ("State of Ruritania. The Supplier is liable for at most twice the fees", [1]),
        ("governed by the laws of the State of Ruritania. The Supplier", [0]),
        (f"{LAW} {CAP} {STAFF}", [2]),
        (LAW, [0]),
        ("laws of the", [0]),
    ],
    ids=["larger part behind", "larger part before", "over three, the longest", "whole chunk", "inside"],
)
def test_the_chunk_with_the_larger_part_is_right(quote: str, ordinals: list[int]) -> None:
    contract, chunks = make_contract("Supply", [LAW, CAP, STAFF])
    folded = Folded.of(contract.text)
    (blocks,) = locate(quote, folded)
    expected = frozenset(chunks[ordinal].chunk_id for ordinal in ordinals)
    assert chunks_holding(blocks, folded, chunks) == expected


def test_both_halves_of_an_evenly_cut_quote_are_right() -> None:
    contract, chunks = make_contract("Supply", ["alpha beta gamma delta", "delta gamma beta alpha"])
    folded = Folded.of(contract.text)
    (blocks,) = locate(contract.text, folded)
    assert chunks_holding(blocks, folded, chunks) == {chunk.chunk_id for chunk in chunks}


def test_words_outside_every_chunk_have_no_right_chunk() -> None:
    contract, chunks = make_contract("Supply", [LAW, CAP])
    folded = Folded.of(contract.text)
    (blocks,) = locate(CAP, folded)
    assert chunks_holding(blocks, folded, chunks[:1]) == frozenset()
