"""Question sets: what they may hold, the shipped ones, TOML, and the firm's own."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.review.own_sets import QuestionSets
from core.review.question_files import LARGEST_FILE, as_toml, cleaned, read_toml, shipped_sets
from core.review.records import InvalidQuestionSet, QuestionSet, ReviewQuestion
from core.workbench.workbench import open_workbench

ONE = ReviewQuestion("Cap", "What is the cap?")
OWN = QuestionSet("House", "Ours.", (ONE,))


@pytest.fixture
def sets(tmp_path: Path) -> QuestionSets:
    return QuestionSets(open_workbench(tmp_path))


def test_at_least_four_sets_of_full_questions_are_shipped() -> None:
    shipped = shipped_sets()
    assert {"M&A diligence", "Vendor renewal"} <= {one.name for one in shipped}
    assert len(shipped) == 6
    for one in shipped:
        assert 8 <= len(one.questions) <= 14, one.name
        assert one.description
        for question in one.questions:
            assert question.text.endswith("?"), question.text
            assert len(question.text.split()) >= 6, question.text
            assert len(question.label) <= 28, question.label


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: QuestionSet(" ", "", (ONE,)), "name of a question set: is empty: ' '"),
        (lambda: QuestionSet("n" * 81, "", (ONE,)), "81 characters; 80 are the most"),
        (lambda: QuestionSet("A", "d" * 401, (ONE,)), "description of 'A': has 401 characters"),
        (lambda: QuestionSet("A", "", ()), "'A': has 0 questions"),
        (lambda: QuestionSet("A", "", (ReviewQuestion("", "Why?"),)), "label of question 1: is empty"),
        (lambda: QuestionSet("A", "", (ReviewQuestion("x" * 41, "Why?"),)), "41 characters; 40 are"),
        (lambda: QuestionSet("A", "", (ReviewQuestion("Cap", "\n"),)), "Question 1 ('Cap'): is empty"),
        (lambda: QuestionSet("A", "", (ONE, ReviewQuestion("CAP", "Why?"))), "label 'CAP': appears twice"),
        (
            lambda: QuestionSet("A", "", (ONE, ReviewQuestion("Again", "What is  THE cap?"))),
            "question 'What is  THE cap?': appears twice",
        ),
    ],
    ids=["name", "long name", "description", "none", "label", "long label", "text", "labels", "questions"],
)
def test_what_cannot_be_used_is_named(make: object, message: str) -> None:
    with pytest.raises(InvalidQuestionSet, match=re.escape(message)):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "is not valid TOML"),
        (b"name = ", "is not valid TOML"),
        (b"name = 'A'\nqestions = []", "unknown key: 'qestions'"),
        (b"name = 'A'\nquestions = 3", "questions that are no list: 3"),
        (b"name = 'A'\nquestions = [3]", "question 1 that is no table: 3"),
        (b"name = 'A'\n[[questions]]\nlabel = 'x'\ntekst = 'y'", "unknown key in question 1: 'tekst'"),
        (b"name = 'A'\n[[questions]]\nlabel = 'x'", "lacks a text: question 1"),
        (b"name = 7\n[[questions]]\nlabel = 'x'\ntext = 'y'", "a name that is no text: 7"),
        (b"#" * (LARGEST_FILE + 1), "is larger than 200,000 bytes"),
    ],
    ids=["bytes", "toml", "key", "list", "table", "question key", "no text", "type", "size"],
)
def test_a_file_that_is_no_set_is_refused_with_its_value(content: bytes, message: str) -> None:
    with pytest.raises(InvalidQuestionSet, match=re.escape(message)):
        read_toml(content)


@given(st.text(min_size=1, max_size=60), st.text(max_size=60))
def test_any_text_survives_export_and_import(name: str, description: str) -> None:
    name, description = cleaned(name), cleaned(description)
    if name:
        one = QuestionSet(name, description, (ReviewQuestion(name[:40], f"{name}?"),))
        if one.questions[0].label.strip() == one.questions[0].label:
            assert read_toml(as_toml(one).encode()) == one


def test_own_sets_are_kept_renamed_and_removed(sets: QuestionSets, tmp_path: Path) -> None:
    sets.save(OWN, "ann")
    assert QuestionSets(open_workbench(tmp_path)).own() == (OWN,)
    renamed = QuestionSet("Firm", "Ours.", (ReviewQuestion("Law", "Which law?"), ONE))
    sets.save(renamed, "ann", replacing="House")
    assert sets.own() == (renamed,)
    assert sets.named(" FIRM ") == renamed
    sets.remove("Firm")
    assert sets.own() == ()


def test_a_name_that_is_taken_is_refused_and_nothing_changes(sets: QuestionSets) -> None:
    sets.save(OWN, "ann")
    taken = QuestionSet("vendor renewal", "", (ONE,))
    with pytest.raises(InvalidQuestionSet, match="'vendor renewal': is that of another"):
        sets.save(taken, "ann")
    with pytest.raises(InvalidQuestionSet, match="is that of another"):
        sets.save(taken, "ann", replacing="House")
    assert sets.own() == (OWN,)
    with pytest.raises(InvalidQuestionSet, match="'Vendor renewal': is no set of your own"):
        sets.save(taken, "ann", replacing="Vendor renewal")


def test_a_free_name_is_counted_up(sets: QuestionSets) -> None:
    assert sets.free_name("House") == "House"
    sets.save(OWN, "ann")
    assert sets.free_name("house") == "house (2)"
    with pytest.raises(InvalidQuestionSet, match="These are there: Data"):
        sets.named("nothing")
