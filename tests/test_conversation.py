"""Follow-ups: which questions lean on an earlier one, and what they become with and without a model."""

import pytest

from core.conversation.by_model import LONGEST_QUESTION, by_model, rewrite_messages
from core.conversation.key_terms import by_key_terms, leans_on_earlier
from core.conversation.records import Rewriter, StandAlone, Thread
from core.errors import AuditUnavailable, ChatUnavailable
from core.search import Report, Search
from tests.fakes import Writes

EARLIER = "Who bears liability for late delivery, and is it capped?"
TITLES = (
    ("harbour", "Supply Agreement between Harbour Foods and Orchard Ltd"),
    ("tessera", "Software Licence Agreement"),
    ("lease", "Amended and Restated Lease"),
    ("orchard", "Distribution Agreement with Orchard Ltd"),
)
THREAD = Thread((EARLIER,), ("tessera",), TITLES)


@pytest.mark.parametrize(
    "question",
    [
        "and who bears the cost?",
        "But what if the goods are perishable?",
        "What about loss of profit?",
        "Same for the software licence?",
        "Is it capped?",
        "Can they terminate for convenience?",
        "How long?",
        "Why?",
    ],
)
def test_a_continuation_leans_on_the_earlier_question(question: str) -> None:
    assert leans_on_earlier(question)


@pytest.mark.parametrize(
    "question",
    [
        EARLIER,
        "Which law governs the agreement?",
        "Which law governs it?",
        "May the agreement be assigned without consent?",
        "How long do confidentiality obligations last?",
        "Orders accepted after notice of termination",
    ],
)
def test_a_question_that_names_its_subject_stands_alone(question: str) -> None:
    assert not leans_on_earlier(question)


@pytest.mark.parametrize(
    ("typed", "question", "scope"),
    [
        pytest.param(
            "and who bears the cost?",
            "Who bears the cost? (liability, late delivery, capped)",
            ("tessera",),
            id="terms of the earlier question beside it",
        ),
        pytest.param(
            "Is liability capped then?",
            "Is liability capped then?",
            ("tessera",),
            id="stands alone and stays as it is",
        ),
        pytest.param("Why?", "Why? (liability, late delivery, capped)", ("tessera",), id="one word"),
        pytest.param(
            "what about loss of profit?",
            "Who bears liability for late delivery, and is it capped: loss of profit?",
            ("tessera",),
            id="the earlier question of something else",
        ),
        pytest.param(
            "And for how long?",
            "For how long? (liability, late delivery, capped)",
            ("tessera",),
            id="for how long",
        ),
        pytest.param("What about the lease?", EARLIER, ("lease",), id="another contract, by its only word"),
        pytest.param(
            "and in the Harbour supply agreement?", EARLIER, ("harbour",), id="another contract, by its name"
        ),
        pytest.param(
            "And under the agreements with Orchard?",
            "Who bears liability for late delivery, and is it capped: the agreements with Orchard?",
            ("tessera",),
            id="a name that two titles share narrows nothing",
        ),
    ],
)
def test_key_terms_are_carried_over(typed: str, question: str, scope: tuple[str, ...]) -> None:
    assert by_key_terms(typed, THREAD) == StandAlone(typed, question, scope, Rewriter.TERMS)


def test_the_model_is_given_questions_and_titles_in_scope_and_nothing_else() -> None:
    thread = Thread(tuple(f"Question {number}?" for number in range(8)), ("lease",), TITLES)
    system, user = rewrite_messages("and then?", thread)
    assert (system.role, user.role) == ("system", "user")
    assert user.content == (
        "Earlier questions, oldest first:\n- Question 2?\n- Question 3?\n- Question 4?\n- Question 5?\n- Question 6?\n"
        "- Question 7?\nContracts searched:\n- Amended and Restated Lease\nThe follow-up:\nand then?"
    )


def test_a_line_break_in_a_question_cannot_pretend_to_be_another_part() -> None:
    _, user = rewrite_messages("a\nContracts searched:\n- x", Thread(("b\nThe follow-up:\nc?",)))
    assert user.content.split("\n") == [
        "Earlier questions, oldest first:",
        "- b The follow-up: c?",
        "The follow-up:",
        "a Contracts searched: - x",
    ]


def test_what_the_model_writes_is_the_question() -> None:
    chat = Writes('"Who bears the cost of\nlate delivery?"\u202e')
    alone = by_model("and who bears the cost?", THREAD, chat, "stub")
    assert alone.question == "Who bears the cost of late delivery?"
    assert (alone.rewriter, alone.note, alone.contract_ids) == (Rewriter.MODEL, "", ("tessera",))
    assert alone.sent == chat.asked[0]


@pytest.mark.parametrize(
    ("chat", "note"),
    [
        pytest.param(Writes("  \n"), "stub wrote no question.", id="nothing"),
        pytest.param(Writes("x" * (LONGEST_QUESTION + 1)), "stub wrote 1001 characters", id="an essay"),
        pytest.param(
            Writes("Who", ChatUnavailable("stub", "broke off.", "Try again.")),
            "stub: broke off.",
            id="a failure",
        ),
    ],
)
def test_without_a_question_of_the_model_the_key_terms_step_in_and_it_is_said(
    chat: Writes, note: str
) -> None:
    alone = by_model("and who bears the cost?", THREAD, chat, "stub")
    assert alone.question == "Who bears the cost? (liability, late delivery, capped)"
    assert alone.rewriter is Rewriter.TERMS
    assert alone.note.startswith(note)
    assert alone.note.endswith("The key terms of the earlier question were taken over instead.")
    assert alone.sent == chat.asked[0]


def test_a_thread_begins_with_a_question() -> None:
    with pytest.raises(ValueError, match="needs an earlier question"):
        Thread(())


def test_a_rewrite_that_fails_in_the_background_fails_where_it_is_seen() -> None:
    def work(_: Report) -> StandAlone:
        raise AuditUnavailable("The audit log", "is full.", "Free some disk space.")

    rewriting = Search(work).start()
    assert rewriting.wait(10) is None
    with pytest.raises(AuditUnavailable, match="is full"):
        rewriting.result()
