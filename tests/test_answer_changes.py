"""Two answers beside each other: the words, sentences and sources that differ."""

import pytest

from core.explain.answer_changes import AnswerChanges, ComparedStatement, compare
from core.records import Answer, AnswerKind, Citation, Passage, Statement


def passage(number: int, chunk: str) -> Passage:
    return Passage(number, chunk, "c", "Title", "Heading", 1, 1, "text", 0.5)


def answer(*statements: tuple[str, tuple[tuple[int, str], ...]]) -> Answer:
    made = tuple(
        Statement(text, tuple(Citation(number, passage(number, chunk)) for number, chunk in cited))
        for text, cited in statements
    )
    return Answer(AnswerKind.GENERATED, "\n".join(text for text, _ in statements), made, "m", "")


def marked(side: tuple[ComparedStatement, ...]) -> list[str]:
    """Each statement with ``{}`` around what differs and ``!`` before one that stands alone."""
    return [
        ("!" if one.alone else "")
        + "".join(f"{{{part.text}}}" if part.differs else part.text for part in one.stretches)
        for one in side
    ]


def test_words_that_differ_are_marked_on_both_sides() -> None:
    changes = compare(
        answer(("The cap is one million dollars [1].", ((1, "x"),))),
        answer(("The cap is two million dollars [1].", ((1, "x"),))),
    )
    assert marked(changes.before) == ["The cap is {one} million dollars [1]."]
    assert marked(changes.after) == ["The cap is {two} million dollars [1]."]
    assert (changes.dropped, changes.added) == ((), ())
    assert not changes.same


def test_numbers_are_those_of_each_answers_own_evidence() -> None:
    changes = compare(
        answer(("The cap is one million [2].", ((2, "x"),))),
        answer(("The cap is one million [3].", ((3, "x"),))),
    )
    assert changes.same
    changes = compare(
        answer(("The cap is one million [1].", ((1, "x"),))),
        answer(("The cap is one million [1].", ((1, "y"),))),
    )
    assert not changes.same
    assert [one.chunk_id for one in changes.dropped] == ["x"]
    assert [one.chunk_id for one in changes.added] == ["y"]


def test_a_sentence_of_one_answer_alone_is_said_to_be_so() -> None:
    changes = compare(
        answer(("Notices go by post [1].", ((1, "x"),)), ("The law of Ohio governs [2].", ((2, "y"),))),
        answer(("The law of Ohio governs [1].", ((1, "y"),))),
    )
    assert marked(changes.before) == ["!Notices go by post [1].", "The law of Ohio governs [2]."]
    assert marked(changes.after) == ["The law of Ohio governs [1]."]


@pytest.mark.parametrize("text", ["<b>x</b> & \u201cy\u201d [1]", "one  two\nthree", "", "[1][2]"])
def test_stretches_are_the_statement_itself(text: str) -> None:
    changes: AnswerChanges = compare(answer((text, ())), answer((f"{text} more", ())))
    assert ["".join(part.text for part in one.stretches) for one in changes.before] == [text]
    assert ["".join(part.text for part in one.stretches) for one in changes.after] == [f"{text} more"]
