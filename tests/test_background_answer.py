"""Answers in the background: watched, stopped, bounded, and never asked for twice."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import cast

import pytest
from streamlit.delta_generator import DeltaGenerator

from core.audit.trail import AuditTrail
from core.background_answer import TooManyAnswers, Writers
from core.records import Answer, AnswerKind, Evidence, Finding, Inquiry, Passage, Ranking
from core.settings import Settings
from core.stage3_answer import Answerer
from pages.parts.answer_run import bring_answer
from pages.parts.model_loading import LoadingModels
from pages.parts.state import Session
from pages.parts.wiring import Services

PASSAGE = Passage(1, "chunk-1", "c1", "Supply", "8 Cap", 1, 1, "The cap is five.", 0.9)
EVIDENCE = Evidence("What is the cap?", 5, (PASSAGE,))


class GatedAnswerer:
    """Says one piece, waits until the gate is opened, then says the other."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun = threading.Event()
        self.gate = threading.Event()
        self.left = threading.Event()

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:  # noqa: ARG002
        self.asked += 1
        try:
            on_text("The cap is five [1]. ")
            self.begun.set()
            assert self.gate.wait(30)
            on_text("It is final [1].")
        finally:
            self.left.set()
        return Answer(AnswerKind.GENERATED, "The cap is five [1]. It is final [1].", (), "m", "note")


@pytest.fixture
def answerer() -> Iterator[GatedAnswerer]:
    given = GatedAnswerer()
    yield given
    given.gate.set()


def test_an_answer_can_be_watched_while_it_is_written(answerer: GatedAnswerer) -> None:
    writing = Writers().start(EVIDENCE, lambda: answerer)
    assert answerer.begun.wait(30)
    assert writing.text == "The cap is five [1]. "
    assert not writing.wait(0)
    answerer.gate.set()
    assert writing.wait(30)
    assert writing.result().kind is AnswerKind.GENERATED
    assert writing.text == "The cap is five [1]. It is final [1]."


def test_stopping_ends_it_at_once_incomplete_and_hangs_up_at_the_next_word(answerer: GatedAnswerer) -> None:
    writing = Writers().start(EVIDENCE, lambda: answerer)
    assert answerer.begun.wait(30)
    writing.stop()
    given = writing.result()
    assert (given.kind, given.complete) == (AnswerKind.INCOMPLETE, False)
    assert given.text == "The cap is five [1]. "
    assert given.statements[0].citations[0].passage is PASSAGE
    assert given.note == "This answer is incomplete. You stopped it here."
    answerer.gate.set()
    assert answerer.left.wait(30)
    assert writing.result() is given
    assert writing.text == "The cap is five [1]. "


def test_stopping_before_the_first_word_leaves_no_answer() -> None:
    gate = threading.Event()

    def late() -> Answerer:
        assert gate.wait(30)
        return GatedAnswerer()

    writing = Writers().start(EVIDENCE, late)
    writing.stop()
    gate.set()
    assert writing.result().kind is AnswerKind.UNAVAILABLE


def test_what_the_answerer_raises_is_raised_to_whoever_waits() -> None:
    def broken() -> Answerer:
        raise ZeroDivisionError("detail")

    writing = Writers().start(EVIDENCE, broken)
    with pytest.raises(ZeroDivisionError, match="detail"):
        writing.result()


def test_no_more_than_so_many_at_once(answerer: GatedAnswerer) -> None:
    writers = Writers(most=1)
    writing = writers.start(EVIDENCE, lambda: answerer)
    with pytest.raises(TooManyAnswers, match="1 answers are being written"):
        writers.start(EVIDENCE, lambda: answerer)
    answerer.gate.set()
    writing.result()


class Clicked(BaseException):
    """What Streamlit raises where a run of the script ends."""


class Screen:
    """A place on the page; the first drawing may be where a click ends the run."""

    def __init__(self, *, clicked: bool = False) -> None:
        self.drawn: list[str] = []
        self._clicked = clicked

    def container(self) -> "Screen":
        return self

    def empty(self) -> "Screen":
        return self

    def button(self, label: str, **_: object) -> None:
        self.drawn.append(label)

    def html(self, body: str) -> None:
        self.drawn.append(body)
        if self._clicked:
            raise Clicked


@contextmanager
def clicked() -> Iterator[None]:
    with pytest.raises(Clicked):
        yield


def services_with(answerer: GatedAnswerer) -> Services:
    class Given(Services):
        def answerer(self, actor: str, decision_id: str = "") -> Answerer:  # noqa: ARG002
            return answerer

    settings = Settings(chat_model="stub-model", openai_base_url="http://127.0.0.1:9/v1")
    nothing = cast("LoadingModels", None)
    trail = cast("AuditTrail", SimpleNamespace(models=None))
    return Given(settings, None, nothing, None, trail, None)  # type: ignore[arg-type]


def test_a_click_while_an_answer_is_written_asks_nobody_twice_and_loses_nothing(
    answerer: GatedAnswerer,
) -> None:
    services = services_with(answerer)
    remembered = Session()
    remembered.ask(Inquiry("What is the cap?"))
    turn = remembered.turn
    assert turn is not None
    finding = Finding(turn.inquiry, Ranking((), ()), EVIDENCE, (), 1)
    turn = type(turn)(turn.number, turn.inquiry, finding=finding)
    remembered.update(turn)

    for _ in range(3):
        with clicked():
            bring_answer(turn, remembered, services, cast("DeltaGenerator", Screen(clicked=True)))
    assert answerer.begun.wait(30)
    answerer.gate.set()
    screen = Screen()
    done = bring_answer(turn, remembered, services, cast("DeltaGenerator", screen))

    assert answerer.asked == 1
    assert done.answer is not None
    assert done.answer.text == "The cap is five [1]. It is final [1]."
    assert remembered.turn == done
    assert remembered.writings == {}


def test_stop_of_the_page_ends_the_answer_of_its_turn_alone(answerer: GatedAnswerer) -> None:
    remembered = Session()
    remembered.writings = {1: Writers().start(EVIDENCE, lambda: answerer)}
    assert answerer.begun.wait(30)
    remembered.stop(2)
    assert not remembered.writings[1].wait(0)
    remembered.stop(1)
    assert remembered.writings[1].wait(0)
