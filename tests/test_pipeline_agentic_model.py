"""The agentic recipe with a model that plans: what it is told, what it may do, and what happens when it fails."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.answering.chat import OpenAIChat
from core.pipeline.agent.by_model import NO_TOOLS, REPEATED
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Leg, Retrieved, Step
from core.pipeline.tools import Tools
from core.records import CrossReference, DefinedTerm, Inquiry
from core.stage1_retrieve import retrieve
from core.storage.annotations import Annotations, ContractNotes
from core.storage.library import Library
from tests.fakes import WordEncoder, add_contract, open_test_library
from tests.stub_endpoint import Recorded, Reply, StubEndpoint, calls, fails, says

CARRIAGE = [
    "Zanzibar carriers answer for late delivery as Schedule 3 says.",
    "Quicksilver fees fall due in thirty days.",
    "The ceiling of Schedule 3 is ten per cent of the Quarterly Price.",
    "Quarterly Price means the sum of three invoices marmalade.",
]
SUPPLY = ["Walrus goods are supplied on Monday.", "The law of Ohio governs pumpernickel."]
QUESTION = "Who is liable when carriers come late?"


def open_with_notes(directory: Path) -> tuple[Library, str, str]:
    """Two contracts; the first refers from its first clause to its third and defines a term in its fourth."""
    library = open_test_library(directory)
    carriage = add_contract(library, "Carriage", CARRIAGE)
    supply = add_contract(library, "Supply", SUPPLY)
    text = library.catalogue.text(carriage)
    at = text.index("Schedule 3")
    notes = ContractNotes(
        (DefinedTerm("Quarterly Price", text.index("Quarterly Price means"), len(text)),),
        (CrossReference(at, at + len("Schedule 3"), text.index("The ceiling")),),
    )
    Annotations(library.catalogue.database).put(carriage, notes, "", "1")
    return library, carriage, supply


def plan_of(
    library: Library, stub: StubEndpoint, inquiry: Inquiry, steps: int = 12, tokens: int = 20_000
) -> tuple[Retrieved, list[str]]:
    """What the recipe finds, and the steps as they are told to the reader."""
    told: list[str] = []
    chat = OpenAIChat(stub.base_url, SecretStr("sk-marvellous-secret-key"), "stub-model")
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates, chat=chat, on_step=told.append)
    recipe = read_recipes()["agentic"]
    limits = {"steps": steps, "tokens": tokens}
    retrieval = tuple(
        Step(step.module, {**step.options, **limits}) if step.module == "agent" else step
        for step in recipe.retrieval
    )
    return retrieve(inquiry, replace(recipe, pre_retrieval=(), retrieval=retrieval), tools), told


def by_model(found: Retrieved) -> list[Leg]:
    return [leg for leg in found.legs if leg.formulation.origin == "agent"]


def told_of_tools(stub: StubEndpoint) -> list[str]:
    """What the model was told of its calls."""
    return [m["content"] for m in stub.requests[-1].json["messages"] if m["role"] == "tool"]


def test_the_model_searches_opens_follows_and_looks_up_and_each_action_is_a_leg(tmp_path: Path) -> None:
    library, carriage, _ = open_with_notes(tmp_path)
    script = [
        calls(("search", {"query": "carrier late", "contract": "C1"})),
        calls(
            ("follow", {"contract": "C1", "reference": "Schedule 3"}),
            ("definition", {"contract": "C1", "term": "quarterly price"}),
        ),
        calls(("open_section", {"contract": "C1", "section": "2"})),
        calls(("finish", {})),
    ]
    with StubEndpoint(script) as stub:
        found, told = plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"))
    chunks = {chunk.chunk_id: chunk.text for chunk in library.snapshot().chunks_of(carriage)}
    searched, follow, term, opened = by_model(found)
    assert searched.formulation.text == "carrier late"
    assert {chunks[hit.chunk_id] for hit in searched.hits} <= set(CARRIAGE)
    assert [chunks[hit.chunk_id] for leg in (follow, term, opened) for hit in leg.hits] == [
        CARRIAGE[2],
        CARRIAGE[3],
        CARRIAGE[1],
    ]
    assert follow.paths[follow.hits[0].chunk_id] == (
        "the model followed the reference to Schedule 3",
        "3 Clause",
    )
    assert told[:4] == [
        "Step 1: searching in Carriage: carrier late",
        "Step 2: following the reference to Schedule 3 in Carriage",
        "Step 3: looking up the term quarterly price in Carriage",
        "Step 4: opening 2 in Carriage",
    ]
    step = next(step for step in found.trace if step.module == "agent")
    assert step.calls == 4
    assert step.tokens > 0


def test_no_request_holds_the_text_of_a_passage(tmp_path: Path) -> None:
    library, _, _ = open_with_notes(tmp_path)
    script = [
        calls(("search", {"query": "everything"})),
        calls(
            ("open_section", {"contract": "C1", "section": "1"}),
            ("follow", {"contract": "C1", "reference": "Schedule 3"}),
            ("definition", {"contract": "C1", "term": "Quarterly Price"}),
            ("open_section", {"contract": "C2", "section": "2"}),
        ),
        calls(("finish", {})),
    ]
    with StubEndpoint(script) as stub:
        plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"))
        assert len(stub.requests) == 3
        sent = stub.bodies.decode().casefold()
    for clause in (*CARRIAGE, *SUPPLY):
        words = clause.casefold().split()
        assert not [
            three for three in zip(words, words[1:], words[2:], strict=False) if " ".join(three) in sent
        ]
    for word in ("zanzibar", "quicksilver", "ceiling", "marmalade", "walrus", "pumpernickel"):
        assert word not in sent
    for known in (
        "carriage",
        "supply",
        "schedule 3",
        "quarterly price",
        "1 clause",
        "page 1",
        QUESTION.casefold(),
    ):
        assert known in sent


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        pytest.param("search", {"query": "x", "contract": "C9"}, "no contract 'C9'", id="no such contract"),
        pytest.param("search", {"query": ""}, "needs words", id="no query"),
        pytest.param("search", {"query": "x", "part": 7}, "no part 7", id="no such part"),
        pytest.param(
            "search", {"query": "x", "limit": 5}, "takes query, contract, part", id="unknown argument"
        ),
        pytest.param("search", "not json", "are no JSON", id="no JSON"),
        pytest.param("search", [1], "takes query", id="no object"),
        pytest.param("open_section", {"section": "1"}, "no contract 'None'", id="no contract given"),
        pytest.param("delete_contract", {"contract": "C1"}, "no tool 'delete_contract'", id="no such tool"),
    ],
)
def test_what_cannot_be_done_is_refused_and_the_model_told(
    tmp_path: Path, name: str, arguments: object, reason: str
) -> None:
    library, _, _ = open_with_notes(tmp_path)
    with StubEndpoint([calls((name, arguments)), calls(("finish", {}))]) as stub:
        found, told = plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"))
        assert reason in told_of_tools(stub)[0]
    assert by_model(found) == []
    assert reason in told[0]


def test_the_scope_is_never_left(tmp_path: Path) -> None:
    library, carriage, supply = open_with_notes(tmp_path)
    script = [
        calls(("search", {"query": "law of Ohio"}), ("open_section", {"contract": "C2", "section": "1"})),
        calls(("finish", {})),
    ]
    with StubEndpoint(script) as stub:
        found, _ = plan_of(library, stub, Inquiry(QUESTION, (carriage,), pipeline="agentic"))
        assert told_of_tools(stub)[1] == "Refused: there is no contract 'C2' in scope."
        assert b"Supply" not in stub.bodies
    assert {one.chunk.contract_id for one in found.candidates} == {carriage}
    assert supply not in {one.chunk.contract_id for one in found.candidates}


@pytest.mark.parametrize(
    ("script", "note"),
    [
        pytest.param([says("I would search for carriers.")], NO_TOOLS, id="it writes instead"),
        pytest.param([fails(400, "tools are not supported")], "refuses the request (400)", id="refused"),
        pytest.param([fails(500)], "is in trouble (500)", id="it fails"),
    ],
)
def test_a_model_that_does_not_plan_changes_nothing_but_the_note(
    tmp_path: Path, script: Sequence[Reply], note: str
) -> None:
    library, _, _ = open_with_notes(tmp_path)
    inquiry = Inquiry("Who answers for late delivery, and which law governs?", pipeline="agentic")
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates)
    alone = retrieve(inquiry, read_recipes()["agentic"], tools)
    with StubEndpoint(script) as stub:
        found, _ = plan_of(library, stub, inquiry)
    assert found.candidates == alone.candidates
    assert any(note in one for one in found.query.notes)
    assert not any(note in one for one in alone.query.notes)


@pytest.mark.parametrize(
    ("limits", "note"),
    [
        pytest.param({"steps": 2}, "The search ended at its limit of 2 steps.", id="steps"),
        pytest.param({"tokens": 1}, "The search ended at its limit of 1 tokens.", id="tokens"),
    ],
)
def test_a_limit_that_is_reached_is_said(tmp_path: Path, limits: dict[str, int], note: str) -> None:
    library, _, _ = open_with_notes(tmp_path)
    count = iter(range(100))

    def another(_: Recorded) -> Reply:
        return calls(("search", {"query": f"carrier {next(count)}"}))

    with StubEndpoint([another]) as stub:
        found, told = plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"), **limits)
    assert note in found.query.notes
    assert len(told) <= limits.get("steps", 12)


def test_a_step_asked_for_again_ends_the_plan(tmp_path: Path) -> None:
    library, _, _ = open_with_notes(tmp_path)
    with StubEndpoint([calls(("search", {"query": "carrier"}))]) as stub:
        found, _ = plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"))
        assert len(stub.requests) == 2
    assert REPEATED in found.query.notes
    assert len(by_model(found)) == 1


def test_the_key_is_in_no_step_and_in_no_request_body(tmp_path: Path) -> None:
    library, _, _ = open_with_notes(tmp_path)
    key = "sk-marvellous-secret-key"
    with StubEndpoint([calls(("search", {"query": f"give me {key}"})), calls(("finish", {}))]) as stub:
        found, told = plan_of(library, stub, Inquiry(QUESTION, pipeline="agentic"))
        assert key.encode() not in stub.bodies
    assert key not in json.dumps(told) + repr(found)
