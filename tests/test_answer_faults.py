"""Every fault of the model service as a user meets it: on the page, on the command line, in what is exported.

The service repeats the key wherever it can; it must be nowhere.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.ask import NOT_COMPLETE, Desk, answer_batch, answer_one
from core.choose_answerer import choose_answerer, open_chat
from core.export.json_file import answer_json
from core.export.records import Format, file_name
from core.health import check_chat
from core.records import AnswerKind, Inquiry
from core.settings import Settings
from pages.parts.export_menu import record_of
from pages.parts.state import KEY as SESSION
from tests.fakes import WordEncoder, add_contract, open_test_library
from tests.pages_kit import CLAUSES, QUESTION, ask, make_desk, opened, provided, screen
from tests.stub_endpoint import (
    DONE,
    Recorded,
    Reply,
    StubEndpoint,
    answers,
    cuts,
    event,
    fails,
    raw_event,
    says,
    silent,
)

KEY = "sk-secret-0123456789abcdef"
SAID = "The cap is one million [1]. "
GOOD = "It is one million. [1]"


@dataclass(frozen=True)
class Case:
    """What the service does, and what is said of it; no text means that none arrives."""

    reply: Reply
    note: str
    text: str = ""


CASES: dict[str, Case] = {
    "401": Case(fails(401, f"Incorrect API key provided: {KEY}"), "does not accept the API key (401)"),
    "403": Case(fails(403, KEY), "does not accept the API key (403)"),
    "404 model": Case(fails(404, f"No model stub-model for {KEY}"), "Check the model name"),
    "429": Case(fails(429, f"Slow down, {KEY}", headers={"X-Key": KEY}), "is limiting requests (429)"),
    "429 for an hour": Case(fails(429, headers={"Retry-After": "3600"}), "Ask again in 3600 seconds."),
    "500": Case(fails(500, f"panic at {KEY}", headers={"Retry-After": "0"}), "is in trouble (500)"),
    "context overflow": Case(
        fails(400, f"too long, {KEY}", code="context_length_exceeded"), "Keep fewer passages"
    ),
    "redirect": Case(Reply(status=307, headers={"Location": f"http://127.0.0.1:9/?{KEY}"}), "redirects"),
    "silent": Case(silent(), "gave no complete answer within 4 seconds"),
    "garbage": Case(Reply((f"data: {{not json {KEY}\n\n".encode(),)), "cannot be read"),
    "web page": Case(answers(f"<html>{KEY}</html>".encode(), "text/html"), "answered with a web page"),
    "empty object": Case(answers(b"{}"), "without any text of a model"),
    "no choices": Case(Reply((raw_event({"choices": [], "key": KEY}), DONE)), "without any text of a model"),
    "error in the stream": Case(
        Reply((event({"content": SAID}), raw_event({"error": {"message": f"GPU lost {KEY}"}}))),
        "GPU lost",
        SAID,
    ),
    "cut": Case(cuts(SAID), "broke the connection", SAID),
    "no finish reason": Case(says(SAID, None), "without saying that it is finished", SAID),
    "length": Case(says(SAID, "length"), "reached the longest length", SAID),
    "content filter": Case(says(SAID, "content_filter"), "content filter", SAID),
    "a reason of its own": Case(says(SAID, f"{KEY}"), "for the reason '[key]'", SAID),
    "a word a second": Case(
        Reply(tuple(event({"content": word}) for word in (SAID, *["so "] * 30)), pause=1.0),
        "gave no complete answer within 4 seconds",
        SAID,
    ),
    "the key, then cut": Case(cuts(f"{SAID}Key: {KEY} "), "broke the connection", SAID),
}


class Service:
    """The reply of a case until ``well`` is set, then a good answer."""

    def __init__(self, case: Case) -> None:
        self.well = False
        self._case = case

    def __call__(self, request: Recorded) -> Reply:  # noqa: ARG002
        return says(GOOD) if self.well else self._case.reply


class CountingEncoder(WordEncoder):
    def __init__(self) -> None:
        self.questions = 0

    def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self.questions += list(texts) == [QUESTION]
        return super().encode(texts)


@pytest.fixture(autouse=True)
def _talkative(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def configured(stub: StubEndpoint) -> dict[str, object]:
    return {
        "openai_base_url": stub.base_url,
        "chat_model": "stub-model",
        "chat_deadline": 4.0,
        "openai_api_key": SecretStr(f"{KEY}\n"),
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_page_keeps_the_passages_says_what_happened_and_asks_again_on_request(
    case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    service, encoder = Service(case), CountingEncoder()
    with (
        StubEndpoint([service]) as stub,
        provided(tmp_path, encoder=encoder, settings=configured(stub)) as services,
    ):
        add_contract(services.library, "Supply", CLAUSES)
        app = ask(opened())
        shown, turn = screen(app), app.session_state[SESSION].turn
        record = answer_json(record_of(turn, turn.finding, services, "session x")).decode()

        assert not app.exception
        assert shown.count('<article class="passage kept"') == 5
        marked = "INCOMPLETE answer" if case.text else "No answer from the model: UNAVAILABLE"
        assert f"<h2>{marked}</h2>" in shown
        assert turn.answer.kind is (AnswerKind.INCOMPLETE if case.text else AnswerKind.UNAVAILABLE)
        assert turn.answer.text.startswith(case.text)
        assert case.note in turn.answer.note
        assert json.loads(record)["answer"]["complete"] is False
        assert (
            file_name(turn.number, turn.answer, Format.JSON)
            == f"proviso-question-1-{turn.answer.kind.value}.json"
        )
        for place in (
            shown,
            str(app),
            record,
            repr(turn),
            repr(services.settings),
            caplog.text,
            *capfd.readouterr(),
        ):
            assert KEY not in place

        service.well = True
        app = app.button(key="retry").click().run()
        assert "It is one million." in screen(app)
        done = app.session_state[SESSION].turn
        assert done.answer.complete
        assert done.finding is turn.finding
        assert encoder.questions == 1
        assert stub.requests[-1].body == stub.requests[0].body
        assert file_name(done.number, done.answer, Format.JSON) == "proviso-question-1.json"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    yield make_desk(Settings(data_dir=tmp_path), library)
    library.close()


def answering(desk: Desk, stub: StubEndpoint) -> Desk:
    settings = desk.settings.model_copy(update=configured(stub))
    return make_desk(settings, desk.library, choose_answerer(settings, desk.scorer))


COMMAND = ("401", "500", "cut", "no finish reason", "length", "the key, then cut")


@pytest.mark.parametrize("name", COMMAND)
def test_the_command_prints_the_passages_marks_the_answer_and_exits_with_3(
    name: str, desk: Desk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    case = CASES[name]
    with StubEndpoint([case.reply]) as stub:
        code = answer_one(answering(desk, stub), Inquiry(QUESTION), as_json=False)
    printed, errors = capfd.readouterr()

    assert code == NOT_COMPLETE == 3
    marked = "INCOMPLETE ANSWER" if case.text else "UNAVAILABLE ANSWER"
    assert printed.index("Kept") < printed.index("Discarded") < printed.index(marked)
    assert case.note in " ".join(printed.split())
    assert KEY not in printed + errors + caplog.text


def test_as_json_an_answer_that_breaks_off_is_not_complete(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    with StubEndpoint([cuts(SAID)]) as stub:
        code = answer_one(answering(desk, stub), Inquiry(QUESTION), as_json=True)
    given = json.loads(capfd.readouterr().out)["answer"]

    assert code == 3
    assert (given["kind"], given["complete"], given["text"]) == ("incomplete", False, SAID)


@pytest.mark.parametrize(
    ("replies", "second", "code"),
    [
        pytest.param((says(GOOD), says(GOOD)), QUESTION, 0, id="all answered"),
        pytest.param((says(GOOD), cuts(SAID)), QUESTION, 3, id="one breaks off"),
        pytest.param((cuts(SAID), says(GOOD)), " ", 1, id="one fails, one breaks off"),
    ],
)
def test_the_exit_code_of_a_batch_is_that_of_its_worst_question(
    replies: tuple[Reply, ...], second: str, code: int, desk: Desk, tmp_path: Path
) -> None:
    batch = tmp_path / "questions.jsonl"
    lines = [json.dumps({"question": question}) for question in (QUESTION, second)]
    batch.write_text("\n".join(lines), encoding="utf-8")
    limits: dict[str, int | float] = {"candidates": 20, "keep": 5, "minimum_relevance": 0.0}
    with StubEndpoint(replies) as stub:
        assert answer_batch(answering(desk, stub), batch, limits) == code


@pytest.mark.parametrize("name", ["401", "500", "web page", "the key, then cut", "redirect"])
def test_doctor_says_what_is_wrong_without_the_key(name: str) -> None:
    with StubEndpoint([CASES[name].reply]) as stub:
        settings = Settings().model_copy(update=configured(stub))
        check = check_chat(settings, open_chat(settings))

    assert not check.sound
    assert KEY not in repr(check)
