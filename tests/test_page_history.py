"""The History page: a reader's own questions as they were, what left, asked again; nobody else's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.workbench.decision import DecisionKind
from core.workbench.decision_store import DecisionFilter
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, ask, opened, provided, screen
from tests.stub_endpoint import StubEndpoint, says
from tests.test_page_follow_up import followed

PAGE = "pages/5_History.py"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        add_contract(given.library, "Supply", CLAUSES)
        yield given


def only(services: Services) -> str:
    (one,) = services.decisions.find(DecisionFilter())
    return one.decision_id


def test_nothing_is_on_record_at_first(services: Services) -> None:  # noqa: ARG001
    assert "Nothing on record yet" in screen(opened(PAGE))


def test_a_question_is_on_record_with_its_answer_and_opens_as_it_was(services: Services) -> None:
    app = ask(opened())
    turn = app.session_state[KEY].turn
    kept = services.decisions.get(turn.decision_id)
    assert (kept.finding, kept.answer, kept.sent) == (turn.finding, turn.answer, ())
    app = app.switch_page(PAGE).run()
    assert "1 question on record" in screen(app)
    app = app.button(key=f"open_{turn.decision_id}").click().run()
    shown = screen(app)
    assert f'<h2 class="question">{QUESTION}</h2>' in shown
    assert shown.count('<article class="passage kept"') == 5
    assert "What left the building: nothing." in shown
    app = app.button(key="close_decision").click().run()
    assert "1 question on record" in screen(app)


def test_asked_again_it_has_the_same_ranking_until_the_library_changes(services: Services) -> None:
    app = ask(opened())
    app.session_state[KEY].opened_decision = only(services)
    app = app.switch_page(PAGE).run()
    app = app.button(key="replay").click().run()
    assert "Same ranking" in screen(app)
    add_contract(
        services.library, "Lease", ["The cap on liability is the cap on liability under this lease."]
    )
    app = app.button(key="replay").click().run()
    assert "contracts added" in screen(app)
    assert "passages are kept" in screen(app)


def test_what_left_the_building_is_there_word_for_word(tmp_path: Path) -> None:
    with StubEndpoint([says("It is [1].")]) as stub:
        settings = {
            "openai_base_url": stub.base_url,
            "openai_api_key": SecretStr("k"),
            "chat_model": "stub-model",
        }
        with provided(tmp_path, settings=settings) as services:
            add_contract(services.library, "Supply", CLAUSES)
            object.__setattr__(services.trail, "models", replace(services.trail.models, endpoint="127.0.0.1"))
            app = ask(opened())
            app.session_state[KEY].opened_decision = only(services)
            app = app.switch_page(PAGE).run()
            sent = [message["content"] for message in stub.requests[0].json["messages"]]
            assert [block.value for block in app.code] == sent


def test_a_follow_up_names_what_it_follows_and_what_was_typed(services: Services) -> None:
    app = followed(ask(opened())).button(key="proposal_send").click().run()
    first, second = app.session_state[KEY].turns
    kept = services.decisions.get(second.decision_id)
    assert (kept.kind, kept.parent, kept.typed) == (
        DecisionKind.FOLLOW_UP,
        first.decision_id,
        "and on what notice?",
    )


def test_words_find_and_a_deleted_one_is_gone(services: Services) -> None:
    app = ask(opened())
    app = ask(app, "Which law governs the agreement?")
    app = app.switch_page(PAGE).run()
    app.text_input(key="history_words").set_value("law supply")
    app = app.run()
    assert "1 question on record" in screen(app)
    app = app.button(key=f"open_{app.session_state[KEY].turn.decision_id}").click().run()
    app = app.button(key="delete_decision").click().run()
    assert services.decisions.count(DecisionFilter()) == 1


def test_opened_on_the_ask_page_it_is_a_turn_that_asks_nothing_again(services: Services) -> None:
    app = ask(opened())
    answer = app.session_state[KEY].turn.answer
    app.session_state[KEY].opened_decision = only(services)
    app = app.switch_page(PAGE).run()
    app = app.button(key="decision_to_ask").click().run()
    turn = app.session_state[KEY].turn
    assert (turn.number, turn.answer, turn.decision_id) == (2, answer, only(services))
    assert services.decisions.count(DecisionFilter()) == 1


def test_another_reader_sees_none_of_it(services: Services) -> None:
    ask(opened())
    other = opened(PAGE)
    assert "Nothing on record yet" in screen(other)
    other.session_state[KEY].opened_decision = only(services)
    assert "is not on record" in screen(other.run())


def test_nothing_is_kept_where_the_settings_keep_nothing(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"keep_decisions": False}) as services:
        add_contract(services.library, "Supply", CLAUSES)
        app = ask(opened())
        assert "5 of 7 candidates kept" in screen(app)
        assert services.decisions.count(DecisionFilter()) == 0
        assert "no new question is kept" in screen(app.switch_page(PAGE).run())


def test_hostile_text_is_shown_as_text(services: Services) -> None:
    ask_hostile = ask(opened(), HOSTILE)
    ask_hostile.session_state[KEY].opened_decision = only(services)
    shown = screen(ask_hostile.switch_page(PAGE).run())
    assert "<script>" not in shown
    assert "<img src=x" not in shown
