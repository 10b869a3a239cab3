"""Sentence splitting: where contracts and answers end a sentence, and where they only seem to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answering.sentences import Span, split_answer, split_contract

# A bar stands where a sentence ends.
CONTRACT: dict[str, str] = {
    "two sentences": "The Buyer shall pay.| The Supplier shall deliver.",
    "company names": "Northwind Inc. shall deliver to Harbour Ltd. in Cork.| Title passes.",
    "company name last": "Goods are sold by Northwind Inc.| The Buyer pays.",
    "initials": "Notices go to J. R. Smith at the address below.| They take effect on receipt.",
    "acronym inside": "The U.S. Securities Act applies.| It prevails.",
    "acronym last": "It is governed by the laws of the U.S.| The parties submit.",
    "e.g. and i.e.": "Costs, e.g. Freight and i.e. Duty, are borne by the Buyer.| Tax is not.",
    "numbers": "See No. 4, Art. 5, Sec. 6 and pp. 7-9 of it.| The rest is void.",
    "a No at the end": "The answer to this is no.| The Buyer bears the cost.",
    "Amendment No. One": "This is Amendment No. One to the Agreement.| It binds.",
    "a date": "It starts on 3 Sept. 2024 and ends later.| It renews.",
    "decimals": "Interest is 4.5 per cent. a year under Section 4.2(b) hereof.| It accrues daily.",
    "clause number": "8. Liability is limited.| 8.1 applies.",
    "article in Roman": "ARTICLE IV. The Supplier insures the Goods.| It pays.",
    "section heading": "Section 5. Fees are due monthly.| They are fixed.",
    "lettered recital": "A. The Supplier makes bearings.| It sells them.",
    "run-in heading": "4.2 Cap.| Subject to clause 8, liability is capped.",
    "schedule named by a letter": "The price is in Schedule A.| The Buyer pays it.",
    "quoted sentences": "Insert \u201cThe cap is gone. The Buyer pays.\u201d after clause 4.| It applies.",
    "straight quotes": 'The label reads "Fragile. Keep dry." on each side.| It is red.',
    "sentence ends in a quotation": 'It is the "Term."| The Term renews.',
    "definition": "\u201cAffiliate\u201d means a controlled entity.| \u201cFee\u201d means the price.",
    "question and exclamation": "Why?| Because!| That is all.",
    "soft line breaks": "The Buyer shall\npay in thirty\n30 days.| \nThe rest is void.",
    "blank line": "LIABILITY\n\n|The cap is 5.",
    "sub-clauses": "The Supplier may terminate if:\n|(a) the Buyer does not pay; or\n|(b) it is insolvent.",
    "wrapped reference": "under clause\n(b) of this Agreement and Section 4.2\n(c) of the Lease it holds.",
    "wrapped number": "within a period of\n30 days after notice, subject to Section\n4.2 of it.",
    "numbered lines": "4.1 The Buyer pays.\n|4.2 The Supplier delivers.",
    "list of bullets": "The fee covers:\n|\u2022 storage;\n|\u2022 freight.",
    "ellipsis": "The Buyer ... shall pay.| It may not.",
    "et al.": "Smith et al. and others sign.| They are bound.",
    "closing bracket": "It ends (unless renewed.)| It may be renewed.",
}  # fmt: skip

ANSWER: dict[str, str] = {
    "marker before the full stop": "The cap is 5 [1].| It has an exception [2].",
    "marker after the full stop": "The cap is 5. [1]| It has an exception. [2][3]",
    "marker tight after the full stop": "The cap is 5.[1]| It has an exception.[2]",
    "other brackets": "The cap is 5. \u30101\u2020source\u3011| It has an exception. [1, 2]| More. [1-3]",
    "marker opens a sentence": "[1] says it is 5.| [2] says it is 6.",
    "lines": "Yes.\n|- The cap is 5 [1]\n|- The term is 3 years [2]",
    "numbered list": "1. The cap is 5. [1]\n|2. The term is 3. [2]",
    "line of markers": "The cap is 5.\n[1][2]\n|Costs are extra [3].",
    "no marker": "No. Clause 8.2 excludes it. [1]".replace("No. ", "No.| "),
    "No with a number": "Amendment No. 1 removes the cap. [1]",
    "quotation over two lines": 'It says "(a) pay;\n(b) deliver." [1]\n|It binds.',
    "quotation of two sentences": 'It says "The cap is 5. It holds for all." [1]| Nothing else.',
    "quotation closes the sentence": 'It says "the cap is 5." [1]| Nothing else.',
    "abbreviation before a marker": "The seller is Northwind Inc. [1]| The buyer is Harbour. [2]",
    "unclosed quotation": 'It says "the cap is 5. [1]| It holds. [2]',
}  # fmt: skip


def expected(marked: str) -> tuple[str, list[str]]:
    return marked.replace("|", ""), [piece.strip() for piece in marked.split("|")]


@pytest.mark.parametrize("marked", CONTRACT.values(), ids=CONTRACT.keys())
def test_sentences_of_contracts(marked: str) -> None:
    text, sentences = expected(marked)
    assert [span.of(text) for span in split_contract(text)] == sentences


@pytest.mark.parametrize("marked", ANSWER.values(), ids=ANSWER.keys())
def test_sentences_of_answers(marked: str) -> None:
    text, sentences = expected(marked)
    assert [span.of(text) for span in split_answer(text)] == sentences


def test_offsets_are_exact() -> None:
    assert split_contract("  One.\n\n Two. ") == (Span(2, 6), Span(9, 13))


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_has_no_sentences(text: str) -> None:
    assert split_contract(text) == ()
    assert split_answer(text) == ()


fragments = st.sampled_from(
    ["The Buyer", " pays", ". ", ".\n", "\n\n", "\n(a) ", "\n4.2 ", "Inc.", "No. ", '"', "\u201c", "\u201d",
     " [1]", "[2][3]", "...", "? ", ";\n", "4.2", " ", "\n- ", "\u2026", "(", ")", "\u30101\u3011"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(fragments | st.text(max_size=5), max_size=30).map("".join))
def test_splitting_is_lossless(text: str) -> None:
    for spans in (split_contract(text), split_answer(text)):
        position = 0
        for span in spans:
            assert text[position : span.start].strip() == ""
            assert span.of(text) == span.of(text).strip() != ""
            position = span.end
        assert text[position:].strip() == ""
