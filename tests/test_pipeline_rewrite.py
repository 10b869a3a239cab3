"""Query rewriting: the thesaurus, the model's wordings, RM3, and what leaves the machine."""

from pathlib import Path

import pytest

from core.pipeline.modules.rewrite import NOTHING_KNOWN
from core.pipeline.recipe_file import InvalidRecipe, read_recipes
from core.pipeline.rewriting.by_model import LONGEST_WORDING, read_wordings
from core.pipeline.rewriting.relevance_model import (
    WeightedWords,
    as_written,
    interpolated,
    relevance_model,
    strongest,
)
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from tests.fakes import WordEncoder, Writes, add_contract, open_test_library
from tests.rewriting_kit import DOWN, ask_and_answer, found, recipe_in, texts
from tests.stub_endpoint import StubEndpoint, says

LEAVE = "Either side may end this deal without cause."
CLAUSES = [LEAVE, "Notices go by post.", "The law of Ohio governs."]
QUESTION = "Can they terminate for convenience?"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = open_test_library(tmp_path)
    add_contract(opened, "Supply", CLAUSES)
    return opened


def bm25_wordings(library: Library, clause: str, inquiry: Inquiry, chat: Writes | None = None) -> set[str]:
    result = found(library, "rewrite", inquiry, chat)
    return {
        one.wording
        for candidate in result.candidates
        if candidate.chunk.text == clause
        for one in candidate.found_by
        if one.module == "bm25"
    }


def test_without_a_model_the_thesaurus_finds_a_clause_that_has_no_word_of_the_question(
    library: Library,
) -> None:
    steps: list[str] = []
    result = found(library, "rewrite", Inquiry(QUESTION), steps=steps)
    first = result.query.formulations[1]
    assert (first.text, first.origin) == ("Can they terminate without cause?", "rewrite")
    assert 0 < first.weight < 1
    assert bm25_wordings(library, LEAVE, Inquiry(QUESTION)) == {first.text}
    assert result.query.notes == ()
    assert steps == ["Other words for the question's phrases are looked up."]
    assert [step.calls for step in result.trace] == [0] * len(result.trace)


def test_a_question_without_a_known_phrase_says_so(library: Library) -> None:
    result = found(library, "rewrite", Inquiry("When?"))
    assert result.query.notes == (NOTHING_KNOWN,)
    assert len(result.query.formulations) == 1


def test_with_a_model_its_wordings_are_searched(library: Library) -> None:
    chat = Writes("Notices by post?\n2. Which law governs?")
    steps: list[str] = []
    result = found(library, "rewrite", Inquiry(QUESTION), chat, steps)
    assert [(one.text, one.origin) for one in result.query.formulations] == [
        (QUESTION, "question"),
        ("Notices by post?", "rewrite"),
        ("Which law governs?", "rewrite"),
    ]
    assert steps == ["The model writes other wordings of the question."]
    assert bm25_wordings(library, CLAUSES[1], Inquiry(QUESTION), chat) == {"Notices by post?"}
    (step,) = [one for one in result.trace if one.module == "rewrite"]
    assert step.calls == 1
    assert [message.content for message in chat.asked[0]] == list(step.sent)


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        pytest.param(Writes("", DOWN), "The model service: is away.", id="it is away"),
        pytest.param(Writes("Half a wor", DOWN), "The model service: is away.", id="it breaks off"),
        pytest.param(Writes(""), "The model wrote no wording", id="it writes nothing"),
        pytest.param(Writes(QUESTION.upper()), "The model wrote no wording", id="it repeats the question"),
        pytest.param(Writes("word " * 100), "The model wrote no wording", id="it writes an essay"),
    ],
)
def test_where_the_model_fails_the_thesaurus_is_used_and_a_note_says_so(
    library: Library, chat: Writes, said: str
) -> None:
    result = found(library, "rewrite", Inquiry(QUESTION), chat)
    assert result.query.formulations[1].text == "Can they terminate without cause?"
    (note,) = result.query.notes
    assert note.startswith(said)
    assert note.endswith("The thesaurus was used instead.")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param("One?\nTwo?\nThree?\nFour?", ["One?", "Two?", "Three?"], id="no more than asked for"),
        pytest.param("1. One?\n2) Two?\n- Three?", ["One?", "Two?", "Three?"], id="numbers and dashes"),
        pytest.param(
            "Here are three:\n\n\u201cOne?\u201d", ["One?"], id="an introduction and quotation marks"
        ),
        pytest.param("```\nOne?\n```", ["One?"], id="a fence"),
        pytest.param("One?\none\nONE?", ["One?"], id="the same again"),
        pytest.param("The cap?\nOne?", ["One?"], id="the question itself"),
        pytest.param("3 days to pay?", ["3 days to pay?"], id="a number that is none of a list"),
        pytest.param("On\u202ee?\x1b[31m", ["One?[31m"], id="nothing that steers a screen"),
        pytest.param("x" * (LONGEST_WORDING + 1), [], id="too long"),
        pytest.param("x" * LONGEST_WORDING, ["x" * LONGEST_WORDING], id="as long as may be"),
        pytest.param("\n" * 20_000 + "One?", [], id="behind what is looked at"),
    ],
)
def test_what_is_read_of_a_reply(reply: str, expected: list[str]) -> None:
    assert read_wordings(reply, "the cap?", 3) == tuple(expected)


def test_the_readers_own_wordings_take_the_place_of_written_ones(library: Library) -> None:
    chat = Writes("Which law governs?")
    result = found(library, "rewrite", Inquiry(QUESTION, formulations=("notices by post",)), chat)
    assert chat.asked == []
    assert [(one.text, one.origin) for one in result.query.formulations[1:]] == [
        ("notices by post", "reader")
    ]
    assert [step.module for step in result.trace] == ["dense", "bm25", "rm3", "reciprocal_rank"]


def test_the_scope_is_never_left(library: Library) -> None:
    other = add_contract(
        library, "Lease", ["Ends without cause after notice by post.", "Rent is due.", LEAVE]
    )
    for question in (QUESTION, "notice of rent"):
        result = found(
            library, "rewrite", Inquiry(question, (other,)), Writes("Without cause?\nPost?\nOhio?")
        )
        assert {one.chunk.contract_id for one in result.candidates} == {other}


def test_no_request_holds_a_wording_and_the_answers_none_or_a_passage_that_is_not_kept(
    library: Library,
) -> None:
    add_contract(library, "Lease", [f"Unkept zorfing{number} may terminate rent." for number in range(9)])
    inquiry = Inquiry(QUESTION, keep=1)
    with StubEndpoint([says("Quibblet without cause?\nMandrovel at will?"), says("So it is. [1]")]) as stub:
        finding = ask_and_answer(library, "rewrite", inquiry, stub)
    writing, answering = (request.body for request in stub.requests)
    kept = {passage.text for passage in finding.evidence.passages}
    passages = [one.candidate.chunk.text for one in finding.ranking.all]
    assert len(kept) == 1
    assert len(passages) == 12
    written = [one.text for one in finding.wordings if one.origin == "rewrite"]
    assert written == ["Quibblet without cause?", "Mandrovel at will?"]
    assert QUESTION.encode() in writing
    assert not [text for text in passages if text.encode() in writing]
    assert {text for text in passages if text.encode() in answering} == kept
    assert not [word for word in (b"Quibblet", b"Mandrovel") if word in answering]


# RM3


def test_the_relevance_model_is_the_mean_of_the_passages_by_their_scores() -> None:
    # "cap" is half of the first passage and all of the second: 3/4 * 1/2 + 1/4 * 1.
    model = relevance_model(["cap fee", "cap cap"], [3.0, 1.0])
    assert model == pytest.approx({"cap": 0.625, "fee": 0.375})


def test_the_likeliest_words_share_the_whole_probability() -> None:
    assert strongest({"a": 0.2, "c": 0.3, "b": 0.3}, 2) == pytest.approx({"b": 0.5, "c": 0.5})


def test_the_question_keeps_its_share_of_the_weight() -> None:
    # Three tokens weigh 3: 0.75 of it for the question, the rest for the model.
    words = interpolated(["cap", "cap", "fee"], {"cap": 0.2, "delay": 0.8}, 0.25)
    assert words.tokens == ("cap", "fee", "delay")
    assert words.weights == pytest.approx((0.75 * 2 + 0.25 * 3 * 0.2, 0.75, 0.25 * 3 * 0.8))
    assert sum(words.weights) == pytest.approx(3)


def test_without_a_model_of_relevance_the_question_stays_as_it_is() -> None:
    assert interpolated(["cap"], {}, 0.0) == WeightedWords(("cap",), (1.0,))


def test_words_are_shown_as_the_passages_write_them() -> None:
    shown = as_written(["liabil", "parti", "2.1"], ["Liabilities, liabilities and liability.", "A Party"])
    assert shown == ("liabilities", "party", "2.1")


FEEDBACK = (
    "description = 'x'",
    "pre_retrieval = []",
    "retrieval = ['rm3']",
    "fusion = 'reciprocal_rank'",
    "post_retrieval = ['rerank']",
    "generation = 'answer'",
    "[options.rm3]",
    "common = 1.0",
    "words = 2",
)


def test_feedback_finds_a_chunk_that_shares_no_word_with_the_question(tmp_path: Path) -> None:
    library = open_test_library(tmp_path / "library")
    add_contract(library, "Supply", ["liability ceiling ceiling", "ceiling applies", "post", "law"])
    recipe = read_recipes(recipe_in(tmp_path / "own", FEEDBACK))["mine"]
    result = retrieve(Inquiry("liability"), recipe, Tools(library.snapshot(), WordEncoder(), 20))
    # The first passage is the only one with the question's word; its likeliest other word brings the second.
    assert texts(result) == ["liability ceiling ceiling", "ceiling applies"]
    (leg,) = result.legs
    assert (leg.module, leg.formulation.text) == ("rm3", "liability + ceiling")
    assert result.trace[0].output == "2 hits in 1 lists | liability + ceiling"


@pytest.mark.parametrize(
    "question", ["unknown", "liability ceiling"], ids=["nothing is found", "nothing new"]
)
def test_without_new_words_there_is_no_feedback(tmp_path: Path, question: str) -> None:
    library = open_test_library(tmp_path / "library")
    # Numbers and single letters are no words.
    add_contract(library, "Supply", ["liability ceiling 5.3 5.3 b", "post"])
    recipe = read_recipes(recipe_in(tmp_path / "own", FEEDBACK))["mine"]
    assert retrieve(Inquiry(question), recipe, Tools(library.snapshot(), WordEncoder(), 20)).legs == ()


def test_words_of_many_chunks_are_not_fed_back(tmp_path: Path) -> None:
    library = open_test_library(tmp_path / "library")
    add_contract(
        library, "Supply", ["liability ceiling agreement", "agreement law", "agreement post", "agreement"]
    )
    own = recipe_in(tmp_path / "own", [line.replace("1.0", "0.5") for line in FEEDBACK])
    recipe = read_recipes(own)["mine"]
    (leg,) = retrieve(Inquiry("liability"), recipe, Tools(library.snapshot(), WordEncoder(), 20)).legs
    assert leg.formulation.text == "liability + ceiling"


@pytest.mark.parametrize("line", ["share = 1.0", "words = 0", "weight = 0.0", "weight = 2"])
def test_an_option_out_of_bounds_is_refused(tmp_path: Path, line: str) -> None:
    own = recipe_in(tmp_path, [*FEEDBACK[:-2], line])
    option, value = line.split(" = ")
    with pytest.raises(InvalidRecipe, match=f"{option} of rm3 is {value}"):
        read_recipes(own)
