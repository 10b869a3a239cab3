"""The agentic recipe: how a question is taken apart, what the loop does and when it ends, and who gets a place."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.pipeline.agent.budget import STOPPED
from core.pipeline.agent.plan import plan
from core.pipeline.agent.split import split_question
from core.pipeline.modules.agent import AGENT
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Query, Retrieved
from core.pipeline.tools import Tools
from core.records import CrossReference, DefinedTerm, Inquiry, Part
from core.search import Phase, Searcher, Standing
from core.stage1_retrieve import retrieve
from core.storage.annotations import Annotations, ContractNotes
from core.storage.library import Library
from core.waiting_line import WaitingLine
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library

LATE = "The carrier bears liability for late delivery of the goods."
CAP = "Liability for late delivery is capped at ten per cent of the price."
NOTICE = "A party may end this agreement by three months notice in writing."
LAW = "This agreement is governed by the law of Ohio."


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        pytest.param("What is the notice period?", ["What is the notice period?"], id="simple"),
        pytest.param(
            "Who bears liability for late delivery, and is it capped?",
            ["Who bears liability for late delivery?", "Is it capped? (liability, late delivery)"],
            id="a clause that leans on the first takes its terms",
        ),
        pytest.param(
            "What are the terms and conditions of termination and suspension?",
            ["What are the terms and conditions of termination and suspension?"],
            id="and inside noun phrases",
        ),
        pytest.param(
            "Which parties are bound and must pay interest?",
            ["Which parties are bound and must pay interest?"],
            id="one subject with two verbs",
        ),
        pytest.param(
            "Who may terminate and when?",
            ["Who may terminate and when?"],
            id="a clause of no words of its own",
        ),
        pytest.param(
            "If the supplier is late, who pays interest?",
            ["If the supplier is late, who pays interest?"],
            id="a condition stays with its question",
        ),
        pytest.param(
            "The plant burned down. Is rent still due, and who rebuilds the plant?",
            ["The plant burned down.", "Is rent still due?", "Who rebuilds the plant?"],
            id="facts, then two questions",
        ),
        pytest.param(
            "(a) What is the term of the lease? (b) Who insures the goods?",
            ["What is the term of the lease?", "Who insures the goods?"],
            id="a numbered list",
        ),
        pytest.param(
            "List the notice period, the governing law and the liability cap in the Harbour agreement.",
            [
                "List the notice period in the Harbour agreement.",
                "List the governing law in the Harbour agreement.",
                "List the liability cap in the Harbour agreement.",
            ],
            id="a list of things",
        ),
        pytest.param(
            "Does Dr. Stone receive stock options?",
            ["Does Dr. Stone receive stock options?"],
            id="abbreviation",
        ),
    ],
)
def test_a_question_is_cut_between_clauses_and_nowhere_else(question: str, parts: Sequence[str]) -> None:
    assert list(split_question(question)) == parts


@pytest.mark.parametrize(
    ("question", "names"),
    [
        pytest.param(
            "Compare the notice periods of Harbour and Orion.", ["Harbour Supply", "Orion Lease"], id="named"
        ),
        pytest.param(
            "Which of our contracts can be ended?",
            ["Harbour Supply", "Orion Lease", "Tessera Loan"],
            id="all",
        ),
        pytest.param("What does the Harbour contract say of notice?", [], id="one is not compared"),
        pytest.param("What is the longest notice period?", [], id="a superlative alone compares nothing"),
    ],
)
def test_a_comparison_is_one_part_for_each_contract(
    tmp_path: Path, question: str, names: Sequence[str]
) -> None:
    contracts = {name: [NOTICE, LAW] for name in ("Harbour Supply", "Orion Lease", "Tessera Loan")}
    found = retrieved(tmp_path, Inquiry(question, pipeline="agentic"), contracts)
    assert [part.name for part in found.query.parts] == names
    assert {part.text for part in found.query.parts} <= {question}
    for part in found.query.parts:
        (leg,) = [leg for leg in found.legs if leg.part == part]
        chunks = {one.chunk.chunk_id: one.chunk.contract_id for one in found.candidates}
        assert {chunks[hit.chunk_id] for hit in leg.hits} == set(part.contract_ids)


def test_of_too_many_contracts_only_the_best_are_compared_and_a_note_says_so(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    for name in ("Harbour", "Orion", "Tessera"):
        add_contract(library, name, [NOTICE if name == "Orion" else LAW])
    tools = Tools(library.snapshot(), WordEncoder(), 20)
    parts, notes = plan("Which agreements can be ended by notice in writing?", (), 2, tools)
    assert parts[0].name == "Orion"
    assert len(parts) == 2
    assert "Of 3 contracts only the 2 with the best passages were compared." in notes


def retrieved(tmp_path: Path, inquiry: Inquiry, contracts: dict[str, list[str]]) -> Retrieved:
    library = open_test_library(tmp_path)
    for name, clauses in contracts.items():
        add_contract(library, name, clauses)
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates)
    return retrieve(inquiry, read_recipes()["agentic"], tools)


def test_every_part_is_searched_and_each_candidate_says_for_which_part_it_was_found(tmp_path: Path) -> None:
    question = "Who bears liability for late delivery, and which law governs?"
    found = retrieved(tmp_path, Inquiry(question, pipeline="agentic"), {"Carriage": [LATE, CAP, NOTICE, LAW]})
    assert [part.text for part in found.query.parts] == [
        "Who bears liability for late delivery?",
        "Which law governs?",
    ]
    law = next(one for one in found.candidates if one.chunk.text == LAW)
    assert ("part 2: Which law governs?",) in [
        one.path for one in law.found_by if one.part == "Which law governs?"
    ]


def with_reference(tmp_path: Path) -> Library:
    """A contract whose first clause refers to its third, which shares no word with it, and uses a term."""
    library = open_test_library(tmp_path)
    clauses = [
        "The carrier is liable for late delivery up to the Ceiling, as Schedule 3 says.",
        NOTICE,
        "Ten per cent.",
        '"Ceiling" means a sum of money.',
        *(f"Filler {number}." for number in range(30)),
    ]
    contract_id = add_contract(library, "Carriage", clauses)
    text = library.catalogue.text(contract_id)
    at, term = text.index("Schedule 3"), text.index('"Ceiling"')
    notes = ContractNotes(
        (DefinedTerm("Ceiling", term, term + 31),),
        (CrossReference(at, at + len("Schedule 3"), text.index("Ten per cent")),),
    )
    Annotations(library.catalogue.database).put(contract_id, notes, "", "1")
    return library


def test_what_the_best_passage_refers_to_is_found_with_the_path_that_led_there(tmp_path: Path) -> None:
    library = with_reference(tmp_path)
    told: list[str] = []
    tools = Tools(library.snapshot(), WordEncoder(), 20, on_step=told.append)
    found = retrieve(
        Inquiry("Who is liable for late delivery?", candidates=20), read_recipes()["agentic"], tools
    )
    paths = {
        one.chunk.text: by.path for one in found.candidates for by in one.found_by if by.module == "agent"
    }
    assert paths["Ten per cent."] == ("1 Clause", "refers to Schedule 3")
    assert paths['"Ceiling" means a sum of money.'] == ("1 Clause", "uses the term Ceiling")
    assert told[-1:] == ["Step 1: following cross-references and defined terms of the best passages"]


@pytest.mark.parametrize(
    ("option", "value", "note"),
    [
        pytest.param("steps", 1, "The search ended at its limit of 1 steps.", id="steps"),
        pytest.param("seconds", 1e-9, "The search ended at its limit of 1e-09 seconds.", id="seconds"),
    ],
)
def test_a_limit_that_is_reached_is_said(tmp_path: Path, option: str, value: float, note: str) -> None:
    library = with_reference(tmp_path)
    query = Query("Who is liable for late delivery, and which law governs?", ())
    legs = AGENT.run(query, {**AGENT.options, option: value}, Tools(library.snapshot(), WordEncoder(), 20))
    assert note in legs[0].notes
    assert len([leg for leg in legs if leg.hits]) == (1 if option == "steps" else 0)


def test_a_reader_who_has_seen_enough_ends_the_looking_and_keeps_what_was_found(tmp_path: Path) -> None:
    library = with_reference(tmp_path)
    told: list[str] = []
    inquiry = Inquiry("Who is liable for late delivery, and which law governs?", candidates=20)
    tools = Tools(library.snapshot(), WordEncoder(), 20, on_step=told.append, enough=lambda: len(told) == 2)
    found = retrieve(inquiry, read_recipes()["agentic"], tools)
    assert told[1:] == ["Step 1: searching part 1 of 2: Who is liable for late delivery?"]
    assert STOPPED in found.query.notes
    assert [part.text for part in found.query.parts] == ["Who is liable for late delivery?"]
    assert found.candidates


def test_a_part_to_which_nothing_comes_near_is_searched_again_by_its_key_terms(tmp_path: Path) -> None:
    library = with_reference(tmp_path)
    query = Query("Who is liable for late delivery, and which law governs the pension?", ())
    legs = AGENT.run(query, {**AGENT.options, "weak": 1.0}, Tools(library.snapshot(), WordEncoder(), 20))
    assert [
        leg.formulation.text for leg in legs if leg.formulation.text not in (leg.part or Part("", "")).text
    ] == [
        "liable, late delivery",
        "law governs, pension",
    ]


def test_a_simple_question_finds_what_hybrid_finds(tmp_path: Path) -> None:
    inquiry = Inquiry("Which law governs this agreement?", pipeline="agentic")
    found = retrieved(tmp_path, inquiry, {"Carriage": [LATE, CAP, NOTICE, LAW]})
    assert found.query.parts == ()
    assert found.query.notes == ()
    assert {one.module for candidate in found.candidates for one in candidate.found_by} == {"dense", "bm25"}


def test_a_searcher_tells_the_steps_so_far_and_that_the_looking_can_be_ended(tmp_path: Path) -> None:
    library = with_reference(tmp_path)
    searcher = Searcher(WordEncoder, OverlapScorer, library.snapshot, WaitingLine())
    inquiry = Inquiry("Who is liable for late delivery, and which law governs?", pipeline="agentic")
    told: list[Standing] = []
    finding = searcher.find(inquiry, told.append, enough=lambda: len(told) > 4)
    looking = [standing for standing in told if standing.step.startswith("Step")]
    assert [len(standing.steps) for standing in looking] == [2, 3]
    assert all(standing.may_stop for standing in looking)
    assert told[-1].phase is Phase.RERANK
    assert told[-1].steps == looking[-1].steps
    assert STOPPED in finding.notes
    assert [part.name for part in finding.parts] == [
        "Who is liable for late delivery?",
        "Which law governs?",
    ]


def test_a_search_in_one_piece_offers_no_end(tmp_path: Path) -> None:
    library = with_reference(tmp_path)
    searcher = Searcher(WordEncoder, OverlapScorer, library.snapshot, WaitingLine())
    told: list[Standing] = []
    searcher.find(Inquiry("Who is liable for late delivery?", pipeline="hybrid"), told.append)
    assert not any(standing.may_stop or standing.steps for standing in told)


def test_the_trace_keeps_the_steps(tmp_path: Path) -> None:
    inquiry = Inquiry("Who bears liability for late delivery, and which law governs?", pipeline="agentic")
    found = retrieved(tmp_path, inquiry, {"Carriage": [LATE, CAP, NOTICE, LAW]})
    step = next(step for step in found.trace if step.module == "agent")
    assert step.steps == (
        "Step 1: searching part 1 of 2: Who bears liability for late delivery?",
        "Step 2: searching part 2 of 2: Which law governs?",
    )
