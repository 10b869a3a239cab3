"""Answers without a model service: which sentences are chosen, and that they are the contract's own."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answering.citations import resolve
from core.answering.excerpts import excerpts
from core.answering.extract import ExtractAnswerer, best, judge
from core.models import PairScores, Progress, ignore_progress
from core.records import AnswerKind, Evidence, Passage


class WordScorer:
    """The logit is 4 for a text that holds one of the given words and -4 for every other."""

    def __init__(self, *words: str) -> None:
        self.asked: list[tuple[str, list[str]]] = []
        self._words = words

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,  # noqa: ARG002
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        self.asked.append((question, list(passages)))
        logits = [4.0 if any(word in passage for word in self._words) else -4.0 for passage in passages]
        return PairScores(np.array(logits), np.zeros(len(passages), dtype=np.bool_))


def passage(text: str, number: int = 1, relevance: float = 0.9) -> Passage:
    return Passage(number, f"chunk-{number}", "c1", "Lease", "8", 1, 1, text, relevance)


def evidence(*texts: str, relevance: float = 0.9) -> Evidence:
    passages = tuple(passage(text, number, relevance) for number, text in enumerate(texts, start=1))
    return Evidence("What is the cap?", 20, passages)


def extract(material: Evidence, *words: str) -> list[str]:
    given = ExtractAnswerer(WordScorer(*words)).answer(material, lambda _: None)
    return given.text.splitlines()


RENT = "The Tenant pays the rent monthly in advance."
CAP = "The liability of the Landlord is capped at EUR 5,000."
REPAIR = "The Landlord repairs the roof within thirty days."

# A bar stands between excerpts.
EXCERPTS: dict[str, str] = {
    "sentences": f"{RENT} | {CAP} | {REPAIR}",
    "heading goes with its sentence": f"8. LIABILITY\n\n{CAP} | {REPAIR}",
    "run-in heading": f"8.2 Cap. {CAP} | {REPAIR}",
    "number alone": f"(a)\n{CAP} | {REPAIR}",
    "run-in heading of an item": f"4. Rent\n\n(a) Landlord works. {CAP} | (b) Roof. {REPAIR}",
    "short sentence goes with the next": f"It may not. {CAP} | {REPAIR}",
    "short sentence at the end": f"{RENT} | {CAP} It may not.",
    "heading alone": "LIABILITY",
    "heading at the end": f"{RENT} | {CAP}\n\n9. INSURANCE",
    "short list is one": "The Tenant may end the Lease if:\n(a) the roof leaks; or\n(b) the rent doubles. | "
    f"{REPAIR}",
    "lead-in and text after the list": f"{RENT} | The fee covers:\n\u2022 water;\n\u2022 heat.",
}


@pytest.mark.parametrize("marked", EXCERPTS.values(), ids=EXCERPTS.keys())
def test_excerpts(marked: str) -> None:
    text = marked.replace(" | ", " ")
    assert [one.text for one in excerpts(passage(text))] == [
        " ".join(one.split()) for one in marked.split(" | ")
    ]


def test_items_of_a_long_list_keep_their_lead_in() -> None:
    items = [f"({letter}) {letter * 3} " + "and the roof of the house leaks " * 6 for letter in "abc"]
    text = "The Tenant may end the Lease if:\n" + ";\n".join(item.strip() for item in items) + "."
    found = excerpts(passage(text))

    assert [len(one.pieces) for one in found] == [1, 2, 2]
    assert found[0].text.startswith("The Tenant may end the Lease if: (a) aaa")
    assert found[2].text.startswith("The Tenant may end the Lease if: ... (c) ccc")
    assert found[2].reading.startswith("The Tenant may end the Lease if: (c) ccc")


def test_a_very_long_sentence_is_cut_at_its_semicolons() -> None:
    part = "the Tenant shall keep the roof of the house in good repair at its own cost and expense"
    text = f"{part}; {part}; {part}; {part}; {part}; {part}; {part}; {part}."
    assert [one.text for one in excerpts(passage(text))] == [*[f"{part};"] * 7, f"{part}."]


STANDINGS: dict[str, tuple[list[float], list[int]]] = {
    "one far ahead": ([-1.0, 5.0, 1.9, -5.9], [1]),
    "near the best, in order": ([2.0, -5.0, 5.0, -2.0], [0, 2]),
    "four at most": ([3.0, 4.0, 3.0, 3.0, 3.0, -16.0], [0, 1, 2, 3]),
    "all alike": ([0.0] * 6, [0, 1, 2, 3]),
    "one": ([0.0], [0]),
    "none": ([], []),
}


@pytest.mark.parametrize(("standing", "chosen"), STANDINGS.values(), ids=STANDINGS.keys())
def test_the_best_and_what_stands_out_two_fifths_as_far(standing: list[float], chosen: list[int]) -> None:
    assert best(np.array(standing)) == chosen


def test_the_score_and_the_shared_words_count_alike() -> None:
    # Two of four are picked out by the score, two by the one word that the question shares with them:
    # each standard score is +1 or -1.
    texts = (
        "The roof is repaired by the Landlord alone.",
        "The cap is five thousand euros a year.",
        "The roof has a cap of painted lead.",
        "The Tenant pays the rent every month.",
    )
    candidates = [one for text in texts for one in excerpts(passage(text))]
    assert judge("What is the cap?", candidates, WordScorer("roof")) == pytest.approx([0, 0, 2, -2])


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    texts = (RENT, "The Tenant shall pay the deposit.", "The Tenant keeps the roof clean.")
    candidates = [one for text in texts for one in excerpts(passage(text))]
    assert best(judge("Tenant deposit", candidates, WordScorer())) == [1]


def test_chosen_sentences_come_in_the_order_of_the_passages() -> None:
    gutters = "The gutters of the roof are cleaned every autumn."
    lines = extract(evidence(f"{RENT} {REPAIR}", f"{gutters} {RENT}", RENT), "roof")
    assert lines == [f"\u201c{REPAIR}\u201d [1]", f"\u201c{gutters}\u201d [2]"]


def test_a_weak_best_still_gives_one_line_and_the_note_says_so() -> None:
    given = ExtractAnswerer(WordScorer()).answer(evidence(CAP, relevance=0.29), lambda _: None)

    assert given.text == f"\u201c{CAP}\u201d [1]"
    assert "match the question only weakly" in given.note


def test_the_answer_says_what_it_is() -> None:
    pieces: list[str] = []
    given = ExtractAnswerer(WordScorer("capped")).answer(evidence(f"{RENT} {CAP}"), pieces.append)

    assert (given.kind, given.model) == (AnswerKind.EXTRACT, "extract")
    assert "contracts' own words" in given.note
    assert "No language model" in given.note
    assert "weakly" not in given.note
    assert "".join(pieces) == given.text
    (statement,) = given.statements
    assert statement.text == given.text
    assert statement.supported
    assert statement.citations[0].passage == evidence(f"{RENT} {CAP}").passages[0]
    assert [(quote.text, quote.verbatim) for quote in statement.quotes] == [(CAP, True)]


def test_the_model_is_asked_once_about_forty_sentences_of_five_passages_at_most() -> None:
    texts = [
        " ".join(f"Passage {number} repairs the roof number {n}." for n in range(9)) for number in range(7)
    ]
    scorer = WordScorer("roof")
    ExtractAnswerer(scorer).answer(evidence(*texts), lambda _: None)

    ((question, asked),) = scorer.asked
    assert question == "What is the cap?"
    assert len(asked) == 40
    assert asked[0] == "8\nPassage 0 repairs the roof number 0."
    assert asked[-1] == "8\nPassage 4 repairs the roof number 3."


def test_no_candidate_nothing_to_judge() -> None:
    scorer = WordScorer()
    assert judge("What is the cap?", [], scorer).shape == (0,)
    assert scorer.asked == []


DEFINITIONS = (
    "\u201cAffiliate\u201d means an entity that controls a party, is controlled by it, or is its sister.\n"
    '"Term" means the period of three years that begins on the Start Date.\n'
    "The Supplier\u2019s fees (see \u201cFees\u201d) are termi-\nnable, non-\nrefundable, plus 5.5 per cent."
)


def test_an_extract_with_quotation_marks_inside_reads_back_as_supported() -> None:
    material = evidence(DEFINITIONS)
    given = ExtractAnswerer(WordScorer()).answer(material, lambda _: None)

    assert len(given.statements) == 3
    again = resolve(given.text, material)
    assert [statement.text for statement in again] == [statement.text for statement in given.statements]
    assert all(statement.supported for statement in (*again, *given.statements))


fragments = st.sampled_from(
    (
        "The Tenant shall pay the rent",
        " within 5.5 days",
        ". ",
        ";\n",
        ":\n(a) ",
        "\n(b) ",
        "\n\n",
        "4.2 Cap. ",
        '"',
        "\u201cFee\u201d",
        "Northwind Inc. ",
        "and the roof of the house leaks",
        " ",
        "\n",
        "non-\nexclusive ",
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(fragments, min_size=1, max_size=40).map("".join).filter(lambda text: re.search(r"\w", text)))
def test_every_excerpt_is_verbatim_and_together_they_hold_every_word(text: str) -> None:
    found = excerpts(passage(text))

    assert all(piece in text for one in found for piece in one.pieces)
    last_pieces = "".join(one.pieces[-1] for one in found)
    assert re.sub(r"\s", "", last_pieces) == re.sub(r"\s", "", text)
    given = ExtractAnswerer(WordScorer()).answer(evidence(text), lambda _: None)
    assert 1 <= len(given.statements) <= 4
    assert all(statement.supported for statement in given.statements)
