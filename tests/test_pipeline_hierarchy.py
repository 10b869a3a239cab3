"""The recipe hierarchical: what a question names, which contracts are nearest, and the tier that answers it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from core.answering.chat import ChatModel, Message
from core.pipeline.hierarchy.contract_index import build_index, contract_index
from core.pipeline.hierarchy.labels import Label, chunks_in
from core.pipeline.hierarchy.narrow import narrow
from core.pipeline.hierarchy.nearest import nearest_contracts, nearest_sections
from core.pipeline.hierarchy.outline import (
    decode_outline,
    digests,
    encode_outline,
)
from core.pipeline.hierarchy.periods import find_periods
from core.pipeline.hierarchy.postings import Postings
from core.pipeline.hierarchy.sections import Section, decode_sections, encode_sections, read_numbers
from core.pipeline.hierarchy.tier import Asked, Tier, tier_of
from core.pipeline.hierarchy.words import words_of
from core.pipeline.modules.route import ROUTE, route
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Formulation, Query, Retrieved
from core.pipeline.tools import Shelf, Tools
from core.records import Chunk, ChunkKind, Contract, Inquiry, Profile
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.derive import derive_due
from ingest.index_contract import Tools as IngestTools
from ingest.outline import outline_of, sections_of
from tests.fakes import WordEncoder, make_contract, open_test_library

INGEST = IngestTools.of(Settings(), WordEncoder, lambda text: len(text.split()))
LIBRARY = {
    "supply": Profile(
        "Supply Agreement",
        ("Harbour Foods plc", "Northwind Cold Chain Ltd"),
        "2021-03-14",
        "England",
        "Supply",
    ),
    "services": Profile(
        "Master Services Agreement", ("Brightwater Inc.", "Corvane Services LLC"), "2019-05-01", "New York"
    ),
    "amendment": Profile(
        "Amendment No. 1", ("Brightwater Inc.", "Corvane Services LLC"), "2022-05-01", "New York"
    ),
    "lease": Profile("Office Lease", ("Fairmount Tower Owner LLC", "Bellweather Group, Inc."), "2021-09-09"),
    "software": Profile(
        "Software Licence Agreement", ("Tessera Pte. Ltd.", "Orchid Harbour Pte. Ltd."), "", "Singapore"
    ),
    "nda": Profile(
        "Mutual Non-Disclosure Agreement", ("Meridian PLC", "Network Solutions, Inc."), "2020-01-02"
    ),
}


def outline_for(name: str, profile: Profile) -> tuple[str, bytes]:
    """The outline of a contract of one chunk, under its own name as its id; "network" stands in it in lower case."""
    parties = " and ".join(profile.parties)
    text = (
        f"{profile.title.upper()}\nbetween {parties}\nThe network and the sterling price are described below."
    )
    contract, chunks = make_contract(name, [text])
    row = Contract(contract.contract_id, f"{name}.pdf", profile, 1, 1)
    vectors = np.eye(len(LIBRARY), 16, k=list(LIBRARY).index(name), dtype=np.float32)[:1]
    return name, encode_outline(outline_of(row, text, chunks, vectors, ()))


INDEX = build_index(iter(sorted(outline_for(name, profile) for name, profile in LIBRARY.items())))


def narrowed(question: str, within: Sequence[str] = tuple(LIBRARY)) -> set[str]:
    """The names of the contracts to which ``question`` is narrowed; empty where it is not."""
    rows = np.asarray(sorted(INDEX.rows[name] for name in within))
    found = narrow(question, INDEX, rows)
    return set() if found is None else {INDEX.contract_ids[row] for row in found.rows}


@pytest.mark.parametrize(
    ("question", "contracts"),
    [
        pytest.param("What may Northwind charge?", {"supply"}, id="one party"),
        pytest.param("Is Northwind's liability capped?", {"supply"}, id="possessive"),
        pytest.param(
            "What may Harbour ask for?", {"supply", "software"}, id="a name that two contracts have"
        ),
        pytest.param("What does Harbour owe Northwind?", {"supply"}, id="both parties decide"),
        pytest.param("What does Orchid Harbour pay?", {"software"}, id="the longer name decides"),
        pytest.param("Under the Harbour supply agreement, who pays?", {"supply"}, id="the kind decides"),
        pytest.param(
            "what does the northwind agreement say?", {"supply"}, id="small letters before agreement"
        ),
        pytest.param("WHAT DOES THE NORTHWIND AGREEMENT SAY?", {"supply"}, id="capitals only"),
        pytest.param("what does northwind pay?", set(), id="small letters alone"),
        pytest.param(
            "Compare Northwind's and Meridian's caps", {"supply", "nda"}, id="two contracts compared"
        ),
        pytest.param("Who pays Corvane?", {"services", "amendment"}, id="an amendment has the same parties"),
        pytest.param(
            "What does the Corvane services agreement say?",
            {"services", "amendment"},
            id="it may amend that kind",
        ),
        pytest.param(
            "May the tenant assign the lease?", {"lease", "amendment"}, id="the lease, and what may amend it"
        ),
        pytest.param("How long do our NDAs last?", {"nda", "amendment"}, id="abbreviation in the plural"),
        pytest.param("Must it sign a lease?", set(), id="a lease means none"),
        pytest.param("Is the agreement renewed?", set(), id="the agreement"),
        pytest.param("May the Supplier or the Services be changed?", set(), id="roles and defined terms"),
        pytest.param("Does Network Solutions pay?", {"nda"}, id="ordinary words as a whole name"),
        pytest.param("Does the Network fail?", set(), id="an ordinary word alone"),
        pytest.param("What about Northwind Airlines?", set(), id="half of a name nobody has"),
        pytest.param("In every contract other than the lease, who pays?", set(), id="other than"),
        pytest.param("Who pays, except under the Northwind agreement?", set(), id="except"),
        pytest.param("Which contracts mention Northwind?", set(), id="mentioned anywhere"),
        pytest.param(
            "For each of the German agency, the Northwind deal and the lease: who pays?",
            set(),
            id="an unknown one",
        ),
        pytest.param("Does the Orion distribution agreement end?", set(), id="a kind with an unknown name"),
        pytest.param(
            "Which contracts signed in 2021 end?", {"supply", "lease", "software"}, id="year, or no date"
        ),
        pytest.param("Was the agreement signed in 2021?", set(), id="a question about the year"),
        pytest.param(
            "Which agreements are governed by New York law?",
            {"services", "amendment", "lease", "nda"},
            id="law, or none stated",
        ),
        pytest.param(
            "Is the Northwind contract governed by New York law?", {"supply"}, id="a name before a law"
        ),
        pytest.param("Which contracts name New York as a place of delivery?", set(), id="a place is no name"),
    ],
)
def test_only_what_is_plainly_named_narrows(question: str, contracts: set[str]) -> None:
    assert narrowed(question) == contracts


def test_a_scope_is_never_widened() -> None:
    assert narrowed("What may Harbour ask for?", ["software", "lease"]) == {"software"}
    assert narrowed("What may Northwind charge?", ["software", "lease"]) == set()


def test_the_words_that_narrow_are_those_of_the_question() -> None:
    found = narrow(
        "Under the Harbour supply agreement, who pays Northwind's bills?", INDEX, np.arange(len(INDEX))
    )
    assert found is not None
    assert found.named == ("Harbour supply agreement", "Northwind")


@pytest.mark.parametrize(
    ("question", "periods"),
    [
        ("contracts signed in 2021", [("2021-01-01", "2021-12-31")]),
        ("agreements dated 5 March 2021", [("2021-03-05", "2021-03-05")]),
        ("agreements dated March 5, 2021", [("2021-03-05", "2021-03-05")]),
        ("the lease we signed in September 2020", [("2020-09-01", "2020-09-31")]),
        ("leases signed before 2020", [("0000", "2020-01-01")]),
        ("contracts entered into after June 2020", [("2020-06-01", "9999")]),
        ("our 2019 supply agreements", [("2019-01-01", "2019-12-31")]),
        ("payments due in 2021 under the contract", []),
    ],
)
def test_periods_of_signing(question: str, periods: list[tuple[str, str]]) -> None:
    assert [(one.begin, one.end) for one in find_periods(question)] == periods


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Who are the parties to the Kestrel contract?", Asked(Tier.CONTRACT)),
        ("When was the lease signed?", Asked(Tier.CONTRACT)),
        ("Which agreements are governed by New York law?", Asked(Tier.CONTRACT, law=True)),
        ("What law governs the licence?", Asked(Tier.CONTRACT, law=True)),
        ("What does section 12.3(B) say?", Asked(Tier.SECTION, (Label("12.3(b)"),), alone=True)),
        ("Which notice do clauses 4 and 9.1 need?", Asked(Tier.SECTION, (Label("4"), Label("9.1")))),
        ("What is in Schedule 2?", Asked(Tier.SECTION, (Label(attachment="schedule 2"),), alone=True)),
        ("paragraph 4.2 of Schedule 6", Asked(Tier.SECTION, (Label("4.2", "schedule 6"),), alone=True)),
        ("Article IX", Asked(Tier.SECTION, (Label("9"),), alone=True)),
        (
            "Show me clause 5 of the Harbour Foods supply agreement",
            Asked(Tier.SECTION, (Label("5"),), alone=True),
        ),
        ("Does section 5 of the Harbour contract survive termination?", Asked(Tier.SECTION, (Label("5"),))),
        ("Is a party allowed to assign?", Asked(Tier.CLAUSE)),
        ("Which part of the price is due first?", Asked(Tier.CLAUSE)),
    ],
)
def test_the_cheapest_tier(question: str, asked: Asked) -> None:
    assert tier_of(question) == asked


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What does Exhibit C say?", "exhibit C"),
        ("What is in Appendix 2?", "appendix 2"),
        ("paragraph 4.2(B) of Annex IV", "section 4.2(b) of annex IV"),
    ],
)
def test_a_section_is_told_as_readers_call_it(question: str, told: str) -> None:
    assert [str(label) for label in tier_of(question).labels] == [told]


def headed(*paths: tuple[str, ...], text: str = "Words.") -> tuple[Chunk, ...]:
    chunks = make_contract("any", [text] * len(paths))[1]
    return tuple(replace(chunk, heading_path=path) for chunk, path in zip(chunks, paths, strict=True))


@pytest.mark.parametrize(
    ("label", "ordinals"),
    [
        (Label("12"), [1, 2]),
        (Label("12.3"), [2]),
        (Label("12.3(b)"), [2]),
        (Label("1"), [0]),
        (Label("9"), [3]),
        (Label(attachment="schedule 2"), [4, 5]),
        (Label("1.1", "schedule 2"), [5]),
        (Label(attachment="exhibit B-1"), [6]),
        (Label("44"), []),
    ],
    ids=str,
)
def test_a_section_is_opened_by_its_number(label: Label, ordinals: list[int]) -> None:
    chunks = headed(
        ("1 Definitions",),
        ("12 Payment", "12.1 Invoices"),
        ("12 Payment", "12.3 Interest"),
        ("ARTICLE IX TERM",),
        ("SCHEDULE 2 PRICES",),
        ("SCHEDULE 2 PRICES", "1.1"),
        ("EXHIBIT B CHARGES", "B-1 Rates"),
    )
    assert [chunk.ordinal for chunk in chunks_in(label, chunks)] == ordinals


def test_a_number_without_a_heading_is_found_at_the_beginning_of_a_line() -> None:
    first, second = headed(("7 Term",), ("7 Term",))
    second = replace(second, text="7.2 It lasts a year.\n7.3 Section 7.1 stays.")
    assert chunks_in(Label("7.3"), (first, second)) == (second,)
    assert chunks_in(Label("7.1"), (first, second)) == ()


def test_names_are_compared_without_accents_forms_and_possessives() -> None:
    assert [word.folded for word in words_of("Distribuidora Calderón, S.A.'s and Dr Ostrander\u2019s")] == [
        "distribuidora",
        "calderon",
        "ostrander",
    ]


def test_an_outline_and_its_sections_survive_storage() -> None:
    contract, chunks = make_contract("Supply", ["Front.", "Goods.", "Price."])
    chunks = tuple(
        replace(chunk, heading_path=path, page_start=page, page_end=page, kind=kind)
        for chunk, path, page, kind in zip(
            chunks,
            [(), ("1 Goods",), ("1 Goods", "1.1")],
            [1, 1, 2],
            [ChunkKind.FRONT, ChunkKind.CLAUSE, ChunkKind.CLAUSE],
            strict=True,
        )
    )
    vectors = np.asarray([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    sections = decode_sections(encode_sections(sections_of(chunks, vectors)))
    assert [(one.heading, one.page_start, one.page_end, len(one.chunk_ids)) for one in sections] == [
        ("", 1, 1, 1),
        ("1 Goods", 1, 2, 2),
    ]
    # The mean of (0, 1) and (1, 0) at length 1.
    assert sections[1].vector == pytest.approx([0.5**0.5, 0.5**0.5], abs=1e-3)
    row = Contract(contract.contract_id, "supply.pdf", LIBRARY["supply"], 2, 3)
    outline = outline_of(row, contract.text, chunks, vectors, ())
    stored = decode_outline(encode_outline(outline))
    assert (stored.title, stored.date, stored.law, stored.types) == (
        "Supply Agreement",
        "2021-03-14",
        "England",
        ("Supply",),
    )
    assert stored.front == (chunks[0].chunk_id,)
    # (2, 1) at length 1.
    assert stored.vector == pytest.approx([2 / 5**0.5, 1 / 5**0.5], abs=1e-3)
    assert [name.tolist() for name in stored.names] == [name.tolist() for name in outline.names]
    assert decode_sections(b"") == ()


def test_rows_are_scored_by_the_words_that_few_of_them_hold() -> None:
    rows = Postings.of([np.unique(np.asarray(row, np.uint32)) for row in ([1, 2], [2, 3], [2, 4])])
    assert rows.lengths.tolist() == [2, 2, 2]
    assert rows.rows[rows.words == 2].tolist() == [0, 1, 2]
    assert rows.scores(["nowhere"]).tolist() == [0.0, 0.0, 0.0]


def section(heading: str, vector: Sequence[float]) -> Section:
    return Section(heading, 1, 1, (heading,), np.asarray(vector, np.float32), digests(tokenize(heading)))


def test_vectors_and_words_of_several_contracts_are_read_together() -> None:
    bodies = [
        encode_sections([section("Price", [1, 0]), section("Term of lease", [0.6, 0.8])]),
        b"",
        encode_sections([section("", [0, 1])]),
    ]
    numbers = read_numbers(bodies)
    assert numbers.counts.tolist() == [2, 0, 1]
    # "of" is no word of the index.
    assert numbers.lengths.tolist() == [1, 2, 0]
    assert numbers.words.tolist() == digests(tokenize("Price Term lease")).tolist()
    assert numbers.cosines(np.asarray([0, 1], np.float32)) == pytest.approx([0.0, 0.8, 1.0], abs=5e-3)
    assert read_numbers([b""]).counts.tolist() == [0]


class SectionShelf:
    """A shelf that knows sections and nothing else."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._bodies = bodies

    def facts(self, kind: str, version: str, contract_ids: Collection[str]) -> Mapping[str, bytes]:  # noqa: ARG002
        return {one: self._bodies[one] for one in contract_ids if one in self._bodies}


def test_sections_near_by_vector_and_by_heading_come_first() -> None:
    shelf = cast(
        Shelf,
        SectionShelf(
            {
                "x": encode_sections([section("Price", [1, 0]), section("Term", [0, 1])]),
                "y": encode_sections([section("Notices", [0.6, 0.8])]),
                "failed": b"",
            }
        ),
    )
    vector = np.asarray([0, 1], np.float32)
    near = nearest_sections("term", vector, ["failed", "y", "x", "unknown"], 2, shelf)
    assert [(place.contract_id, place.section.heading) for place in near] == [("x", "Term"), ("y", "Notices")]
    assert nearest_sections("term", vector, ["failed"], 2, shelf) == ()


def add(library: Library, name: str, profile: Profile, clauses: Sequence[str]) -> str:
    contract, chunks = make_contract(name, clauses)
    library.originals.put(f"{name}\n{contract.text}".encode())
    library.add(contract, profile, chunks, WordEncoder().encode([chunk.situated_text for chunk in chunks]))
    return contract.contract_id


def filled(tmp_path: Path, derive: bool = True) -> tuple[Library, dict[str, str]]:
    """A library of ``LIBRARY``: each contract names its parties, then speaks of its law and of its price."""
    library = open_test_library(tmp_path)
    ids = {
        name: add(
            library,
            name,
            profile,
            [
                f"Between {' and '.join(profile.parties)}.",
                f"This agreement is governed by the laws of {profile.governing_law or 'Utopia'}.",
                "The price of the goods is payable in 30 days.",
            ],
        )
        for name, profile in LIBRARY.items()
    }
    if derive:
        derive_due(library, INGEST)
    return library, ids


def ask(library: Library, inquiry: Inquiry, chat: ChatModel | None = None) -> Retrieved:
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates, chat=chat)
    return retrieve(inquiry, read_recipes()["hierarchical"], tools)


def contracts_in(found: Retrieved) -> set[str]:
    return {candidate.chunk.contract_id for candidate in found.candidates}


def test_a_named_contract_is_searched_alone_and_the_note_says_so(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    found = ask(library, Inquiry("What price may Northwind ask?"))
    assert contracts_in(found) == {ids["supply"]}
    (note,) = found.query.notes
    assert "Searched only in \u201cSupply Agreement\u201d" in note
    assert "names \u201cNorthwind\u201d" in note
    assert "Another pipeline" in note
    assert note in found.trace[0].output


def test_without_a_name_every_contract_is_searched_and_nothing_is_said(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    found = ask(library, Inquiry("When is the price payable?"))
    assert contracts_in(found) == set(ids.values())
    assert found.query.notes == ()


def test_the_scope_of_the_reader_is_never_left(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    scope = (ids["lease"], ids["software"])
    for question in ("What price may Northwind ask?", "What price may Harbour ask?", "Who are the parties?"):
        assert contracts_in(ask(library, Inquiry(question, scope))) <= set(scope)
    assert contracts_in(ask(library, Inquiry("What price may Harbour ask?", scope))) == {ids["software"]}


def test_a_contract_without_an_outline_is_still_searched(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    late = add(library, "late", Profile("Late Agreement"), ["The price may change."])
    found = ask(library, Inquiry("What price may Northwind ask?"))
    assert contracts_in(found) == {ids["supply"], late}
    assert any("1 contract has no outline yet" in note for note in found.query.notes)


def test_without_any_outline_it_searches_like_the_hybrid_recipe(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, derive=False)
    found = ask(library, Inquiry("What price may Northwind ask?"))
    assert contracts_in(found) == set(ids.values())
    assert found.query.notes == ()
    assert {one.module for candidate in found.candidates for one in candidate.found_by} == {"dense", "bm25"}


def test_particulars_come_from_the_front_or_from_the_clause_on_law(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    parties = ask(library, Inquiry("Who are the parties to the Tessera licence?"))
    assert parties.candidates[0].chunk.text == "Between Tessera Pte. Ltd. and Orchid Harbour Pte. Ltd.."
    assert parties.candidates[0].found_by[0].path == (
        "contract tier",
        "Software Licence Agreement",
        "front page",
    )
    assert parties.query.notes[-1] == "Looked first where contracts say this of themselves: front page."
    assert parties.query.notes[-1] in parties.trace[1].output
    law = ask(library, Inquiry("Which agreements are governed by New York law?"))
    assert {one.chunk.contract_id for one in law.candidates[:2]} == {ids["services"], ids["amendment"]}
    assert all("laws of New York" in one.chunk.text for one in law.candidates[:2])


def test_a_question_for_a_section_gets_that_section_alone(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    found = ask(library, Inquiry("What does section 2 of the Northwind contract say?"))
    (only,) = found.candidates
    assert (only.chunk.contract_id, only.chunk.heading_path) == (ids["supply"], ("2 Clause",))
    assert only.found_by[0].path == ("section tier", "Supply Agreement", "section 2")
    assert any("Opened directly: section 2." in note for note in found.query.notes)


def test_a_question_about_a_section_gets_that_section_first(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    found = ask(library, Inquiry("Does section 2 of the Northwind contract change the price?"))
    assert found.candidates[0].chunk.heading_path == ("2 Clause",)
    assert len(found.candidates) == 3
    assert contracts_in(found) == {ids["supply"]}


def test_a_section_that_nobody_has_is_searched_for(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    found = ask(library, Inquiry("What does section 99 of the Northwind contract say?"))
    assert contracts_in(found) == {ids["supply"]}
    assert not any("Opened" in note for note in found.query.notes)


def test_of_many_contracts_the_nearest_are_searched(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    shelf = library.snapshot()
    query = Query(
        "Who rents the tower of Utopia?", (Formulation("Who rents the tower of Utopia?", "question"),)
    )
    options = {**ROUTE.options, "contracts": 2}
    routed = route(query, options, Tools(shelf, WordEncoder(), 20))
    assert len(routed.contract_ids) == 2
    assert "Of 6 contracts the 2 nearest to the question were searched." in routed.notes[0]
    index = contract_index(shelf)
    vector = WordEncoder().encode([query.question])[0]
    near = nearest_contracts(query.question, vector, index, np.arange(6), 1, 6, shelf)
    assert near[0] in routed.contract_ids
    assert set(near) <= set(ids.values())


def test_a_corrected_profile_is_what_questions_are_compared_with(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.catalogue.correct(ids["lease"], replace(LIBRARY["lease"], parties=("Zephyrine Estates Ltd",)))
    derive_due(library, INGEST)
    assert contracts_in(ask(library, Inquiry("What does Zephyrine pay?"))) == {ids["lease"]}


class NeverAsked:
    """A model service that must not be asked: the recipe needs none."""

    model = "never"

    def stream(self, messages: tuple[Message, ...]) -> object:
        raise AssertionError(messages)


def test_no_model_service_is_asked(tmp_path: Path) -> None:
    library, _ = filled(tmp_path)
    found = ask(library, Inquiry("What price may Northwind ask?"), NeverAsked())  # type: ignore[arg-type]
    assert all(step.calls == 0 and step.sent == () for step in found.trace)
