"""Defined terms, cross-references and contract types, as they are found in a contract's text."""

import pytest

from core.contract_types import CONTRACT_TYPES, find_type
from ingest.annotate import find_notes
from ingest.terms.defined_terms import LONGEST_DEFINITION, find_defined_terms

CONTRACT = """\
SUPPLY AGREEMENT

This Agreement is made between Harbour Foods plc (the \u201cBuyer\u201d) and Orchard Ltd (the \u201cSupplier\u201d).

1. DEFINITIONS
1.1 In this Agreement:
\u201cLosses\u201d means all losses, costs and expenses, including those of Orchard Inc. and its agents.
\u201cDelivery Date\u201d has the meaning given in Section 2.1.
Working Day means a day other than a Sunday.

2. DELIVERY
2.1 The Supplier shall deliver on the date stated in Schedule 1 (the \u201cDelivery Date\u201d).
2.2 The Supplier pays all Losses of late delivery, subject to Section 3.2(b) and to clauses 2.1 and 3.1.

3. LIABILITY
3.1 Nothing limits liability under Section 7 of the Sale of Goods Act.
3.2 The cap is:
(a) for late delivery, ten per cent of the price; and
(b) otherwise, the price, as Section 3.2 says, but see Section 9.9.

SCHEDULE 1
PRICES AND DATES
1. The price is stated in paragraph 2.
2. Ten pounds a case.
"""


def terms_of(text: str) -> dict[str, str]:
    return {term.term: text[term.start : term.end] for term in find_notes(text, [0]).terms}


def test_terms_and_their_definitions() -> None:
    found = terms_of(CONTRACT)
    assert sorted(found) == ["Buyer", "Delivery Date", "Losses", "Supplier", "Working Day"]
    assert found["Losses"] == (
        "\u201cLosses\u201d means all losses, costs and expenses, including those of Orchard Inc. and its agents."
    )
    assert found["Working Day"] == "Working Day means a day other than a Sunday."
    assert found["Buyer"] == "This Agreement is made between Harbour Foods plc (the \u201cBuyer\u201d)"
    # Given a meaning and introduced by a bracket: the meaning is the definition.
    assert found["Delivery Date"].endswith("has the meaning given in Section 2.1.")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param(
            '"Force Majeure Event" shall mean an act of God.', ["Force Majeure Event"], id="shall mean"
        ),
        pytest.param('the goods (collectively, the "Goods") are sold', ["Goods"], id="collectively"),
        pytest.param(
            'Acme (hereinafter referred to as "Acme" or the "Seller") sells.', ["Acme"], id="hereinafter"
        ),
        pytest.param('"Affiliate" or "Affiliates" means a company.', ["Affiliate"], id="or its plural"),
        pytest.param('He said "Deliver it" and left.', [], id="plain speech"),
        pytest.param('see (the "agreement")', [], id="a small letter"),
        pytest.param('(the "Agreement") and "Section" means', [], id="what every contract says"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_what_is_a_defined_term(text: str, terms: list[str]) -> None:
    assert [term.term for term in find_defined_terms(text)] == terms


def test_a_definition_without_an_end_is_cut() -> None:
    text = '"Goods" means ' + "apples and pears " * 200
    (term,) = find_defined_terms(text)
    assert term.end - term.start <= LONGEST_DEFINITION + len('"Goods" means')


def test_references_lead_to_the_clause_they_name() -> None:
    found = {
        CONTRACT[one.start : one.end]: CONTRACT[one.target :].split("\n")[0][:24]
        for one in find_notes(CONTRACT, [0]).references
    }
    assert found == {
        "Section 2.1": "2.1 The Supplier shall d",
        "Schedule 1": "SCHEDULE 1",
        "Section 3.2(b)": "(b) otherwise, the price",
        "clauses 2.1": "2.1 The Supplier shall d",
        "3.1": "3.1 Nothing limits liabi",
        "Section 3.2": "3.2 The cap is:",
        # Inside the schedule, its own paragraph.
        "paragraph 2": "2. Ten pounds a case.",
    }


@pytest.mark.parametrize(
    "words",
    [
        "Section 2.1 of the Data Protection Act",
        "Section 2.1 of the Framework Supply Agreement",
        "Section 8",
        "Section X",
    ],
)
def test_a_reference_to_another_document_or_to_nothing_is_none(words: str) -> None:
    text = CONTRACT.replace("subject to Section 3.2(b)", f"subject to {words}")
    start = text.index(words)
    assert [one for one in find_notes(text, [0]).references if one.start == start] == []


def test_roman_articles_and_their_sections() -> None:
    text = (
        "ARTICLE I\nTERM\nSection 1.1 Term. As Article II says, it lasts.\n\n"
        "ARTICLE II\nEND\nSection 2.1 End. It ends as Section 1.1 says.\n"
    )
    references = find_notes(text, [0]).references
    assert [(text[one.start : one.end], text[one.target : one.target + 11]) for one in references] == [
        ("Article II", "ARTICLE II\n"),
        ("Section 1.1", "Section 1.1"),
    ]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Amendment No. 1 to Master Services Agreement", "Amendment"),
        ("Mutual Non-Disclosure Agreement", "Confidentiality"),
        ("Executive Employment Agreement", "Employment"),
        ("Share Purchase Agreement", "Share or asset purchase"),
        ("Office Lease", "Lease"),
        ("Software Licence Agreement", "Licence"),
        ("Exclusive Distribution Agreement", "Distribution or resale"),
        ("SaaS Subscription Agreement", "Hosting or software service"),
        ("Term Loan Facility Agreement", "Loan or security"),
        ("Master Services Agreement", "Services"),
        ("Letter", ""),
        ("", ""),
    ],
)
def test_the_type_is_read_off_the_title(title: str, kind: str) -> None:
    assert find_type(title) == kind
    assert not kind or kind in CONTRACT_TYPES
