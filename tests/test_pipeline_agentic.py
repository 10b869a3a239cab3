"""The agentic recipe: how a question is taken apart, what the loop does and when it ends, and who gets a place."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.pipeline.agent.split import split_question
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Retrieved
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.stage1_retrieve import retrieve
from tests.fakes import WordEncoder, add_contract, open_test_library

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


def test_a_simple_question_finds_what_hybrid_finds(tmp_path: Path) -> None:
    inquiry = Inquiry("Which law governs this agreement?", pipeline="agentic")
    found = retrieved(tmp_path, inquiry, {"Carriage": [LATE, CAP, NOTICE, LAW]})
    assert found.query.parts == ()
    assert found.query.notes == ()
    assert {one.module for candidate in found.candidates for one in candidate.found_by} == {"dense", "bm25"}
