"""Headings: which numbers and titles are recognised, and what numbering they make together."""

import pytest

from ingest.clauses.lines import Gap, plain_signs, read_lines
from ingest.clauses.numerals import read_number
from ingest.clauses.titles import look_of
from ingest.clauses.tree import read_clauses

BODY = "The parties shall perform this clause in good faith and at their own cost."


def paths(text: str) -> list[str]:
    """The heading paths of the clauses of ``text`` in order, each as one line; bare headings included."""
    return [" > ".join(clause.path) for clause in read_clauses(plain_signs(text)) if clause.path]


@pytest.mark.parametrize(
    ("head", "label", "values"),
    [
        pytest.param("ARTICLE IV", "Article IV", {4}, id="article-roman"),
        pytest.param("Article 4 Fees", "Article 4", {4}, id="article-arabic"),
        pytest.param("ARTICLE SEVEN.", "Article SEVEN", {7}, id="article-word"),
        pytest.param("SECTION 5.01 Term", "Section 5.01", {1}, id="section-decimal"),
        pytest.param("§ 3 Haftung", "§ 3", {3}, id="paragraph-sign"),
        pytest.param("Clause 7", "Clause 7", {7}, id="clause"),
        pytest.param("4.2 Cap.", "4.2", {2}, id="decimal"),
        pytest.param("4.2.1. Cap", "4.2.1", {1}, id="decimal-three-parts"),
        pytest.param("4.2Cap and more", "4.2", {2}, id="decimal-without-space"),
        pytest.param("3.0 SCOPE", "3.0", {3}, id="point-zero-counts-as-clause"),
        pytest.param("12. Notices", "12", {12}, id="number"),
        pytest.param("1) goods", "(1)", {1}, id="number-bracket"),
        pytest.param("(b) goods", "(b)", {2}, id="letter"),
        pytest.param("B. Goods", "B", {2}, id="capital-letter"),
        pytest.param("(i) goods", "(i)", {1, 9}, id="roman-or-letter"),
        pytest.param("(xiv) goods", "(xiv)", {14}, id="roman"),
        pytest.param("(aa) goods", "(aa)", {27}, id="double-letter"),
    ],
)
def test_read_number(head: str, label: str, values: set[int]) -> None:
    number = read_number(head)
    assert number is not None
    assert number[0] == label
    assert {reading.value for reading in number[2]} == values


@pytest.mark.parametrize(
    "head",
    [
        "$4.2 million",
        "Acme Inc.",
        "(the Supplier)",
        "2019 was a year",
        "4.2%",
        "Section 5(b) shall",
        "the 4.2",
    ],
)
def test_no_number(head: str) -> None:
    assert read_number(head) is None


@pytest.mark.parametrize(
    ("words", "look"),
    [
        ("LIMITATION OF LIABILITY", "caps"),
        ("Limitation of Liability", "title"),
        ("Limitation of liability", "sentence"),
        ("The Supplier shall deliver the Goods", ""),
        ("deliver the Goods", ""),
        ("________________", ""),
        ("A title that goes on for many more words than any title of a clause ever does in practice", ""),
    ],
)
def test_look_of(words: str, look: str) -> None:
    assert look_of(words) == look


def test_a_line_that_stops_early_ends_its_paragraph() -> None:
    full = "This sentence fills the line of the page to its very end and then goes on to the"
    lines = read_lines(
        f"{full}\nnext line, where it ends.\nAnother paragraph begins here with a sentence of its own."
    )
    assert [line.gap for line in lines] == [Gap.PARAGRAPH, Gap.INSIDE, Gap.PARAGRAPH]


def test_page_numbers_and_rules_are_no_lines() -> None:
    assert [line.text for line in read_lines("First.\n- 3 -\nPage 4 of 9\n______\n17\nSecond.")] == [
        "First.",
        "Second.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"1. DEFINITIONS\n{BODY}\n2. TERM\n2.1 Initial Term. {BODY}\n2.2 Renewal. {BODY}\n3. FEES\n{BODY}",
            ["1 DEFINITIONS", "2 TERM", "2 TERM > 2.1 Initial Term", "2 TERM > 2.2 Renewal", "3 FEES"],
            id="numbers-and-decimals",
        ),
        pytest.param(
            f"ARTICLE I\nTERM\nSection 1.01 Start. {BODY}\nSection 1.02 End. {BODY}\nARTICLE II\nFEES\n{BODY}",
            [
                "Article I TERM",
                "Article I TERM > Section 1.01 Start",
                "Article I TERM > Section 1.02 End",
                "Article II FEES",
            ],
            id="articles-with-title-on-the-next-line",
        ),
        pytest.param(
            f"1. Term. {BODY}\n(a) first item;\n(b) second item:\n(i) part one;\n(ii) part two; and\n(c) third item.",
            [
                "1 Term",
                "1 Term > (a)",
                "1 Term > (b)",
                "1 Term > (b) > (i)",
                "1 Term > (b) > (ii)",
                "1 Term > (c)",
            ],
            id="i-after-b-is-roman",
        ),
        pytest.param(
            "1. Items. As follows:\n" + "".join(f"({letter}) item {letter};\n" for letter in "abcdefghij"),
            ["1 Items", *(f"1 Items > ({letter})" for letter in "abcdefghij")],
            id="i-after-h-is-a-letter",
        ),
        pytest.param(
            f"1. Fees. (a) Amount. {BODY}\n(b) Payment. {BODY}\n2. Term. {BODY}",
            ["1 Fees", "1 Fees > (a) Amount", "1 Fees > (b) Payment", "2 Term"],
            id="several-numbers-in-one-line",
        ),
        pytest.param(
            f"The parties agree as follows:\nTERMINATION\n1. Notice. {BODY}\n2. Cause. {BODY}\n"
            f"PAYMENT\n3. Price. {BODY}\n4. Tax. {BODY}",
            [
                "TERMINATION",
                "TERMINATION > 1 Notice",
                "TERMINATION > 2 Cause",
                "PAYMENT",
                "PAYMENT > 3 Price",
                "PAYMENT > 4 Tax",
            ],
            id="numbers-count-on-under-a-new-group",
        ),
        pytest.param(
            f"1.1 Goods. {BODY}\n1.2 Price. {BODY}\n2.1 Term. {BODY}\n2.2 End. {BODY}",
            ["1.1 Goods", "1.2 Price", "2.1 Term", "2.2 End"],
            id="decimals-without-parents",
        ),
        pytest.param(
            f"1. Term. {BODY}\nEXHIBIT A\nPRICES\n1. Goods. {BODY}\n2. Services. {BODY}",
            ["1 Term", "EXHIBIT A PRICES", "EXHIBIT A PRICES > 1 Goods", "EXHIBIT A PRICES > 2 Services"],
            id="exhibit-starts-anew",
        ),
    ],
)
def test_heading_paths(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


WIDE = "of this Agreement and of every order that the Buyer places under it, in each case subject to Section"


@pytest.mark.parametrize(
    "stray",
    [
        pytest.param(
            f"{WIDE}\n4.2 of this Agreement and to the other terms that are set out in it for the Seller.",
            id="ref",
        ),
        pytest.param(
            f"{WIDE}\nSection 5(b) shall apply to the Goods for as long as the Seller holds any of them.",
            id="section",
        ),
        pytest.param(
            f"{WIDE}\n12 January 2019 or on such later day as the parties may agree between themselves.",
            id="date",
        ),
        pytest.param(
            f"{WIDE}\n2.5 million dollars for all of the Goods that were delivered in the calendar year.",
            id="money",
        ),
        pytest.param(
            "Notices go to:\nAcme Inc.\n45 Broadway Street\nNew York, NY 10006\nAttention: General Counsel",
            id="address",
        ),
        pytest.param(
            "EXCEPT AS SET OUT ABOVE THE SELLER MAKES NO WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, AND\n"
            "DISCLAIMS EVERY WARRANTY OF MERCHANTABILITY OR OF FITNESS FOR ANY PARTICULAR PURPOSE AND\n"
            "TITLE.",
            id="disclaimer",
        ),
    ],
)
def test_text_that_looks_like_a_heading(stray: str) -> None:
    opening = "4. Goods\n4.1 Sale. The Seller sells and the Buyer buys the Goods on the terms"
    text = f"{opening}\n{stray}\n4.2 Price. {BODY}\n"
    assert paths(text) == ["4 Goods", "4 Goods > 4.1 Sale", "4 Goods > 4.2 Price"]


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(
            "TABLE OF CONTENTS\n1. Term 1\n1.1 Start 1\n2. Fees 2\n2.1 Price 2\n3. Law 4\n", id="page-numbers"
        ),
        pytest.param("CONTENTS\n1. Term........1\n2. Fees........2\n3. Law.........4\n", id="leaders"),
    ],
)
def test_a_table_of_contents_stands_apart(contents: str) -> None:
    text = f"{contents}1. Term\n{BODY}\n2. Fees\n{BODY}\n3. Law\n{BODY}"
    assert paths(text) == [contents.split("\n", 1)[0], "1 Term", "2 Fees", "3 Law"]


def test_text_after_a_list_goes_back_to_the_clause_that_holds_it() -> None:
    text = (
        f"2. Delivery. The Seller shall:\n(a) pack the Goods;\n(b) load the Goods; and\n(c) insure the Goods.\n"
        f"The Buyer bears the cost of carriage in every case.\n3. Price. {BODY}"
    )
    clauses = [
        (clause.path[-1], text[clause.start : clause.end].strip())
        for clause in read_clauses(text)
        if clause.path
    ]
    assert ("(c)", "(c) insure the Goods.") in clauses
    assert ("2 Delivery", "The Buyer bears the cost of carriage in every case.") in clauses


def test_the_semicolon_of_some_pdf_fonts_is_a_semicolon() -> None:
    # U+037E, the Greek question mark, is what many files hold where the page shows a semicolon.
    assert plain_signs("goods\u037e\u00a0and\u2011more") == "goods; and-more"
