"""The History page: a reader's own questions as they were, what left, asked again; nobody else's."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.audit.log import AuditLog
from core.export.records import Format
from core.export.sentences import facts, moment
from core.records import Inquiry
from core.workbench.decision import DecisionKind
from core.workbench.decision_store import DecisionFilter
from core.workbench.recorder import Context
from pages.parts.export_menu import export, record_of_decision
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, FullDisk, ask, opened, provided, screen
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


def test_an_answer_that_comes_when_the_browser_is_gone_is_on_record(tmp_path: Path) -> None:
    with StubEndpoint([says("It is [1].")]) as stub:
        settings = {
            "openai_base_url": stub.base_url,
            "openai_api_key": SecretStr("k"),
            "chat_model": "stub-model",
        }
        with provided(tmp_path, settings=settings) as services:
            add_contract(services.library, "Supply", CLAUSES)
            object.__setattr__(services.trail, "models", replace(services.trail.models, endpoint="127.0.0.1"))
            finding = services.searcher.find(Inquiry(QUESTION))
            decision_id = services.recorder.found(finding, Context("ann"), [])
            services.writers.start(finding.evidence, lambda: services.answerer("ann", decision_id)).result()
            kept = services.decisions.get(decision_id)
    assert kept.answer is not None
    assert kept.answer.text == "It is [1]."
    sent = [message["content"] for message in stub.requests[0].json["messages"]]
    assert [(one.purpose, one.host, list(one.messages)) for one in kept.sent] == [
        ("answer", "127.0.0.1", sent)
    ]


def test_a_deletion_is_in_the_audit_log(services: Services, tmp_path: Path) -> None:
    app = ask(opened())
    decision_id = only(services)
    app.session_state[KEY].opened_decision = decision_id
    app.switch_page(PAGE).run().button(key="delete_decision").click().run()
    last = json.loads(list(AuditLog(tmp_path / "audit.sqlite3").rows())[-1].entry)
    assert (last["action"], last["subject"]) == ("decision deleted", decision_id)


def test_what_cannot_be_logged_is_not_deleted(services: Services) -> None:
    app = ask(opened())
    app.session_state[KEY].opened_decision = only(services)
    app = app.switch_page(PAGE).run()
    object.__setattr__(services.trail, "log", FullDisk())
    assert 'role="alert"' in screen(app.button(key="delete_decision").click().run())
    assert services.decisions.count(DecisionFilter()) == 1


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


def test_a_decision_is_exported_as_it_was(services: Services, tmp_path: Path) -> None:
    app = opened()
    app.selectbox(key="pipeline").set_value("lexical")
    app = ask(app)
    decision = services.decisions.get(only(services))
    app.session_state[KEY].opened_decision = decision.decision_id
    app = app.switch_page(PAGE).run()
    assert app.download_button(key="export_docx").label == "Word document"
    assert "<span>pipeline lexical</span>" in screen(app)
    record = record_of_decision(decision, services)
    told = dict(facts(record))
    assert told["Asked"] == moment(datetime.fromisoformat(decision.at))
    assert (told["Decision"], told["Asked by"]) == (decision.decision_id, decision.actor)
    assert told["Pipeline"].startswith("lexical (BM25, ")
    assert json.loads(export(record, Format.JSON, services, "ann"))["decision"] == decision.decision_id
    entry = json.loads([row.entry for row in AuditLog(tmp_path / "audit.sqlite3").rows()][-1])
    assert (entry["action"], entry["actor"]) == ("exported", "ann")


def test_an_exported_follow_up_says_what_was_typed_and_sent(tmp_path: Path) -> None:
    with StubEndpoint([says("It is [1]."), says("On what notice may a party end it?")]) as stub:
        settings = {"openai_base_url": stub.base_url, "chat_model": "stub-model"}
        with provided(tmp_path, settings=settings) as services:
            object.__setattr__(services.trail.models, "endpoint", "127.0.0.1")
            add_contract(services.library, "Supply", CLAUSES)
            app = followed(ask(opened()))
            app = app.button(key="proposal_send").click().run()
            decision = services.decisions.get(app.session_state[KEY].turn.decision_id)
            told = dict(facts(record_of_decision(decision, services)))
    assert told["Typed"].startswith("\u201cand on what notice?\u201d")
    assert "the follow-up with the questions before it" in told["What left the machine"]
