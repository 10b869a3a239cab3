"""The graph of contracts and the walk over it: what is joined, what a question reaches, which way, and where not."""

from pathlib import Path

import numpy as np
import pytest

from core.pipeline.graph.linking import party_key
from core.pipeline.graph.records import KIND, VERSION, EdgeKind, decode, encode, names_of
from core.pipeline.graph.whole import LibraryGraph, build
from core.pipeline.modules.graph import GRAPH
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.derive import DERIVATIONS
from ingest.graph.contract_graph import graph_of
from ingest.graph.edges import name_of
from tests.fakes import WordEncoder, open_test_library
from tests.graph_kit import AMENDMENT, SERVICES, Clauses, add, derive, small_library

# Shares no word with any clause but the term "Insolvency Event" stands between them.
HOP = "What follows from a winding-up order?"
SECURITY: Clauses = (
    (("1 Terms",), '1. TERMS\n"Bad Day" means a winding-up order or the events listed in clause 4.'),
    (("2 Grace",), "2. GRACE\nNothing is owed for a week."),
    (("3 Result",), "3. RESULT\nAfter a Bad Day all sums fall due."),
    (("4 Further",), "4. FURTHER\nStrikes and floods."),
)


def graph(library: Library) -> LibraryGraph:
    return library.snapshot().all_facts(KIND, VERSION, build)


def leg_of(library: Library, question: str, scope: tuple[str, ...] = (), **options: float) -> Leg:
    query = Query(question, (Formulation(question, "question"),), scope)
    tools = Tools(library.snapshot(), WordEncoder(), 50)
    (leg,) = GRAPH.run(query, {**GRAPH.options, "passages": 1, **options}, tools)
    return leg


def headings(library: Library, leg: Leg) -> list[str]:
    chunks = library.snapshot().chunks([hit.chunk_id for hit in leg.hits])
    return [chunks[hit.chunk_id].heading for hit in leg.hits]


def ways(library: Library, leg: Leg) -> dict[str, tuple[str, ...]]:
    chunks = library.snapshot().chunks([hit.chunk_id for hit in leg.hits])
    return {chunks[chunk_id].heading: way for chunk_id, way in leg.paths.items()}


def test_the_graph_of_a_contract(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    contract = next(one for one in library.catalogue.contracts() if one.profile.title == "Software Licence")
    made = graph_of(
        contract,
        library.catalogue.text(contract.contract_id),
        [0],
        library.catalogue.chunks_of(contract.contract_id),
    )
    # Node 0 is the contract, 1 to 5 are its chunks, 6 to 10 their sections, 11 is the term.
    assert made.names.chunks == ("1 Definitions", "2 Grant", "3 Fees", "4 Custody", "SCHEDULE 3")
    assert made.names.terms == ("defined term Escrow Deed",)
    edges = {(begin, end, EdgeKind(kind).name) for begin, end, kind in made.edges.tolist()}
    assert {edge for edge in edges if edge[2] != "CONTAINS"} == {
        (11, 1, "DEFINED_IN"),
        (1, 5, "REFERS"),
        (4, 5, "REFERS"),
    }
    assert {edge for edge in edges if edge[2] == "CONTAINS"} == {
        *((0, section, "CONTAINS") for section in range(6, 11)),
        *((section, section - 5, "CONTAINS") for section in range(6, 11)),
    }
    assert made.names.references == {"1-5": "Schedule 3", "4-5": "paragraph 2"}
    assert made.names.numbers["schedule 3/2"] == 4


def test_what_is_stored_is_read_again(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    contract = library.catalogue.contracts()[0]
    chunks = library.catalogue.chunks_of(contract.contract_id)
    made = graph_of(contract, library.catalogue.text(contract.contract_id), [0], chunks)
    stored = decode(encode(made))
    assert stored is not None
    assert (stored.entry, names_of(stored.names)) == (made.entry, made.names)
    assert np.array_equal(stored.edges, made.edges)
    assert decode(b"") is None


def test_an_amendment_leads_to_the_clause_that_it_changes(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    whole = graph(library)
    titles = [entry.title for entry in whole.entries]
    original, amendment = (
        titles.index("Master Services Agreement"),
        titles.index("Amendment No. 1 to Master Services Agreement"),
    )
    between = {
        (begin, end, EdgeKind(kind).name)
        for begin, end, kind in whole.links.tolist()
        if kind != EdgeKind.PARTY
    }
    first = whole.first
    change, cap = int(first[amendment]) + 2, int(first[original]) + 2
    named = int(first[amendment]) + whole.entries[amendment].nodes - 1
    assert between == {
        (int(first[amendment]), int(first[original]), "AMENDS"),
        (named, int(first[original]), "NAMES"),
        (change, cap, "REFERS"),
    }
    assert whole.outward[change, cap] == "Section 2 of Original Agreement"


@pytest.mark.parametrize(
    ("title", "date", "parties", "joined"),
    [
        pytest.param("Master Services Agreement", "2023-03-15", ("Other Ltd",), True, id="title and date"),
        pytest.param("Master Services Agreement", "2022-01-01", ("Corvane Inc",), False, id="another date"),
        pytest.param("Master Services Agreement", "", ("CORVANE, INC.",), True, id="no date, the same party"),
        pytest.param("Master Services Agreement", "", ("Other Ltd",), False, id="no date, no party"),
        pytest.param("Supply Agreement", "2023-03-15", ("Corvane Inc",), False, id="another title"),
    ],
)
def test_what_an_amendment_amends(
    tmp_path: Path, title: str, date: str, parties: tuple[str, ...], joined: bool
) -> None:
    library = small_library(tmp_path)
    for contract_id, name in library.snapshot().titles.items():
        if name != "Software Licence":
            library.delete(contract_id)
    add(library, title, SERVICES, date, parties)
    add(
        library,
        "Amendment No. 1 to Master Services Agreement",
        AMENDMENT,
        "",
        ("Corvane, Inc.", "Brightwater"),
    )
    derive(library)
    kinds = {EdgeKind(kind) for kind in graph(library).links[:, 2].tolist()}
    assert (EdgeKind.AMENDS in kinds) is joined


def test_of_two_agreements_that_fit_none_is_taken(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    add(library, "Master Services Agreement", (*SERVICES, (("9 More",), "9. MORE\nMore.")), "2023-03-15", ())
    add(library, "Master Services Agreement", (*SERVICES, (("8 Less",), "8. LESS\nLess.")), "2023-03-15", ())
    for contract_id, title in library.snapshot().titles.items():
        contract = library.catalogue.contract(contract_id)
        if title == "Master Services Agreement" and contract is not None and contract.profile.parties:
            library.delete(contract_id)
    derive(library)
    assert EdgeKind.AMENDS not in {EdgeKind(kind) for kind in graph(library).links[:, 2].tolist()}


def test_parties_have_one_name() -> None:
    assert party_key("CORVANE, INC.") == party_key("Corvane Inc") == "corvane inc"


def test_a_clause_that_shares_no_word_with_the_question_is_found_over_a_definition(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    security = add(library, "Security Deed", SECURITY)
    derive(library)
    result = library.catalogue.chunks_of(security)[2]
    assert not set(tokenize(HOP)) & set(tokenize(result.text))
    leg = leg_of(library, HOP)
    # The definition, what refers from it, and what uses the term come before clause 2, which nothing leads to.
    order = headings(library, leg)
    assert order[0] == "1 Terms"
    # Near the question itself: there is no way to draw.
    assert ways(library, leg)["1 Terms"] == ()
    assert order.index("3 Result") < order.index("2 Grace")
    assert order.index("4 Further") < order.index("2 Grace")
    assert ways(library, leg)["3 Result"] == (
        "the question",
        "is near 1 Terms",
        "defines the defined term Bad Day",
        "is used in 3 Result",
    )
    assert ways(library, leg)["4 Further"] == (
        "the question",
        "is near 1 Terms",
        "refers to clause 4: 4 Further",
    )


def test_terms_and_numbers_that_a_question_names_are_where_the_walk_begins(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    leg = leg_of(library, "Does the right to use lapse with the Escrow Deed?", passage_share=0.1)
    assert ways(library, leg)["1 Definitions"] == (
        "the question: Escrow Deed",
        "defined term Escrow Deed",
        "is defined in 1 Definitions",
    )
    leg = leg_of(library, "What does Schedule 3 say of custody?", passage_share=0.1)
    assert ways(library, leg)["SCHEDULE 3"] == ("the question: Schedule 3", "SCHEDULE 3")
    assert ways(library, leg)["4 Custody"][1:] == ("SCHEDULE 3", "is referred to in 4 Custody (paragraph 2)")


def test_an_exhibit_is_found_by_its_letter(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add(
        library,
        "Hosting",
        ((("1 Terms",), "1. TERMS\nSee below."), (("EXHIBIT C",), "EXHIBIT C\nOne million.")),
    )
    derive(library)
    assert ways(library, leg_of(library, "How much is in Exhibit c?"))["EXHIBIT C"] == (
        "the question: Exhibit c",
        "EXHIBIT C",
    )


def test_a_wording_of_the_reader_is_a_place_to_begin_too(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    question = "When may we go on?"
    wordings = (Formulation(question, "question"), Formulation("the Escrow Deed", "reader"))
    tools = Tools(library.snapshot(), WordEncoder(), 50)
    (leg,) = GRAPH.run(Query(question, wordings), {**GRAPH.options, "passages": 1}, tools)
    assert ("the question: Escrow Deed", "defined term Escrow Deed") in {
        way[:2] for way in leg.paths.values()
    }


def test_a_rare_term_weighs_more_than_one_on_every_page(tmp_path: Path) -> None:
    clauses: Clauses = (
        (("1 Terms",), '1. TERMS\n"Goods" means what is sold. "Recall" means taking back.'),
        *(((f"{number} Sale",), f"{number}. SALE\nThe Goods are sold.") for number in range(2, 9)),
        (("9 Return",), "9. RETURN\nA Recall costs nothing."),
    )
    library = small_library(tmp_path)
    add(library, "Supply Agreement", clauses)
    derive(library)
    order = headings(library, leg_of(library, "Recall of Goods", passage_share=0.01, passages=3))
    assert order.index("9 Return") < min(order.index(f"{number} Sale") for number in range(2, 9))


def test_the_walk_never_leaves_the_scope(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    titles = {title: contract_id for contract_id, title in library.snapshot().titles.items()}
    amendment = titles["Amendment No. 1 to Master Services Agreement"]
    leg = leg_of(library, "By how much is the cap of Corvane replaced?", (amendment,))
    found = library.snapshot().chunks([hit.chunk_id for hit in leg.hits])
    assert {chunk.contract_id for chunk in found.values()} == {amendment}
    everywhere = leg_of(library, "By how much is the cap of Corvane replaced?")
    found = library.snapshot().chunks([hit.chunk_id for hit in everywhere.hits])
    assert titles["Master Services Agreement"] in {chunk.contract_id for chunk in found.values()}


def test_the_recipe_says_along_which_way_a_candidate_came(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    tools = Tools(library.snapshot(), WordEncoder(), 50)
    found = retrieve(Inquiry("What does Schedule 3 say?", pipeline="graph"), read_recipes()["graph"], tools)
    by_heading = {one.chunk.heading: one for one in found.candidates}
    paths = [one.path for one in by_heading["SCHEDULE 3"].found_by if one.module == "graph"]
    assert paths == [("the question: Schedule 3", "SCHEDULE 3")]
    assert all(step.calls == 0 and step.sent == () for step in found.trace)


def test_a_contract_without_a_graph_is_found_in_the_plain_way(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    late = add(library, "Late Agreement", ((("1 Novelty",), "1. NOVELTY\nA zeppelin is leased."),))
    tools = Tools(library.snapshot(), WordEncoder(), 50)
    found = retrieve(Inquiry("Who leases the zeppelin?", pipeline="graph"), read_recipes()["graph"], tools)
    late_ones = [one for one in found.candidates if one.chunk.contract_id == late]
    assert {found_by.module for found_by in late_ones[0].found_by} == {"dense", "bm25"}
    assert found.query.notes == ("1 contract has no graph yet: searched without it.",)


def test_a_library_without_any_graph_is_searched_all_the_same(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    library.catalogue.database.connection.execute("DELETE FROM derived")
    tools = Tools(library.snapshot(), WordEncoder(), 50)
    found = retrieve(Inquiry("Who runs the network?", pipeline="graph"), read_recipes()["graph"], tools)
    assert found.candidates
    assert {one.module for candidate in found.candidates for one in candidate.found_by} == {"dense", "bm25"}
    assert found.query.notes == ("3 contracts have no graph yet: searched without it.",)


def test_the_graph_is_derived_of_every_contract() -> None:
    assert (KIND, VERSION) in {(one.kind, one.version) for one in DERIVATIONS}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ((), "the opening words"),
        (("8 Liability", "8.2 Cap"), "8.2 Cap"),
        (("Section 2 Term", "(a)"), "Section 2 Term \u203a (a)"),
        (("15 TERMINATION", "15.4", "(b)"), "15 TERMINATION \u203a 15.4 \u203a (b)"),
    ],
)
def test_what_a_chunk_is_called(path: tuple[str, ...], name: str) -> None:
    assert name_of(path) == name


def test_names_are_short() -> None:
    assert len(name_of(("word " * 60,))) <= 70
