"""Contextual retrieval: what a chunk is read with, how that is searched, what is missing, and what nobody ever sees."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.answering.chat import ChatDelta, Message
from core.ask import Pipeline, find_evidence
from core.errors import ModelUnavailable
from core.models import PairScores, Progress, ignore_progress
from core.pipeline.contextual.fact import KIND, VERSION, decode_fact, encode_fact
from core.pipeline.contextual.index import EMPTY, change, context_index
from core.pipeline.contextual.progress import Progress as IndexProgress
from core.pipeline.contextual.progress import contextual_progress
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Retrieved
from core.pipeline.tools import Tools
from core.records import Chunk, Contract, DefinedTerm, Inquiry, Profile
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.stage3_answer import GeneratedAnswerer
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from ingest.context.definitions import Definition, definitions_of, whole_sentences
from ingest.context.make import make_context
from ingest.context.sentences import SENTENCES, parts_of
from ingest.context.situate import READ_TOKENS, situated
from ingest.derive import DERIVATIONS, QUICK, derive_due
from ingest.index_contract import Cancelled
from ingest.index_contract import Tools as IngestTools
from ingest.worker import Worker, catch_up, work_off
from tests.fakes import OverlapScorer, WordEncoder, add_contract, make_chunk, open_test_library

TOOLS = IngestTools.of(Settings(), WordEncoder, lambda text: len(text.split()) + 2)
SUPPLY = [
    "Fees are due within thirty days.",
    "Each party keeps secrets.",
    "\u201cFees\u201d means the annual hosting price. The licence is separate.",
]
RECIPE = read_recipes()["contextual"]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_test_library(tmp_path)


def ask(
    library: Library, question: str, *scope: str, recipe: str = "contextual", **changes: int
) -> Retrieved:
    tools = Tools(library.snapshot(), WordEncoder(), changes.get("limit", 50))
    return retrieve(Inquiry(question, scope), read_recipes()[recipe], tools)


def by_module(found: Retrieved, module: str) -> list[str]:
    """The texts that a module found, best first."""
    (leg,) = [leg for leg in found.legs if leg.module == module]
    texts = {one.chunk.chunk_id: one.chunk.text for one in found.candidates}
    return [texts[hit.chunk_id] for hit in leg.hits]


Row = tuple[str, Sequence[float], Sequence[str]]


def bodies(contracts: Mapping[str, Sequence[Row]]) -> list[tuple[str, bytes]]:
    return [
        (
            contract_id,
            encode_fact(
                [one[0] for one in rows],
                np.asarray([one[1] for one in rows], dtype=np.float32),
                [one[2] for one in rows],
            ),
        )
        for contract_id, rows in contracts.items()
    ]


# What is stored.


def test_a_fact_comes_back_as_it_was_stored() -> None:
    body = encode_fact(["a", "b"], np.asarray([[1, 0], [0.6, 0.8]], dtype=np.float32), [["fee", "due"], []])
    fact = decode_fact(body)
    assert fact is not None
    assert (fact.chunk_ids, fact.tokens) == (("a", "b"), (("fee", "due"), ()))
    assert fact.vectors.tolist() == [[1, 0], [pytest.approx(0.6, abs=1e-3), pytest.approx(0.8, abs=1e-3)]]


def test_a_contract_without_chunks_has_a_fact_and_one_that_failed_has_none() -> None:
    empty = decode_fact(encode_fact([], np.zeros((0, 0), dtype=np.float32), []))
    assert empty is not None
    assert empty.chunk_ids == ()
    assert decode_fact(b"") is None


def test_a_fact_of_uneven_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="1 chunks have 2 vectors"):
        encode_fact(["a"], np.zeros((2, 4), dtype=np.float32), [[]])


# What a chunk is read with.


def chunks_in(text: str, *pieces: str) -> list[Chunk]:
    return [
        replace(make_chunk(piece, number), start=text.index(piece), end=text.index(piece) + len(piece))
        for number, piece in enumerate(pieces)
    ]


def term(name: str, text: str, definition: str) -> DefinedTerm:
    return DefinedTerm(name, text.index(definition), text.index(definition) + len(definition))


def test_the_rarest_terms_come_first_and_a_chunk_is_not_given_what_it_defines() -> None:
    text = "\n".join(["A and B are due.", "B is late.", "B is B.", "B means bees.", "A means apples."])
    chunks = chunks_in(text, *text.split("\n"))
    terms = [term("B", text, "B means bees."), term("A", text, "A means apples.")]
    given = definitions_of(chunks, terms, text)
    # A stands in one other chunk, B in three.
    assert [[one.term for one in of_one] for of_one in given] == [["A", "B"], ["B"], ["B"], [], []]


def test_a_definition_within_another_one_is_given_once() -> None:
    text = 'Fees and Rate apply.\nFees means the Rate, and "Rate" means two dollars.'
    chunks = chunks_in(text, *text.split("\n"))
    long, short = 'Fees means the Rate, and "Rate" means two dollars.', '"Rate" means two dollars.'
    terms = [term("Fees", text, long), term("Rate", text, short)]
    assert [one.text for one in definitions_of(chunks, terms, text)[0]] == [long]


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        pytest.param("Short  one.", "Short one.", id="whole, on one line"),
        pytest.param("First part. Second part. Third.", "First part.", id="whole sentences"),
        pytest.param(
            "one two three four five six", "one two three four", id="one long sentence, whole words"
        ),
        pytest.param(
            "1.5 dollars a day and more of it", "1.5 dollars a day", id="a point in a number ends nothing"
        ),
    ],
)
def test_definitions_are_shortened_to_whole_sentences(definition: str, kept: str) -> None:
    assert whole_sentences(definition, 20) == kept


def words(text: str) -> int:
    """Tokens as the tests count them: words and the two that every text has."""
    return len(text.split()) + 2


def long_chunk(length: int) -> Chunk:
    return replace(make_chunk(" ".join(["word"] * length)), heading_path=("9 Payment",))


CONTRACT = Contract("c", "f.pdf", Profile("Supply Agreement", ("Acme Ltd", "Bolt plc")), 1, 1)


@pytest.mark.parametrize(
    ("length", "definitions", "kept"),
    [
        pytest.param(10, [20, 30], [20, 30], id="room for all"),
        # 256 tokens hold the 2 special ones, the line's 10 words, the chunk's 200, and 44 more.
        pytest.param(200, [40, 30], [40], id="as far as there is room"),
        pytest.param(200, [50, 30], [30], id="what is too long gives way to what fits"),
        pytest.param(250, [5], [], id="the chunk leaves no room"),
    ],
)
def test_the_chunk_goes_in_whole_and_definitions_as_far_as_there_is_room(
    length: int, definitions: list[int], kept: list[int]
) -> None:
    given = [Definition(str(size), " ".join([f"d{size}"] * size)) for size in definitions]
    chunk = long_chunk(length)
    made = situated(chunk, CONTRACT, given, "", words)
    assert chunk.text in made.text
    assert [size for size in definitions if f"d{size}" in made.text] == kept
    assert length > READ_TOKENS - 12 or words(made.text) <= READ_TOKENS
    assert made.text.startswith("Supply Agreement (Acme Ltd; Bolt plc) > 9 Payment\n")
    # BM25 has no such limit, and counts every party.
    assert all(one.text in made.words for one in given)
    assert "Bolt plc" in made.words


def test_a_sentence_by_a_model_comes_before_the_definitions() -> None:
    made = situated(long_chunk(3), CONTRACT, [], "It says who pays.", words)
    assert made.text.split("\n")[1:] == ["It says who pays.", "word word word"]
    assert "It says who pays." in made.words


# How it is searched.


def test_the_nearest_chunks_are_those_of_the_exact_product() -> None:
    index = change(
        EMPTY,
        (),
        iter(
            bodies(
                {
                    "lease": [("l1", (1, 0), ["rent"]), ("l2", (0, 1), ["pets"])],
                    "loan": [("o1", (0.6, 0.8), ["rent", "rate"]), ("o2", (0, 1), ["pets"])],
                }
            )
        ),
    )
    vector = np.asarray([0, 1], dtype=np.float32)
    both = index.nearest(vector, 3, ["lease", "loan"])
    # l2 and o2 tie, and the id decides.
    assert [(hit.chunk_id, hit.rank, round(hit.score, 2)) for hit in both] == [
        ("l2", 1, 1.0),
        ("o2", 2, 1.0),
        ("o1", 3, 0.8),
    ]
    assert [hit.chunk_id for hit in index.nearest(vector, 1, ["lease", "loan"])] == ["l2"]
    assert [hit.chunk_id for hit in index.nearest(vector, 9, ["loan"])] == ["o2", "o1"]
    assert index.nearest(vector, 9, ["unknown"]) == ()
    assert [hit.chunk_id for hit in index.best(["rate"], 9, ["lease", "loan"])] == ["o1"]
    assert index.best(["rate"], 9, ["lease"]) == ()


def test_an_index_that_grew_finds_what_one_built_anew_finds() -> None:
    rng = np.random.default_rng(5)
    facts: dict[str, list[Row]] = {
        name: [(f"{name}{row}", rng.normal(size=4).tolist(), [f"w{row % 3}", name]) for row in range(rows)]
        for name, rows in (("a", 5), ("b", 3), ("c", 0), ("d", 7))
    }
    changed: dict[str, list[Row]] = {**facts, "b": [("b9", rng.normal(size=4).tolist(), ["w1"])]}
    grown = change(EMPTY, (), iter(bodies({name: facts[name] for name in "ab"})))
    grown = change(grown, (), iter(bodies({name: facts[name] for name in "cd"})))
    grown = change(grown, ("b", "a"), iter(bodies({"b": changed["b"]})))
    anew = change(EMPTY, (), iter(bodies({name: changed[name] for name in "bcd"})))
    for scope in (["b", "c", "d"], ["d"], ["a", "b"]):
        vector = rng.normal(size=4).astype(np.float32)
        assert grown.nearest(vector, 4, scope) == anew.nearest(vector, 4, scope)
        assert grown.best(["w1", "d"], 4, scope) == anew.best(["w1", "d"], 4, scope)


def test_a_clause_is_found_by_what_its_terms_mean(library: Library) -> None:
    add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    found = ask(library, "hosting price")
    assert by_module(found, "bm25") == [SUPPLY[2]]
    assert set(by_module(found, "contextual_bm25")) == {SUPPLY[0], SUPPLY[2]}
    assert found.query.notes == ()


def test_vectors_are_moved_towards_the_context_by_three_tenths(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    fact = decode_fact(library.snapshot().facts(KIND, VERSION, [supply])[supply])
    assert fact is not None
    # The first clause is read with what "Fees" means; nothing is defined for the second.
    means = "\u201cFees\u201d means the annual hosting price."
    read = [
        f"Supply Agreement > 1 Clause\n{SUPPLY[0]}\n{means}",
        f"Supply Agreement > 2 Clause\n{SUPPLY[1]}",
    ]
    expected = library.catalogue.vectors_of(supply)[:2] + 0.3 * WordEncoder().encode(read)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(fact.vectors[:2].astype(np.float32) - expected).max() < 1e-3


# What is missing, and what may not be seen.


def test_contracts_that_are_not_prepared_are_searched_in_the_plain_way_and_a_note_says_so(
    library: Library,
) -> None:
    add_contract(library, "Supply Agreement", SUPPLY)
    nothing = ask(library, "hosting price")
    assert by_module(nothing, "contextual_bm25") == by_module(nothing, "bm25")
    assert by_module(nothing, "contextual_dense") == by_module(nothing, "dense")
    assert "does not hold them yet: 1 of 1 contracts." in nothing.query.notes[0]
    catch_up(library, TOOLS)
    add_contract(library, "Hosting Agreement", ["The hosting price rises."])
    some = ask(library, "hosting price")
    assert {"The hosting price rises.", SUPPLY[0]} <= set(by_module(some, "contextual_bm25"))
    assert len(some.query.notes) == 1
    assert "does not hold them yet: 1 of 2 contracts." in some.query.notes[0]


def test_the_scope_is_never_left(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    other = add_contract(library, "Hosting Agreement", ["The hosting price rises.", "Fees are due."])
    catch_up(library, TOOLS)
    late = add_contract(library, "Late Agreement", ["The hosting price falls."])
    for scope in ((supply,), (other,), (late,), (supply, late)):
        found = ask(library, "hosting price", *scope)
        assert {one.chunk.contract_id for one in found.candidates} == set(scope)


def test_what_is_deleted_is_not_found_and_a_question_does_not_see_what_came_after_it(
    library: Library,
) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    before = library.snapshot()
    assert len(context_index(before).chunk_ids) == 3
    add_contract(library, "Hosting Agreement", ["The hosting price rises."])
    catch_up(library, TOOLS)
    found = retrieve(Inquiry("hosting price"), RECIPE, Tools(before, WordEncoder(), 50))
    assert {one.chunk.contract_id for one in found.candidates} == {supply}
    library.delete(supply)
    assert {one.contract_title for one in ask(library, "hosting price").candidates} == {"Hosting Agreement"}


class Listening(OverlapScorer):
    """Remembers what it was given to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,
        similarities: Sequence[float] | None = None,
    ) -> PairScores:
        self.read += passages
        return super().score_pairs(question, passages, on_progress, keep, similarities)


class Writer:
    """Answers a question, or writes about each passage that it is about zebras; remembers what it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        self.sent += [message.content for message in messages]
        count = messages[1].content.count("end of passage")
        yield ChatDelta("\n".join(f"[{number}] About zebras." for number in range(1, count + 1)), "stop")


def with_sentences(library: Library, contract_id: str) -> None:
    contract = library.catalogue.contract(contract_id)
    assert contract is not None
    texts = {part.key(SENTENCES): "About zebras." for part in parts_of([contract], library)}
    ModelTexts(library.catalogue.database).put(contract_id, SENTENCES.name, texts, "stub")
    library.derived.forget(KIND, [contract_id])


def test_a_sentence_by_a_model_is_searched_and_seen_by_nobody(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    assert by_module(ask(library, "zebras"), "contextual_bm25") == []
    with_sentences(library, supply)
    catch_up(library, TOOLS)
    assert sorted(by_module(ask(library, "zebras"), "contextual_bm25")) == sorted(SUPPLY)
    scorer, chat = Listening(), Writer()
    inquiry = Inquiry("Which zebras are due?", keep=1)
    finding = find_evidence(
        inquiry, library.snapshot(), WordEncoder(), scorer, Pipeline(RECIPE, 60, chat), on_step=lambda _: None
    )
    GeneratedAnswerer(chat, "stub").answer(finding.evidence, lambda _: None)
    (kept,) = finding.evidence.passages
    assert kept.text in SUPPLY
    everything = "\n".join([*scorer.read, *chat.sent])
    assert sorted(scorer.read) == sorted(chunk.situated_text for chunk in library.catalogue.chunks_of(supply))
    assert "About zebras" not in everything
    # The generator reads the kept clause, and of the definition that made it findable not a word.
    assert kept.text in chat.sent[1]
    assert all(text not in chat.sent[1] for text in SUPPLY if text != kept.text)


def test_the_recipe_asks_no_model_for_a_question(library: Library) -> None:
    add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    chat = Writer()
    retrieve(Inquiry("hosting price"), RECIPE, Tools(library.snapshot(), WordEncoder(), 50, chat=chat))
    assert chat.sent == []


# When it is made.


class Counting(WordEncoder):
    """Counts the texts it reads."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().encode(texts)


def test_only_what_reads_otherwise_with_its_context_is_encoded_again(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS, derivations=QUICK)
    contract = library.catalogue.contract(supply)
    assert contract is not None
    encoder = Counting()
    plain = {chunk.situated_text for chunk in library.catalogue.chunks_of(supply)}
    make_context(contract, library, replace(TOOLS, encoder=lambda: encoder))
    assert encoder.texts
    assert not plain & set(encoder.texts)


def test_a_correction_by_hand_is_in_the_context_without_indexing_again(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    library.catalogue.correct(supply, Profile("Supply Agreement", ("Quillon plc",)))
    catch_up(library, TOOLS)
    found = ask(library, "Quillon")
    assert (len(by_module(found, "contextual_bm25")), by_module(found, "bm25")) == (3, [])


def test_it_stops_within_a_contract_and_is_due_again(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS, derivations=QUICK)
    contract = library.catalogue.contract(supply)
    assert contract is not None
    with pytest.raises(Cancelled):
        make_context(contract, library, replace(TOOLS, stop=lambda: True))
    looks = iter([False, True])
    slow = tuple(one for one in DERIVATIONS if one.slow)
    assert derive_due(library, TOOLS, lambda: next(looks), slow) == 0
    assert derive_due(library, TOOLS, derivations=slow) == 1


def test_a_file_that_waits_goes_first_and_what_is_left_is_known(library: Library) -> None:
    add_contract(library, "Supply Agreement", SUPPLY)
    library.enqueue(b"no pdf", "bad.pdf")
    assert not catch_up(library, TOOLS)
    work_off(library, TOOLS)
    # Whoever waits for files does not wait for this.
    assert contextual_progress(library) == IndexProgress(0, 0, 1)
    assert catch_up(library, TOOLS)
    assert contextual_progress(library) == IndexProgress(1, 0, 1)


def test_a_model_that_cannot_be_loaded_is_told_once_and_stops_nothing(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    add_contract(library, "Supply Agreement", SUPPLY)
    twice = threading.Semaphore(0)

    def missing() -> WordEncoder:
        twice.release()
        raise ModelUnavailable("The encoder", "is gone.", "Reinstall it.")

    worker = Worker(library, replace(TOOLS, encoder=missing), poll=0.0, pause=0.0)
    worker.start()
    assert twice.acquire(timeout=60)
    assert twice.acquire(timeout=60)
    worker.stop()
    assert caplog.text.count("is gone") == 1


@pytest.mark.parametrize(
    ("made", "failed", "words"),
    [
        pytest.param(12, 0, "Contextual index: 12 of 17 contracts.", id="under way"),
        pytest.param(12, 2, "Contextual index: 10 of 17 contracts.", id="under way, two failed"),
        pytest.param(17, 2, "Contextual index: 2 of 17 contracts could not be prepared", id="two failed"),
        pytest.param(17, 0, "", id="all there"),
    ],
)
def test_where_it_stands_is_said_in_a_sentence(made: int, failed: int, words: str) -> None:
    assert IndexProgress(made, failed, 17).sentence.startswith(words)
    assert bool(IndexProgress(made, failed, 17).sentence) == bool(words)


def test_a_contract_that_failed_is_searched_in_the_plain_way(library: Library) -> None:
    supply = add_contract(library, "Supply Agreement", SUPPLY)
    catch_up(library, TOOLS)
    library.derived.put(supply, KIND, f"{VERSION}/{library.fingerprint}", b"")
    found = ask(library, "hosting price")
    assert by_module(found, "contextual_bm25") == [SUPPLY[2]]
    assert found.query.notes
    assert contextual_progress(library) == IndexProgress(1, 1, 1)
