"""What a session remembers: a bounded number of questions, and one search at a time."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.background_answer import Writing
from core.records import Answer, AnswerKind, Evidence, Finding, Inquiry, Ranking
from core.search import Cancelled, Phase, Report, Standing
from pages.parts.state import MOST_TURNS, Session, Turn


def finding(turn: Turn) -> Finding:
    return Finding(turn.inquiry, Ranking((), ()), Evidence(turn.inquiry.question, 5, ()), (), 1)


def asked(count: int) -> Session:
    session = Session()
    for number in range(1, count + 1):
        session.ask(Inquiry(f"Question {number}?"))
    return session


def current(session: Session) -> Turn:
    assert session.turn is not None
    return session.turn


def test_the_oldest_questions_are_forgotten_after_five_hundred() -> None:
    session = asked(500)
    assert [turn.number for turn in session.turns] == list(range(501 - MOST_TURNS, 501))
    assert current(session).inquiry.question == "Question 500?"
    session.show(490)
    assert current(session).inquiry.question == "Question 490?"
    session.show(1)
    assert session.turn is None


def test_a_question_keeps_its_own_result_after_others_were_forgotten() -> None:
    session = asked(MOST_TURNS + 5)
    session.show(10)
    turn = current(session)
    session.update(Turn(turn.number, turn.inquiry, finding=finding(turn)))
    held = {one.number: one.finding for one in session.turns if one.finding is not None}
    assert {number: found.inquiry.question for number, found in held.items()} == {10: "Question 10?"}


def test_a_result_of_a_forgotten_question_changes_nothing() -> None:
    session = asked(MOST_TURNS + 5)
    before = list(session.turns)
    session.update(Turn(1, Inquiry("Question 1?")))
    assert session.turns == before


def until(gate: threading.Event, turn: Turn) -> Callable[[Report], Finding]:
    def work(_: Report) -> Finding:
        assert gate.wait(30)
        return finding(turn)

    return work


def test_a_redrawn_page_watches_the_search_that_is_under_way() -> None:
    gate, session = threading.Event(), asked(1)
    turn = current(session)
    first = session.searching(turn, until(gate, turn))
    assert session.searching(turn, until(gate, turn)) is first
    gate.set()
    assert first.result() == finding(turn)


def test_another_question_takes_the_place_of_the_one_before() -> None:
    gate, session = threading.Event(), asked(2)
    told = threading.Event()

    def work(report: Report) -> Finding:
        assert told.wait(30)
        report(Standing(Phase.RETRIEVE))
        return finding(session.turns[0])

    first = session.searching(session.turns[0], work)
    second = session.searching(session.turns[1], until(gate, session.turns[1]))
    told.set()
    gate.set()
    assert second.result().inquiry.question == "Question 2?"
    with pytest.raises(Cancelled):
        first.result()


def test_a_cancelled_question_says_so_and_can_be_asked_again() -> None:
    gate, session = threading.Event(), asked(1)
    gate.set()
    session.cancel(current(session))
    assert isinstance(current(session).failure, Cancelled)
    session.retry(current(session))
    turn = current(session)
    assert turn.failure is None
    assert session.searching(turn, until(gate, turn)).result() == finding(turn)


def test_every_session_has_its_own_identity() -> None:
    assert len({Session().identity for _ in range(10)}) == 10


def test_a_run_that_is_out_of_date_asks_for_no_second_answer() -> None:
    session = asked(1)
    out_of_date = current(session)
    begun: list[Writing] = []

    def begin() -> Writing:
        begun.append(Writing(finding(out_of_date).evidence))
        return begun[-1]

    assert session.writing(out_of_date, begin) is session.writing(out_of_date, begin)
    # Another run of the script settles the turn; the present one still holds it as it was.
    session.settle(replace(out_of_date, answer=Answer(AnswerKind.INCOMPLETE, "So far", (), "stub", "")))
    assert session.writing(out_of_date, begin) is None
    assert len(begun) == 1
    assert session.latest(out_of_date).answer is not None
