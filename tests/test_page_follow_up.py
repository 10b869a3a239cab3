"""Follow-ups on the Ask page: shown before they are searched, editable, each turn with its own evidence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from pages.parts.state import KEY, Session
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, QUESTION, FullDisk, ask, opened, provided, screen
from tests.stub_endpoint import StubEndpoint, says

TYPED = "and on what notice?"
AS_TERMS = "On what notice? (cap, liability)"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        add_contract(given.library, "Supply", CLAUSES)
        yield given


def followed(app: AppTest, typed: str = TYPED) -> AppTest:
    app.text_input(key="follow_up_text").set_value(typed)
    return app.button(key="follow_up_send").click().run()


def remembered(app: AppTest) -> Session:
    session: Session = app.session_state[KEY]
    return session


@pytest.mark.usefixtures("services")
def test_a_follow_up_is_shown_before_it_is_searched() -> None:
    app = followed(ask(opened()))
    assert app.text_area(key="proposal_text").value == AS_TERMS
    assert "nothing has been searched yet" in screen(app)
    assert 'article class="passage kept"' not in screen(app)
    assert len(remembered(app).turns) == 1


@pytest.mark.usefixtures("services")
def test_the_edited_question_is_searched_and_every_turn_keeps_its_evidence() -> None:
    app = followed(ask(opened()))
    app.text_area(key="proposal_text").set_value("On how many days of notice may a party terminate?")
    app = app.button(key="proposal_send").click().run()
    first, second = remembered(app).turns
    assert second.inquiry.question == "On how many days of notice may a party terminate?"
    assert (second.follows, second.rewritten.typed if second.rewritten else "") == (1, TYPED)
    assert f"Typed: \u201c{TYPED}\u201d" in screen(app)
    assert first.finding is not None
    assert second.finding is not None
    assert "ninety days notice" in second.finding.evidence.passages[0].text
    assert "cap on liability" in first.finding.evidence.passages[0].text


@pytest.mark.usefixtures("services")
def test_it_may_be_searched_as_typed_or_given_up() -> None:
    app = followed(ask(opened()))
    app = app.button(key="proposal_as_typed").click().run()
    assert remembered(app).turns[1].inquiry.question == TYPED
    app = followed(app)
    app = app.button(key="proposal_cancel").click().run()
    assert len(remembered(app).turns) == 2
    assert remembered(app).follow_up is None
    assert f'<h1 class="question">{TYPED}</h1>' in screen(app)


@pytest.mark.usefixtures("services")
def test_a_leaning_question_in_the_main_box_is_a_follow_up_too() -> None:
    app = ask(ask(opened()), TYPED)
    assert app.text_area(key="proposal_text").value == AS_TERMS
    app = ask(app, "Which law governs the agreement?")
    assert remembered(app).turns[-1].inquiry.question == "Which law governs the agreement?"
    assert remembered(app).turns[-1].follows == 0


@pytest.mark.usefixtures("services")
def test_a_follow_up_of_a_follow_up_knows_the_whole_thread() -> None:
    app = followed(ask(opened())).button(key="proposal_send").click().run()
    session = remembered(app)
    assert session.turn is not None
    assert session.thread(session.turn, ()).questions == (QUESTION, AS_TERMS)


@pytest.mark.usefixtures("services")
def test_hostile_words_are_shown_as_words() -> None:
    app = followed(ask(opened()), "and <img src=x onerror=alert(1)> notice?")
    assert "<img" not in screen(app).replace("&lt;img", "")


def test_the_service_gets_questions_and_no_passage(tmp_path: Path) -> None:
    with StubEndpoint([says("It is [1]."), says("On what notice may a party end it?")]) as stub:
        settings = {
            "openai_base_url": stub.base_url,
            "openai_api_key": SecretStr("k"),
            "chat_model": "stub-model",
        }
        with provided(tmp_path, settings=settings) as services:
            add_contract(services.library, "Supply", CLAUSES)
            app = followed(ask(opened()))
            assert app.text_area(key="proposal_text").value == "On what notice may a party end it?"
            body = stub.requests[1].body.decode()
            assert TYPED in body
            assert QUESTION in body
            assert not [clause for clause in CLAUSES if clause in body]
            assert any(TYPED in block.value for block in app.code)


def test_what_cannot_be_logged_is_not_sent(tmp_path: Path) -> None:
    with StubEndpoint([says("It is [1].")]) as stub:
        settings = {"openai_base_url": stub.base_url, "chat_model": "stub-model"}
        with provided(tmp_path, settings=settings) as services:
            add_contract(services.library, "Supply", CLAUSES)
            app = ask(opened())
            object.__setattr__(services.trail, "log", FullDisk())
            app = followed(app)
            assert "The audit log" in screen(app)
            assert len(stub.requests) == 1
            app = app.button(key="follow_up_back").click().run()
            assert f'<h1 class="question">{QUESTION}</h1>' in screen(app)
