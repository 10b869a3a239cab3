"""References into schedules and their parts, and other agreements that a contract names."""

import pytest

from core.pipeline.graph.records import Agreement
from ingest.annotate import find_notes
from ingest.clauses.tree import read_clauses
from ingest.terms.defined_terms import find_defined_terms
from ingest.terms.other_agreements import OtherAgreements, find_other_agreements

CONTRACT = """\
SUPPLY AGREEMENT

1. DEFINITIONS
1.1 "Contract Particulars" means Schedule 2.
1.2 Words mean what they say.

2. DELIVERY
2.1 {words} applies to each delivery.
2.2 Goods are delivered in time.

SCHEDULE 1
PRICES
Part 1 - Standard prices
1. Ten pounds a case.
2. Twelve pounds a crate.

Part 2 - Special prices
1. Nine pounds a case.
2. Eleven pounds a crate.

SCHEDULE 2
CONTRACT PARTICULARS
1. The depot is in Hull.
2. The term is two years.

EXHIBIT C
CHARGES
C-1. Monthly charges
Forty pounds a month.
C-2. Yearly charges
Ninety pounds a year.

SCHEDULE 4
LIMITS
1 Ceiling
1.1 The ceiling of clause 2.1 and of paragraph 2 is ten.
2 Time
2.1 A year is enough, as paragraph 1 and clause 1 say.
"""


def targets(words: str) -> list[tuple[str, str]]:
    text = CONTRACT.format(words=words)
    return [
        (text[one.start : one.end], text[one.target :].split("\n")[0])
        for one in find_notes(text, [0]).references
        if text.index(words) <= one.start < text.index(words) + len(words)
    ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param(
            "Paragraph 2 of Schedule 2",
            [("Paragraph 2", "2. The term is two years."), ("Schedule 2", "SCHEDULE 2")],
            id="a paragraph of a schedule, not clause 2",
        ),
        pytest.param(
            "Paragraph 2 of Part 2 of Schedule 1",
            [
                ("Paragraph 2", "2. Eleven pounds a crate."),
                ("Part 2", "Part 2 - Special prices"),
                ("Schedule 1", "SCHEDULE 1"),
            ],
            id="a paragraph of a part",
        ),
        pytest.param(
            "Schedule 1, Part 2",
            [("Schedule 1", "SCHEDULE 1"), ("Part 2", "Part 2 - Special prices")],
            id="the schedule comes first",
        ),
        pytest.param(
            "The list in Schedule 1 and Part 1 of that Schedule",
            [("Schedule 1", "SCHEDULE 1"), ("Part 1", "Part 1 - Standard prices")],
            id="that schedule",
        ),
        pytest.param(
            "Item 1 of the Contract Particulars", [("Item 1", "1. The depot is in Hull.")], id="by its name"
        ),
        pytest.param(
            "Part C-2 of Exhibit C",
            [("Part C-2", "C-2. Yearly charges"), ("Exhibit C", "EXHIBIT C")],
            id="a lettered part",
        ),
        pytest.param("Item 7 of the Contract Particulars", [], id="no such item"),
        pytest.param("Item 2", [], id="an item of nothing"),
    ],
)
def test_references_into_schedules(words: str, found: list[tuple[str, str]]) -> None:
    assert targets(words) == found


def test_inside_a_schedule_clauses_are_those_of_the_body() -> None:
    text = CONTRACT.format(words="Nothing")
    begin = text.index("SCHEDULE 4")
    found = [
        (text[one.start : one.end], text[one.target :].split("\n")[0])
        for one in find_notes(text, [0]).references
        if one.start > begin
    ]
    assert found == [
        ("clause 2.1", "2.1 Nothing applies to each delivery."),
        ("paragraph 2", "2 Time"),
        ("paragraph 1", "1 Ceiling"),
        ("clause 1", "1. DEFINITIONS"),
    ]


AMENDMENT = """\
AMENDMENT NO. 1 TO MASTER SERVICES AGREEMENT

A. The parties are parties to a Master Services Agreement dated as of March 15, 2023 (the "Original Agreement").
B. AMENDMENT This Amendment Agreement dated May 4, 2024 is no other agreement, and neither is the Lease of no date.

1. CHANGES
1.1 Sections 17(b) and 21 of the Original Agreement are deleted.
1.2 The table in Part C-6 of Exhibit C to the Original Agreement is replaced.
1.3 See the Office Lease dated 1 July 2018 between others.
"""


def others_in(text: str, title: str) -> OtherAgreements:
    return find_other_agreements(text, title, find_defined_terms(text, read_clauses(text, [0])))


def test_agreements_named_with_a_date_and_references_to_their_clauses() -> None:
    found = others_in(AMENDMENT, "Amendment No. 1 to Master Services Agreement")
    assert found.agreements == (
        Agreement("Master Services Agreement", "2023-03-15", "Original Agreement"),
        Agreement("Office Lease", "2018-07-01"),
    )
    assert found.amends == 0
    assert [(one.agreement, one.label) for one in found.references] == [
        (0, "17(b)"),
        (0, "21"),
        (0, "exhibit 100/part C-6"),
    ]
    assert sorted({agreement for agreement, _ in found.named}) == [0, 1]


@pytest.mark.parametrize(
    ("title", "amended"),
    [
        ("Amendment No. 1 to Master Services Agreement", "Master Services Agreement"),
        ("First Amendment to the Office Lease", "Office Lease"),
        ("Second Addendum to Licence Agreement", "Licence Agreement"),
        ("Master Services Agreement", ""),
        ("Plan Amendment", ""),
    ],
)
def test_what_a_title_amends(title: str, amended: str) -> None:
    found = others_in("Nothing is dated here.", title)
    assert [one.title for one in found.agreements] == ([amended] if amended else [])
    assert found.amends == (0 if amended else -1)


def test_a_list_of_hundreds_of_agreements_is_bounded() -> None:
    days = [f"the Lease Agreement dated {day} May {year}" for year in range(1950, 2000) for day in (3, 4)]
    assert len(others_in("; ".join(days), "Register").agreements) == 40


def test_a_long_run_of_spaces_is_read_in_passing() -> None:
    text = f"1. TERM\n1.1 As Section 2 {' ' * 200_000} says, and the Lease {' ' * 200_000} dated.\n\n2. END\nIt ends."
    assert [text[one.start : one.end] for one in find_notes(text, [0]).references] == ["Section 2"]
    assert others_in(text, "Lease").agreements == ()
