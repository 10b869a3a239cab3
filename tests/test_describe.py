"""What a contract plainly says about itself, and silence where it does not."""

import pytest

from core.records import ContractText, Page, TextSource
from ingest.describe import describe


def contract(text: str, file_name: str = "upload.pdf") -> ContractText:
    return ContractText("c" * 64, file_name, text, (Page(1, "1", 0, len(text), TextSource.TEXT),))


SUPPLY = """SUPPLY AGREEMENT
This Agreement is dated 4 March 2024 and made between:
(1) HARBOUR FOODS PLC, a company registered in England (the "Buyer"); and
(2) NORTHWIND COLD CHAIN LIMITED, a company registered in England (the "Supplier").
1. DELIVERY
1.1 The Supplier shall deliver the Goods.
2. GOVERNING LAW
2.1 This Agreement is governed by the law of England and Wales.
"""


def test_title_parties_date_and_law_are_read() -> None:
    profile = describe(contract(SUPPLY))
    assert profile.title == "Supply Agreement"
    assert profile.date == "2024-03-04"
    assert profile.governing_law == "England and Wales"
    assert len(profile.parties) == 2
    assert "HARBOUR FOODS PLC" in profile.parties[0].upper()
    assert "NORTHWIND COLD CHAIN LIMITED" in profile.parties[1].upper()


@pytest.mark.parametrize(
    ("clause", "law"),
    [
        pytest.param(
            "This Agreement shall be governed by the laws of the State of New York.", "New York", id="state"
        ),
        pytest.param("This Agreement is governed by the laws of Ireland.", "Ireland", id="country"),
        pytest.param("The parties comply with all applicable laws of the place.", "", id="no choice of law"),
    ],
)
def test_governing_law(clause: str, law: str) -> None:
    assert describe(contract(f"NOTICE\n1. GENERAL\n1.1 {clause}\n")).governing_law == law


def test_what_is_not_stated_is_empty_and_the_title_falls_back_to_the_file_name() -> None:
    profile = describe(contract("lorem ipsum dolor sit amet\n", "harbour_supply.pdf"))
    assert (profile.parties, profile.date, profile.governing_law) == ((), "", "")
    assert "harbour" in profile.title.lower()
