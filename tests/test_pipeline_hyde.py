"""HyDE: a hypothetical clause, written or chosen, that is searched and shown and never reaches the answer."""

import tomllib
from pathlib import Path

import pytest

from core.models import load_encoder
from core.pipeline.modules.hypothetical_clause import WRITTEN
from core.pipeline.recipe_file import RECIPES, read_recipes
from core.pipeline.records import Formulation
from core.pipeline.rewriting.by_model import LONGEST_CLAUSE, read_clause
from core.pipeline.rewriting.data_file import DamagedData, checked_tables
from core.pipeline.rewriting.model_clauses import (
    KeptVectors,
    ModelClause,
    nearest,
    parse_clauses,
    shipped_clauses,
)
from core.pipeline.rewriting.words import without_names
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from tests.fakes import WordEncoder, Writes, add_contract, open_test_library
from tests.rewriting_kit import DOWN, ask_and_answer, found, recipe_in
from tests.stub_endpoint import StubEndpoint, says

CLAUSES = ["The ceiling is one million.", "Notices go by post.", "The law of Ohio governs."]
ASKED = "What is the most the supplier can be liable for?"
# The encoder of the tests knows words, not meanings; which clause it takes is tested with the real one below.
NEAREST = nearest(ASKED, WordEncoder(), shipped_clauses())


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = open_test_library(tmp_path)
    add_contract(opened, "Supply", CLAUSES)
    return opened


def test_without_a_model_the_nearest_model_clause_is_searched_with(library: Library) -> None:
    steps: list[str] = []
    result = found(library, "hyde", Inquiry(ASKED), steps=steps)
    _, clause = result.query.formulations
    assert (clause.text, clause.origin) == (NEAREST.clause.text, "hypothetical_clause")
    assert 0 < clause.weight < 1
    assert result.query.notes == (
        f"A model clause on {NEAREST.clause.topic}, which stands in no contract, was searched with "
        f"(similarity to the question {NEAREST.similarity:.2f}).",
    )
    assert steps == ["The nearest model clause is looked for."]
    assert {leg.module for leg in result.legs if leg.formulation == clause} == {"dense", "bm25"}


def test_a_question_that_no_model_clause_is_near_is_searched_as_it_stands(
    library: Library, tmp_path: Path
) -> None:
    shipped = (RECIPES / "hyde.toml").read_text(encoding="utf-8")
    own = recipe_in(
        tmp_path / "own", [shipped, "[options.hypothetical_clause]", "least_similarity = 0.99999999"]
    )
    tools = Tools(library.snapshot(), WordEncoder(), 20)
    result = retrieve(Inquiry("Is anything due at all?"), read_recipes(own)["mine"], tools)
    assert len(result.query.formulations) == 1
    (note,) = result.query.notes
    assert note.startswith("No model clause is near this question")
    assert note.endswith("so none was searched with.")


def test_with_a_model_the_clause_it_writes_is_searched_with(library: Library) -> None:
    chat = Writes("The Supplier's ceiling\nis one million.")
    steps: list[str] = []
    result = found(library, "hyde", Inquiry(ASKED), chat, steps)
    assert result.query.formulations[1].text == "The Supplier's ceiling is one million."
    assert result.query.notes == (WRITTEN,)
    assert steps == ["The model writes a clause that could answer the question."]
    (step,) = [one for one in result.trace if one.module == "hypothetical_clause"]
    assert step.calls == 1
    assert [message.content for message in chat.asked[0]] == list(step.sent)


@pytest.mark.parametrize(
    ("chat", "said"),
    [
        pytest.param(Writes("The Supp", DOWN), "The model service: is away.", id="it breaks off"),
        pytest.param(Writes(" \n "), "The model wrote no clause.", id="it writes nothing"),
    ],
)
def test_where_the_model_fails_a_model_clause_is_used_and_a_note_says_so(
    library: Library, chat: Writes, said: str
) -> None:
    result = found(library, "hyde", Inquiry(ASKED), chat)
    assert result.query.formulations[1].text == NEAREST.clause.text
    assert result.query.notes[0] == f"{said} The nearest model clause was looked for instead."


@pytest.mark.parametrize(
    ("reply", "clause"),
    [
        pytest.param("A clause.", "A clause.", id="a clause"),
        pytest.param("1. A\n\nclause.", "A clause.", id="on one line, without a number"),
        pytest.param("```\nA clause.\n```", "A clause.", id="a fence"),
        pytest.param("\u201cA clause.\u201d", "A clause.", id="quotation marks"),
        pytest.param("A\u202e cl\x07ause.", "A clause.", id="nothing that steers a screen"),
        pytest.param("word " * 1000, ("word " * (LONGEST_CLAUSE // 5)).strip(), id="cut after a whole word"),
        pytest.param("x" * 5000, "x" * LONGEST_CLAUSE, id="cut where there is no word"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_what_is_read_of_a_reply(reply: str, clause: str) -> None:
    assert read_clause(reply) == clause


def test_the_readers_own_wordings_take_the_place_of_the_clause(library: Library) -> None:
    chat = Writes("A clause.")
    result = found(library, "hyde", Inquiry(ASKED, formulations=("A ceiling of one million.",)), chat)
    assert chat.asked == []
    assert result.query.formulations[1:] == (Formulation("A ceiling of one million.", "reader", weight=0.5),)
    assert result.query.notes == ()


def test_the_scope_is_never_left(library: Library) -> None:
    other = add_contract(library, "Lease", ["Rent is due.", "A ceiling applies."])
    for chat in (None, Writes("The law of Ohio governs.")):
        result = found(library, "hyde", Inquiry(ASKED, (other,)), chat)
        assert {one.chunk.contract_id for one in result.candidates} == {other}


def test_the_clause_is_shown_and_the_answer_is_written_without_it(library: Library) -> None:
    add_contract(library, "Lease", [f"Unkept zorfing{number} liable." for number in range(9)])
    with StubEndpoint([says("The quibblet is liable for mandrovel."), says("So it is. [1]")]) as stub:
        finding = ask_and_answer(library, "hyde", Inquiry(ASKED, keep=1), stub)
    writing, answering = (request.body for request in stub.requests)
    passages = [one.candidate.chunk.text for one in finding.ranking.all]
    kept = {passage.text for passage in finding.evidence.passages}
    assert finding.formulations == ("The quibblet is liable for mandrovel.",)
    assert (len(kept), len(passages)) == (1, 12)
    assert not [text for text in passages if text.encode() in writing]
    assert {text for text in passages if text.encode() in answering} == kept
    assert not [word for word in (b"quibblet", b"mandrovel") if word in answering]


def test_a_model_clause_of_ours_never_leaves_the_machine(library: Library) -> None:
    with StubEndpoint([says(" "), says("So it is. [1]")]) as stub:
        finding = ask_and_answer(library, "hyde", Inquiry(ASKED, keep=1), stub)
    assert finding.formulations == (NEAREST.clause.text,)
    assert NEAREST.clause.text[:60].encode() not in stub.bodies


# The model clauses


def test_at_least_eighty_clauses_are_shipped_each_on_a_topic_of_its_own() -> None:
    clauses = shipped_clauses()
    assert len(clauses) == len({clause.text for clause in clauses}) == 141
    assert sum(len(clause.questions) for clause in clauses) == 340
    for clause in clauses:
        assert 150 <= len(clause.text) <= LONGEST_CLAUSE, clause.topic
        assert all(question.endswith("?") for question in clause.questions), clause.topic


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What is the most that a party can be liable for?", "cap on liability"),
        ("Can they put the price up?", "price increases and indexation"),
        ("Which state's law governs the contract?", "governing law"),
        (
            "In the Distributor Agreement of Acme: Is a party prevented from hiring the other party's employees?",
            "no-solicit of employees",
        ),
    ],
)
def test_the_encoder_finds_the_topic_of_a_question(question: str, topic: str) -> None:
    found = nearest(question, load_encoder(), shipped_clauses())
    assert found.clause.topic == topic
    assert found.similarity > 0.4


def test_the_nearest_key_decides_whichever_clause_it_belongs_to() -> None:
    clauses = (
        ModelClause("fees", ("what is due", "how much"), "One."),
        ModelClause("post", ("law",), "Two."),
    )
    found = nearest("what is due", WordEncoder(), clauses)
    assert found.clause is clauses[0]


def test_the_similarity_is_two_parts_the_nearest_key_and_one_part_the_text() -> None:
    # The question is the key word for word, and shares no word with the text.
    clauses = (ModelClause("post", ("law of Ohio", "fees"), "Notices."),)
    asked, text = WordEncoder().encode(["law of ohio", "Notices."])
    assert nearest("law of ohio", WordEncoder(), clauses).similarity == pytest.approx((2 + asked @ text) / 3)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        pytest.param("In the Harbour Lease: who pays tax?", "In the : who pays tax?", id="a title"),
        pytest.param(
            "Does Acme's SLA name the credits?", "Does 's SLA name the credits?", id="no abbreviation"
        ),
        pytest.param("It ends. May they stay on?", "It ends. May they stay on?", id="a second sentence"),
        pytest.param("Term Of The Lease", "Term Of The Lease", id="capitals throughout"),
    ],
)
def test_names_are_left_out_of_what_is_compared(question: str, left: str) -> None:
    assert without_names(question) == left


def test_keys_are_encoded_once_for_an_encoder() -> None:
    class Counts(WordEncoder):
        asked = 0

        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.asked += 1
            return super().encode(texts)

    clauses = (ModelClause("fees", ("what is due",), "One."),)
    first, second, kept = Counts(), Counts(), KeptVectors()
    vectors = kept.of(first, clauses)
    assert (vectors.keys.shape, vectors.starts.tolist(), vectors.texts.shape) == ((2, 16), [0], (1, 16))
    assert kept.of(first, clauses) is vectors
    # Once the keys, once the texts.
    assert first.asked == 2
    kept.of(second, clauses)
    assert (first.asked, second.asked) == (2, 2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param("x = 1", "not a list of [[clause]] alone", id="no clauses"),
        pytest.param("[[clause]]\ntopic = 'a'", "exactly questions, text, topic", id="fields are missing"),
        pytest.param("[[clause]]\ntopic = 'a'\ntext = 'b'\nquestions = []", "at least 1", id="no question"),
        pytest.param("[[clause]]\ntopic = 'a'\ntext = ''\nquestions = ['c']", "clause 1 is ''", id="no text"),
        pytest.param(
            2 * "[[clause]]\ntopic = 'a'\ntext = 'b'\nquestions = ['c']\n", "'a' stands twice", id="twice"
        ),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(content: str, reason: str) -> None:
    with pytest.raises(DamagedData) as damaged:
        parse_clauses(
            checked_tables(
                "model_clauses.toml",
                tomllib.loads(content),
                "clause",
                frozenset({"topic", "questions", "text"}),
            )
        )
    assert reason in damaged.value.reason
