"""Recipes and the first stage: what is no pipeline, which modules run, what each found, and what the trace says."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.answering.chat import ChatDelta, Message
from core.answering.tool_calls import Tool, ToolCall, ToolTurn
from core.ask import wordings_of
from core.errors import InvalidSettings
from core.pipeline.describe import asks_model, model_words
from core.pipeline.module import Module
from core.pipeline.modules import MODULES
from core.pipeline.recipe_file import (
    RECIPES,
    InvalidRecipe,
    default_recipe,
    named_recipe,
    parse_recipe,
    read_recipes,
)
from core.pipeline.records import Formulation, Leg, Query, Retrieved, Step
from core.pipeline.tools import Tools
from core.records import Candidate, FoundBy, Inquiry, Layer, Wording
from core.search import recipes_of
from core.settings import Settings
from core.stage1_retrieve import retrieve
from tests.fakes import WordEncoder, add_contract, open_test_library

CLAUSES = ["The cap on liability is one million.", "Notices go by post.", "The law of Ohio governs."]
VALID: Mapping[str, Any] = {
    "description": "Words alone.",
    "pre_retrieval": [],
    "retrieval": ["bm25"],
    "fusion": "reciprocal_rank",
    "post_retrieval": ["rerank"],
    "generation": "answer",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"post_retrieval": []}, "not rest on the reranker", id="no reranker"),
        pytest.param({"generation": "dense"}, "generation names 'dense'", id="another generator"),
        pytest.param({"retrieval": []}, "retrieval names no module", id="nothing is searched"),
        pytest.param({"retrieval": ["rerank"]}, "retrieval names 'rerank'", id="in the wrong layer"),
        pytest.param({"retrieval": ["dense", "dense"]}, "names a module twice", id="twice"),
        pytest.param({"retrieval": "dense"}, "retrieval is 'dense', not a list", id="no list"),
        pytest.param({"fusion": ["reciprocal_rank"]}, "not one name", id="a list of fusions"),
        pytest.param({"retrieve": []}, "'retrieve' is no field", id="unknown field"),
        pytest.param({"description": " "}, "describes nothing", id="no description"),
        pytest.param({"options": {"magic": {}}}, "'magic', which is no module", id="options of nothing"),
        pytest.param({"options": {"reciprocal_rank": {"q": 1}}}, "no option 'q'", id="unknown option"),
        pytest.param(
            {"options": {"reciprocal_rank": {"k": "60"}}}, "k of reciprocal_rank is '60'", id="wrong type"
        ),
        pytest.param({"options": {"reciprocal_rank": {"k": True}}}, "is True", id="a boolean is no number"),
        pytest.param({"options": []}, "options is [], not a table", id="options of no table"),
    ],
)
def test_what_is_no_pipeline_is_refused_with_a_reason(change: Mapping[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecipe) as refused:
        parse_recipe("mine", {**VALID, **change})
    assert message in refused.value.reason
    assert "'mine'" in refused.value.subject


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidRecipe, match="'fusion' is missing"):
        parse_recipe("mine", {name: value for name, value in VALID.items() if name != "fusion"})


def test_options_left_out_have_the_defaults_of_the_module() -> None:
    given = parse_recipe("mine", {**VALID, "options": {"reciprocal_rank": {"k": 30}}})
    assert given.fusion == Step("reciprocal_rank", {"k": 30})
    assert parse_recipe("mine", VALID).fusion == Step("reciprocal_rank", {"k": 0})


def test_every_recipe_that_ships_is_valid_and_ends_with_the_reranker() -> None:
    recipes = read_recipes()
    assert {"naive", "lexical", "hybrid"} <= set(recipes)
    for recipe in recipes.values():
        assert recipe.steps[-2:] == (
            (Layer.POST_RETRIEVAL, Step("rerank")),
            (Layer.GENERATION, Step("answer")),
        )


def test_a_library_may_have_recipes_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        "description = 'x'\npre_retrieval = []\nretrieval = ['bm25']\nfusion = 'reciprocal_rank'\n"
        "post_retrieval = ['rerank']\ngeneration = 'answer'\n"
    )
    assert read_recipes(tmp_path)["mine"].retrieval == (Step("bm25"),)
    (tmp_path / "broken.toml").write_text("description = ")
    with pytest.raises(InvalidRecipe, match=r"broken\.toml"):
        read_recipes(tmp_path)


def test_an_unknown_pipeline_is_an_error_that_lists_them() -> None:
    with pytest.raises(InvalidSettings, match="hybrid, lexical, naive") as unknown:
        named_recipe(
            "magic", {"naive": default_recipe(), "lexical": default_recipe(), "hybrid": default_recipe()}
        )
    assert "'magic'" in str(unknown.value)


def test_names_of_modules_are_distinct() -> None:
    names = [module.name for module in MODULES]
    assert len(set(names)) == len(names)


def candidates_of(tmp_path: Path, pipeline: str, inquiry: Inquiry) -> tuple[Candidate, ...]:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates)
    return retrieve(inquiry, read_recipes()[pipeline], tools).candidates


@pytest.mark.parametrize(
    ("pipeline", "modules"), [("naive", {"dense"}), ("lexical", {"bm25"}), ("hybrid", {"dense", "bm25"})]
)
def test_a_candidate_says_which_modules_found_it(tmp_path: Path, pipeline: str, modules: set[str]) -> None:
    first = candidates_of(tmp_path, pipeline, Inquiry("cap on liability"))[0]
    assert first.chunk.text == CLAUSES[0]
    assert {found.module for found in first.found_by} == modules
    assert {found.wording for found in first.found_by} == {"cap on liability"}
    assert (first.dense is not None, first.bm25 is not None) == ("dense" in modules, "bm25" in modules)


def test_wordings_of_the_reader_are_searched_beside_the_question(tmp_path: Path) -> None:
    found = candidates_of(tmp_path, "lexical", Inquiry("cap on liability", formulations=("law of Ohio",)))
    # Both are first in their own list; the question counts 1, the reader's wording 0.5.
    assert [one.chunk.text for one in found] == [CLAUSES[0], CLAUSES[2]]
    assert found[0].fused_score == pytest.approx(1 / 61)
    assert found[1].fused_score == pytest.approx(0.5 / 61)
    assert found[1].found_by == (FoundBy("bm25", "law of Ohio", "reader", 1, found[1].found_by[0].score),)


def test_the_trace_names_every_module_with_what_went_in_and_out(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    tools = Tools(library.snapshot(), WordEncoder(), 20)
    trace = retrieve(Inquiry("cap on liability"), default_recipe(), tools).trace
    assert [(step.layer, step.module, step.input, step.output) for step in trace] == [
        (Layer.RETRIEVAL, "dense", "cap on liability", "3 hits in 1 lists"),
        (Layer.RETRIEVAL, "bm25", "cap on liability", "1 hits in 1 lists"),
        (Layer.FUSION, "reciprocal_rank", "2 lists", "3 chunks"),
    ]
    assert all(step.calls == 0 and step.sent == () for step in trace)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            tuple(f"w{n}" for n in range(13)), "At most 12 wordings can be given, not 13", id="too many"
        ),
        pytest.param(("a", " \n"), "A wording is empty", id="blank"),
        pytest.param(("x" * 2001,), "at most 2000 characters, not 2001", id="too long"),
    ],
)
def test_wordings_are_bounded_at_the_door(given: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Inquiry("cap", formulations=given)
    assert Inquiry("cap", formulations=("x" * 2000,) * 12).formulations


def test_the_question_among_its_wordings_stands_for_none_beside_it(tmp_path: Path) -> None:
    alone = candidates_of(tmp_path, "lexical", Inquiry("cap", formulations=("cap",)))
    assert [len(one.found_by) for one in alone] == [1]
    assert [one.fused_score for one in alone] == pytest.approx([1 / 61])


def test_wordings_name_their_writer_and_what_modules_derived_in_the_search() -> None:
    question = Formulation("cap", "question")
    written = Formulation("limit", "rewrite", dense=False)
    derived = Formulation("cap + fees", "rm3", dense=False)
    query = Query("cap", (question, written))
    legs = tuple(Leg("bm25", wording, ()) for wording in (question, written, derived, derived))
    again = Formulation("cap", "graph", weight=0.5)
    found = Retrieved((), query, (), (*legs, Leg("graph", again, ())))
    assert wordings_of(found) == (
        Wording("limit", "rewrite", dense=False),
        Wording("cap + fees", "rm3", dense=False, derived=True),
    )


def test_a_pipeline_of_the_settings_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"PROVISO_PIPELINE 'magic'.*hybrid, .*naive"):
        recipes_of(Settings(data_dir=tmp_path, pipeline="magic"))
    assert "naive" in recipes_of(Settings(data_dir=tmp_path, pipeline="naive"))


def test_an_own_recipe_may_be_the_one_of_the_settings(tmp_path: Path) -> None:
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "mine.toml").write_text((RECIPES / "lexical.toml").read_text())
    assert recipes_of(Settings(data_dir=tmp_path, pipeline="mine"))["mine"].name == "mine"


def test_what_a_recipe_says_of_a_model_service() -> None:
    hybrid = default_recipe()
    assert not asks_model(hybrid)
    assert model_words(hybrid, "model.example") == "It searches on this machine and asks no model service."


class CountingEncoder(WordEncoder):
    """Remembers every text it was given alone."""

    def __init__(self) -> None:
        self.alone: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.alone += texts if len(texts) == 1 else ()
        return super().encode(texts)


@pytest.mark.parametrize("name", sorted(read_recipes()))
def test_no_wording_is_encoded_twice_for_a_question(tmp_path: Path, name: str) -> None:
    library, encoder = open_test_library(tmp_path), CountingEncoder()
    for title in ("Supply", "Lease"):
        add_contract(library, title, CLAUSES)
    question = Inquiry("Compare the cap of our agreements, and which law governs?")
    retrieve(question, read_recipes()[name], Tools(library.snapshot(), encoder, 20))
    assert len(set(encoder.alone)) == len(encoder.alone)
    library.close()


class Writing:
    """A model service that always has something to write and no tool to call; counts how often it is asked."""

    asked = 0

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:  # noqa: ARG002
        self.asked += 1
        yield ChatDelta("The limit of what the supplier must pay", "stop")

    def call_tools(
        self,
        messages: tuple[Message, ...],  # noqa: ARG002
        turns: tuple[ToolTurn, ...],  # noqa: ARG002
        tools: tuple[Tool, ...],  # noqa: ARG002
        seconds: float,  # noqa: ARG002
    ) -> tuple[ToolCall, ...]:
        self.asked += 1
        return ()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_number_that_a_recipe_may_give_is_bounded(module: Module) -> None:
    numbers = {option for option, value in module.options.items() if type(value) in (int, float)}
    assert set(module.bounds) == numbers
    for option, (least, most) in module.bounds.items():
        assert least <= float(module.options[option]) <= most


@pytest.mark.parametrize("name", sorted(read_recipes()))
def test_a_recipe_says_truly_whether_it_asks_the_model_service(tmp_path: Path, name: str) -> None:
    recipe, chat = read_recipes()[name], Writing()
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    tools = Tools(library.snapshot(), WordEncoder(), 20, chat=chat)
    retrieve(Inquiry("What is the cap on liability, and which law governs?"), recipe, tools)
    assert (chat.asked > 0) == asks_model(recipe)
    assert ("asks no model service" in model_words(recipe, "model.example")) != asks_model(recipe)
    library.close()
