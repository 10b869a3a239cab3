"""What is taken for a running line, and above all what is not."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reading.page_numbers import number_value
from ingest.reading.running_lines import EDGE_LINES, find_running_lines

BODY = [f"The {word} provision of this page says something of its own." for word in "abcdefghijkl"]
MakeLines = Callable[[int], list[str]]
ROMAN = ["", "i", "ii", "iii", "iv", "v"]


def document(page_count: int, head: MakeLines, foot: MakeLines) -> list[list[str]]:
    """Pages of twelve distinct lines between ``head(page)`` and ``foot(page)``; pages count from 1."""
    return [
        [*head(number), *(f"{line} ({number})." for line in BODY), *foot(number)]
        for number in range(1, page_count + 1)
    ]


def nothing(_number: int) -> list[str]:
    return []


def left_out(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """The lines left out of every page, from top to bottom."""
    return [
        [pages[page][index] for index in sorted(indices)]
        for page, indices in enumerate(find_running_lines(pages))
    ]


FEET: list[tuple[str, MakeLines]] = [
    ("number", lambda n: [f"{n}"]),
    ("number with cover pages", lambda n: [f"{n - 2}"] if n > 2 else []),
    ("far from the page's number", lambda n: [f"{n + 480}"]),
    ("between dashes", lambda n: [f"- {n} -"]),
    ("one dash lost", lambda n: [f"-{n}"]),
    ("page n", lambda n: [f"Page {n}"]),
    ("page n of m", lambda n: [f"Page {n} of 5"]),
    ("n of m", lambda n: [f"{n} of 5"]),
    ("n/m", lambda n: [f"{n}/5"]),
    ("of a schedule", lambda n: [f"A-{n}"]),
    ("in brackets", lambda n: [f"[Page {n}]"]),
    ("roman", lambda n: [ROMAN[n]]),
    ("roman between dashes", lambda n: [f"-{ROMAN[n]}-"]),
    ("title", lambda _: ["Harbour Foods - Supply Agreement"]),
    ("title with number", lambda n: [f"Supply Agreement {n} Execution Version"]),
    ("title with number and date", lambda n: [f"Draft of 3 May 2021 Page {n} of 5"]),
    ("court stamp", lambda n: [f"Case 18-10248 Doc 632-1 Filed 04/18/18 Page {n} of 60"]),
    ("three lines", lambda n: ["LICENSOR: ACME LLC", "LICENSEE: BOLT INC.", f"{n}"]),
    ("note of two lines", lambda _: ["* Confidential treatment requested and filed with the", "Commission."]),
    ("filing stamp", lambda _: ["Source: BOLT INC., 10-K/A, 3/4/2010"]),
    ("number above a filing stamp", lambda n: [f"{n}", "Source: BOLT INC., 10-K/A, 3/4/2010"]),
]


@pytest.mark.parametrize("foot", [foot for _, foot in FEET], ids=[name for name, _ in FEET])
def test_feet_are_left_out(foot: MakeLines) -> None:
    pages = document(5, nothing, foot)
    assert left_out(pages) == [foot(number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("head", "on_first_page"),
    [
        pytest.param(lambda _: ["SUPPLY AGREEMENT"], [], id="title"),
        pytest.param(lambda _: ["CONFIDENTIAL", "Execution Version"], [], id="two lines"),
        pytest.param(lambda n: [f"Page {n}"], ["Page 1"], id="page number"),
        pytest.param(lambda n: [f"{n}", "SUPPLY AGREEMENT"], ["1"], id="number above the title"),
    ],
)
def test_heads_are_left_out_but_the_first_page_keeps_its_title(
    head: MakeLines, on_first_page: list[str]
) -> None:
    assert left_out(document(4, head, nothing)) == [on_first_page, head(2), head(3), head(4)]


def test_heads_of_left_and_right_pages_are_left_out() -> None:
    pages = document(6, lambda n: ["Acme and Bolt" if n % 2 else "Supply Agreement"], nothing)
    expected = [[], ["Supply Agreement"], ["Acme and Bolt"], ["Supply Agreement"], ["Acme and Bolt"]]
    assert left_out(pages)[:5] == expected


def test_the_head_of_a_schedule_stays_where_it_stands_first() -> None:
    pages = document(12, lambda n: ["SCHEDULE A - SERVICES"] if n > 8 else [], nothing)
    assert left_out(pages) == [[]] * 9 + [["SCHEDULE A - SERVICES"]] * 3


def test_a_single_page_loses_only_what_must_be_its_number() -> None:
    lines = ["SUPPLY AGREEMENT", *BODY, "Page 1 of 1", "Source: BOLT INC., 8-K, 3/4/2010"]
    assert left_out([lines]) == [["Page 1 of 1", "Source: BOLT INC., 8-K, 3/4/2010"]]


KEPT: list[tuple[str, MakeLines]] = [
    ("articles", lambda n: [f"ARTICLE {n}"]),
    ("schedules, one a page", lambda n: [f"SCHEDULE {n}"]),
    ("exhibits in roman", lambda n: [f"Exhibit {ROMAN[n]}"]),
    ("clauses", lambda n: [f"{n}. {['Term', 'Fees', 'Liability', 'Notices', 'Law'][n % 5]}"]),
    ("sentences that count", lambda n: [f"Instalment {n} falls due {n} months after Closing."]),
    ("signatures", lambda _: ["By: ______________", "Name:", "Title:"]),
    ("conformed signatures", lambda _: ["/s/ John Madden"]),
    ("offices", lambda _: ["Vice President"]),
    ("redactions", lambda _: ["[***]"]),
    ("omitted schedules", lambda _: ["Intentionally omitted."]),
    ("amounts", lambda n: [f"{n * 1000}"]),
    ("periods", lambda _: ["24 Months"]),
    ("dates that come once", lambda n: [f"{n} May 20{n}1"]),
    ("ends of sentences", lambda n: ["Agreement."] if n < 5 else ["of the Seller."]),
    ("ends of clauses", lambda n: ["the other party."] if n < 5 else []),
    ("ticked box", lambda n: ["x"] if n == 3 else []),
    ("twice only", lambda n: ["Price list of the Supplier"] if n < 3 else []),
]


@pytest.mark.parametrize("lines", [lines for _, lines in KEPT], ids=[name for name, _ in KEPT])
@pytest.mark.parametrize("place", ["head", "foot"])
def test_what_belongs_to_the_contract_stays(lines: MakeLines, place: str) -> None:
    pages = document(5, *((lines, nothing) if place == "head" else (nothing, lines)))
    assert left_out(pages) == [[]] * 5


def test_what_comes_on_pages_far_apart_stays() -> None:
    pages = document(20, nothing, lambda n: ["Price list of the Supplier"] if n in (1, 10, 20) else [])
    assert left_out(pages) == [[]] * 20


def test_a_running_line_below_the_contracts_own_words_stays() -> None:
    pages = document(
        4, nothing, lambda n: ["Price list of the Supplier", f"Item {n * 7} of the list is {n * n}"]
    )
    assert left_out(pages) == [[]] * 4


def test_pages_of_nothing_but_repeated_lines_are_kept_whole() -> None:
    pages = [[f"Page {number}. The liability of each party is capped."] for number in range(1, 4)]
    assert left_out(pages) == [[], [], []]


def test_a_bare_number_that_is_out_of_step_stays() -> None:
    pages = document(3, nothing, lambda n: [{1: "250", 2: "900", 3: "17"}[n]])
    assert left_out(pages) == [[], [], []]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7", 7),
        ("i", 1),
        ("iv", 4),
        ("ix", 9),
        ("xiv", 14),
        ("xl", 40),
        ("xcix", 99),
        ("iix", None),
        ("vv", None),
    ],
)
def test_numbers_are_read(written: str, value: int | None) -> None:
    assert number_value(written) == value


some_lines = st.lists(
    st.sampled_from(
        ["Head", "1", "2", "Page 2", "- 3 -", "iv", "Alpha beta.", "By:", "Source: A B, 8-K, 1/1/2001", "x"]
    )
    | st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8),
    max_size=14,
)


@given(st.lists(some_lines, max_size=8))
def test_only_unbroken_edges_are_left_out(pages: list[list[str]]) -> None:
    found = find_running_lines(pages)
    assert len(found) == len(pages)
    for lines, indices in zip(pages, found, strict=True):
        kept = [index for index in range(len(lines)) if index not in indices]
        assert indices <= set(range(len(lines)))
        assert kept == list(range(kept[0], kept[-1] + 1)) if kept else True
        assert len(indices) <= 2 * EDGE_LINES
