"""What a contract plainly says about itself, and silence where it does not."""

import pytest

from core.records import ContractText, Page, Profile, TextSource
from ingest.describe import describe

SENTENCE = "The Supplier shall deliver the Goods to the Buyer at the agreed place and time in good order. "
SUPPLY = """SUPPLY AGREEMENT
This Agreement is dated 4 March 2024 and made between:
(1) HARBOUR FOODS PLC, a company registered in England (the "Buyer"); and
(2) NORTHWIND COLD CHAIN LIMITED, a company registered in England (the "Supplier").
1. DELIVERY
1.1 The Supplier shall deliver the Goods.
2. GOVERNING LAW
2.1 This Agreement is governed by the law of England and Wales.
"""
SALE = """EXECUTION COPY
SUPPLY AGREEMENT
This Supply Agreement (the “Agreement”), dated as of March 4, 2010, is made by and between Harbour Foods plc, a
company organised under the laws of England (“Supplier”), and Acme Bakeries, Inc., a Delaware corporation (the
“Buyer”).
WHEREAS, the Buyer bakes;
The parties agree as follows:
1. Governing Law. This Agreement shall be governed by the laws of the State of
New York, without regard to its conflict of laws rules.
"""


def profile_of(text: str, file_name: str = "upload.pdf", document_title: str = "") -> Profile:
    page = Page(1, "1", 0, len(text), TextSource.TEXT)
    return describe(ContractText("c" * 64, file_name, text, (page,), document_title=document_title))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            SUPPLY,
            Profile(
                "Supply Agreement",
                ("HARBOUR FOODS PLC", "NORTHWIND COLD CHAIN LIMITED"),
                "2024-03-04",
                "England and Wales",
                "Supply",
            ),
            id="english",
        ),
        pytest.param(
            SALE,
            Profile(
                "Supply Agreement",
                ("Harbour Foods plc", "Acme Bakeries, Inc."),
                "2010-03-04",
                "New York",
                "Supply",
            ),
            id="american",
        ),
        pytest.param("", Profile("upload"), id="empty"),
    ],
)
def test_profile(text: str, expected: Profile) -> None:
    assert profile_of(text) == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("EXHIBIT 10.4\nMASTER SERVICES AND LICENSE AGREEMENT\n", "Master Services and License Agreement"),
        ("SITE DEVELOPMENT AND\nHOSTING AGREEMENT\n", "Site Development and Hosting Agreement"),
        ("AMENDED AND RESTATED\nSUPPLY AGREEMENT\n", "Amended and Restated Supply Agreement"),
        ("AMENDMENT NO. 2\nTO\nSUPPLY AGREEMENT\n", "Amendment No. 2 to Supply Agreement"),
        ("Reseller Agreement\n", "Reseller Agreement"),
        ("ACME INC.\nOFFICE LEASE\n", "Office Lease"),
        ("This Joint Venture Agreement (the “Agreement”) is made today.", "Joint Venture Agreement"),
    ],
    ids=[
        "capitals",
        "two-lines",
        "restated",
        "amendment",
        "mixed-case",
        "after-a-name",
        "in-the-first-sentence",
    ],
)
def test_title(text: str, title: str) -> None:
    assert profile_of(text).title == title


@pytest.mark.parametrize(
    ("file_name", "document_title", "title"),
    [
        ("Office_Lease_2019.PDF", "", "Office Lease 2019"),
        ("../../etc/Side Letter.pdf", "", "Side Letter"),
        ("scan.pdf", "Side Letter of 2019", "Side Letter of 2019"),
        ("Side Letter.pdf", "Microsoft Word - draft7.doc", "Side Letter"),
        (".pdf", "", "Untitled contract"),
    ],
)
def test_title_without_one_in_the_text(file_name: str, document_title: str, title: str) -> None:
    assert profile_of("Dear Sirs, we refer to our talks.", file_name, document_title).title == title


@pytest.mark.parametrize(
    ("opening", "parties"),
    [
        pytest.param(
            "between Acme Inc., a Texas corporation, and Bolt LLC, an Ohio company.",
            ("Acme Inc.", "Bolt LLC"),
            id="two",
        ),
        pytest.param(
            "by and among ACME, INC. (the “Seller”), BOLT LLC (“Bolt”) and Jane Q. Doe (“Doe”).",
            ("ACME, INC.", "BOLT LLC", "Jane Q. Doe"),
            id="three-with-defined-names",
        ),
        pytest.param(
            'PARTIES: (1) HARBOUR FOODS PLC, a company (the "Supplier"); and (2) JOHN BAKER of 5 High Street (the'
            ' "Buyer").',
            ("HARBOUR FOODS PLC", "JOHN BAKER"),
            id="numbered-list",
        ),
        pytest.param(
            'BETWEEN: C.M. OLIVER & COMPANY LIMITED, having an office in Vancouver (the "Sponsor"); AND: ACME CORP.,'
            ' a corporation (the "Issuer").',
            ("C.M. OLIVER & COMPANY LIMITED", "ACME CORP."),
            id="between-and-in-capitals",
        ),
        pytest.param(
            "Party A: ZTO Express Co., Ltd. Address: 5 Road; Party B: Tonglu Ltd. Address: 6 Road",
            ("ZTO Express Co., Ltd.", "Tonglu Ltd."),
            id="lettered",
        ),
        pytest.param("Ladies and Gentlemen: we hereby confirm our agreement with you.", (), id="letter"),
        pytest.param(
            "The prices differ between the two seasons and among the stores.", (), id="other-between"
        ),
    ],
)
def test_parties(opening: str, parties: tuple[str, ...]) -> None:
    assert profile_of(f"SUPPLY AGREEMENT\nThis agreement is made {opening}\n").parties == parties


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("dated as of March 4, 2010", "2010-03-04"),
        ("made this 8th day of May 2014", "2014-05-08"),
        ("made on the 21st day of December, 1999", "1999-12-21"),
        ("dated 4 March 2010", "2010-03-04"),
        ("effective as of Sept. 1, 2008", "2008-09-01"),
        ("entered into as of 3/4/2010", "2010-03-04"),
        ("dated 2010-03-04", "2010-03-04"),
        ("dated as of March ___, 2010 and sent on April 1, 2010", ""),
        ("made this ____ day of May 2014 and sent on June 1, 2014", ""),
        ("dated as of [●], 2020", ""),
        ("dated February 30, 2010", ""),
        ("an amendment to the Supply Agreement dated May 5, 2001, made as of June 6, 2002", "2002-06-06"),
        ("about the financial year that ended on March 31, 1995", ""),
    ],
)
def test_date(words: str, date: str) -> None:
    assert profile_of(f"SUPPLY AGREEMENT\nThis Agreement is {words} between the parties.").date == date


@pytest.mark.parametrize(
    ("clause", "law"),
    [
        ("governed by and construed in accordance with the laws of the State of New York, USA", "New York"),
        ("GOVERNED BY THE LAWS OF THE STATE OF NEW YORK WITHOUT REGARD TO CONFLICTS OF LAW", "New York"),
        ("governed by the laws of Ireland", "Ireland"),
        ("governed by English law", "England and Wales"),
        ("governed by German law", "Germany"),
        ("construed under the internal laws of the Commonwealth of Pennsylvania", "Pennsylvania"),
        ("governed by the laws of the People's Republic of China", "People's Republic of China"),
        ("governed by the laws of the United States and the State of Florida", "Florida"),
        ("governed by the laws of the jurisdiction in which the breach occurs", ""),
        ("governed by the board, organised under the laws that apply to it", ""),
        ("performed in compliance with all applicable laws of the place", ""),
    ],
)
def test_governing_law(clause: str, law: str) -> None:
    text = f"SUPPLY AGREEMENT\n{SENTENCE}\n9. Law. This Agreement shall be {clause}."
    assert profile_of(text).governing_law == law


def test_the_place_of_a_company_is_no_governing_law() -> None:
    text = "Acme Inc. is a corporation organised and existing under the laws of the State of Delaware."
    assert profile_of(text).governing_law == ""


@pytest.mark.parametrize(
    "unit", ["between A (a ", "dated as of ", "governed by the laws of the State of ", "_", ".", "(“"]
)
def test_hostile_text(unit: str) -> None:
    assert profile_of(unit * (200_000 // len(unit)), "hostile.pdf").date == ""
