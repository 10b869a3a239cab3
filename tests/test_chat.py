"""The chat adapter against a real server on this machine, fault by fault."""

import gzip
import json
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from core.answering.chat import ChatDelta, Message, OpenAIChat
from core.errors import ChatUnavailable
from tests.stub_endpoint import (
    DONE,
    Reply,
    Step,
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
DEADLINE = 6.0
SHORT = 1.2
MESSAGES = (Message("system", "Answer from the passages."), Message("user", "What is the cap?"))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


def chat_at(base_url: str, **changes: object) -> OpenAIChat:
    chat = OpenAIChat(base_url, SecretStr(KEY), "stub-model", deadline_seconds=DEADLINE)
    return replace(chat, **changes)  # type: ignore[arg-type]


def ask(*script: Step) -> tuple[list[ChatDelta], StubEndpoint]:
    with StubEndpoint(script=script) as stub:
        return list(chat_at(stub.base_url).stream(MESSAGES)), stub


def text_of(deltas: list[ChatDelta]) -> str:
    return "".join(delta.text for delta in deltas)


def failure_of(chat: OpenAIChat) -> tuple[ChatUnavailable, str, float]:
    """The failure, the text that came before it, and the seconds it took."""
    started = time.monotonic()
    received: list[ChatDelta] = []
    with pytest.raises(ChatUnavailable) as caught:
        received.extend(delta for delta in chat.stream(MESSAGES))
    return caught.value, text_of(received), time.monotonic() - started


def assert_no_key(error: ChatUnavailable, key: str = KEY) -> None:
    written = "".join(traceback.format_exception(error)) + repr(vars(error))
    assert key not in written
    assert error.__cause__ is None
    assert error.__context__ is None


def test_an_answer_arrives_in_pieces_with_its_finish_reason_last() -> None:
    deltas, stub = ask(says("The cap is EUR 5,000. [1]"))

    assert text_of(deltas) == "The cap is EUR 5,000. [1]"
    assert len(deltas) > 3
    assert [delta.finish_reason for delta in deltas] == [None] * (len(deltas) - 1) + ["stop"]
    assert len(stub.requests) == 1


def test_the_request_holds_the_messages_temperature_zero_and_the_key_in_its_header_alone() -> None:
    _, stub = ask(says())

    request = stub.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY.encode() not in request.body
    assert request.json == {
        "model": "stub-model",
        "messages": [
            {"role": "system", "content": "Answer from the passages."},
            {"role": "user", "content": "What is the cap?"},
        ],
        "temperature": 0.0,
        "stream": True,
    }


def test_no_temperature_is_sent_where_none_is_wanted() -> None:
    with StubEndpoint() as stub:
        list(chat_at(stub.base_url, temperature=None).stream(MESSAGES))

    assert "temperature" not in stub.requests[0].json


@pytest.mark.parametrize("key", [f"{KEY}\n", f"  {KEY}\r\n"], ids=["newline", "spaces and CRLF"])
def test_white_space_around_the_key_is_stripped(key: str) -> None:
    with StubEndpoint() as stub:
        list(chat_at(stub.base_url, key=SecretStr(key)).stream(MESSAGES))

    assert stub.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_service_without_a_key_is_asked_without_one() -> None:
    with StubEndpoint() as stub:
        list(chat_at(stub.base_url, key=SecretStr("")).stream(MESSAGES))

    assert stub.requests[0].headers["authorization"] == "Bearer none"


def test_the_key_is_in_no_repr() -> None:
    assert KEY not in repr(chat_at("http://127.0.0.1:1/v1"))


FAULTS: dict[str, tuple[tuple[Step, ...], str, int]] = {
    "401": ((fails(401, f"Incorrect API key provided: {KEY[:7]}****"),), "does not accept the API key", 1),
    "403": ((fails(403),), "does not accept the API key", 1),
    "404 model": ((fails(404, "The model stub-model does not exist"),), "It says: The model stub-model", 1),
    "404 page": ((answers(b"<html>no</html>", "text/html", 404),), "knows no such model or address", 1),
    "400": ((fails(400, "temperature is not supported"),), "It says: temperature is not supported", 1),
    "context overflow by code": (
        (fails(400, "reduce it", code="context_length_exceeded"),),
        "longer than the model reads",
        1,
    ),
    "context overflow by words": (
        (fails(400, "This model's maximum context length is 512 tokens"),),
        "longer than the model reads",
        1,
    ),
    "413": ((fails(413),), "longer than the model reads", 1),
    "429 without end": ((fails(429, headers={"Retry-After": "0"}),), "is limiting requests", 3),
    "429 longer than the deadline": ((fails(429, headers={"Retry-After": "3600"}),), "limiting requests", 1),
    "429 quota": ((fails(429, code="insufficient_quota"),), "quota is used up", 1),
    "500 without end": ((fails(500, "overloaded"),), "is in trouble (500). It says: overloaded", 3),
    "redirect": ((Reply(status=307, headers={"Location": "http://elsewhere.invalid/"}),), "redirects", 1),
    "web page": ((answers(b"<html>Sign in</html>", "text/html"),), "answered with a web page", 1),
    "empty object": ((answers(b"{}"),), "without any text", 1),
    "empty body": ((answers(b""),), "without any text", 1),
    "answer not streamed": (
        (answers(json.dumps({"choices": [{"message": {"content": "x"}}]}).encode()),),
        "without any text",
        1,
    ),
    "no choices": ((Reply((raw_event({"choices": []}), DONE)),), "without any text", 1),
    "choices of a wrong shape": ((Reply((raw_event({"choices": [None, 3]}), DONE)),), "without any text", 1),
    "choices that are no list": ((Reply((raw_event({"choices": {"a": 1}}), DONE)),), "without any text", 1),
    "an event that is a number": ((Reply((raw_event(7), DONE)),), "without any text", 1),
    "garbage JSON": ((Reply((b"data: {not json\n\n",)),), "cannot be read", 1),
    "not UTF-8": ((Reply((b"data: \xff\xfe\n\n",)),), "cannot be read", 1),
    "error event": ((Reply((raw_event({"error": {"message": "GPU lost"}}),)),), "with an error: GPU lost", 1),
    "cut before the first word": ((Reply((event({}),), cut=True),), "broke the connection", 1),
}  # fmt: skip


@pytest.mark.parametrize(("script", "reason", "attempts"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_one_clear_failure_without_the_key(
    script: tuple[Step, ...], reason: str, attempts: int
) -> None:
    with StubEndpoint(script=script) as stub:
        error, text, seconds = failure_of(chat_at(stub.base_url))

    assert reason in f"{error.reason} {error.next_step}"
    assert error.next_step
    assert text == ""
    assert len(stub.requests) == attempts
    assert seconds < DEADLINE + 1
    assert_no_key(error)


def test_a_refused_connection_is_said_within_the_deadline() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error, _, seconds = failure_of(chat_at(f"http://127.0.0.1:{port}/v1"))

    assert "refuses the connection" in error.reason
    assert f"http://127.0.0.1:{port}/v1" in error.subject
    assert seconds < DEADLINE + 1
    assert_no_key(error)


RECOVERIES: dict[str, tuple[Step, ...]] = {
    "429 with Retry-After": (fails(429, headers={"Retry-After": "0.3"}), says("It is. [1]")),
    "429 with a date in the past": (
        fails(429, headers={"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"}),
        says("It is. [1]"),
    ),
    "429 with nonsense": (fails(429, headers={"Retry-After": "soon"}), says("It is. [1]")),
    "500 twice": (fails(500), fails(503), says("It is. [1]")),
}


@pytest.mark.parametrize("script", RECOVERIES.values(), ids=RECOVERIES.keys())
def test_a_passing_fault_is_retried(script: tuple[Step, ...]) -> None:
    started = time.monotonic()
    deltas, stub = ask(*script)

    assert text_of(deltas) == "It is. [1]"
    assert len(stub.requests) == len(script)
    assert time.monotonic() - started < DEADLINE


def test_retry_after_is_respected() -> None:
    started = time.monotonic()
    ask(fails(429, headers={"Retry-After": "0.6"}), says("It is. [1]"))

    assert time.monotonic() - started >= 0.6


def test_a_connection_cut_midway_fails_after_the_text_so_far_and_is_not_retried() -> None:
    with StubEndpoint(script=[cuts("The cap is"), says("never asked for")]) as stub:
        error, text, _ = failure_of(chat_at(stub.base_url))

    assert text == "The cap is"
    assert "broke the connection" in error.reason
    assert len(stub.requests) == 1
    assert_no_key(error)


@pytest.mark.parametrize("reason", [None, "length", "content_filter"])
def test_an_answer_cut_short_says_so_in_its_last_delta(reason: str | None) -> None:
    deltas, _ = ask(says("The cap is", finish_reason=reason))

    assert text_of(deltas) == "The cap is"
    assert deltas[-1].finish_reason == reason


def test_events_after_the_finish_reason_do_no_harm() -> None:
    deltas, _ = ask(Reply((event({"content": "Yes."}), event({}, "stop"), b"data: {broken\n\n"), cut=True))

    assert deltas == [ChatDelta("Yes."), ChatDelta("", "stop")]


SLOW: dict[str, tuple[Reply, str]] = {
    "silent": (silent(), ""),
    "silent after the headers": (Reply((b": hello\n\n",) * 2, pause=30.0), ""),
    "trickle of words": (says("word " * 400, pause=0.02), "word "),
    "trickle of comments": (Reply((b": still here\n\n",) * 400, pause=0.02), ""),
    "trickle of single bytes": (Reply(tuple(bytes([c]) for c in b"data: " + b"x" * 200), pause=0.02), ""),
    "no new line ever": (Reply((b"data: " + b"x" * 1000,) * 200, pause=0.02), ""),
}


@pytest.mark.parametrize(("reply", "start"), SLOW.values(), ids=SLOW.keys())
def test_the_deadline_is_total(reply: Reply, start: str) -> None:
    with StubEndpoint(script=[reply]) as stub:
        error, text, seconds = failure_of(chat_at(stub.base_url, deadline_seconds=SHORT))

        assert "gave no complete answer within 1.2 seconds" in error.reason
        assert text.startswith(start)
        assert SHORT <= seconds < SHORT + 1
        assert_no_key(error)
        assert_threads_end()


def test_the_deadline_holds_over_retries() -> None:
    with StubEndpoint(script=[fails(500), silent()]) as stub:
        error, _, seconds = failure_of(chat_at(stub.base_url, deadline_seconds=SHORT))

    assert "within 1.2 seconds" in error.reason
    assert seconds < SHORT + 1


def test_closing_the_iterator_hangs_up_at_once() -> None:
    with StubEndpoint(script=[says("word " * 500, pause=0.05)]) as stub:
        stream = chat_at(stub.base_url, deadline_seconds=60.0).stream(MESSAGES)
        assert isinstance(stream, Iterator)
        next(stream)
        stream.close()  # type: ignore[attr-defined]

        assert_threads_end()


def test_an_endless_answer_is_cut_off() -> None:
    endless = Reply((event({"content": "word " * 4000}),) * 30)
    deltas, _ = ask(endless)

    assert deltas[-1].finish_reason == "length"
    assert len(text_of(deltas)) <= 50_000 + 20_000


IMPOSSIBLE: dict[str, tuple[dict[str, object], str]] = {
    "no scheme": ({"base_url": "localhost:8000/v1"}, "not a web address"),
    "a file": ({"base_url": "file:///etc/passwd"}, "not a web address"),
    "no host": ({"base_url": "http:///v1"}, "not a web address"),
    "broken brackets": ({"base_url": "http://[::1/v1"}, "not a web address"),
    "port out of range": ({"base_url": "http://host:99999/v1"}, "not a web address"),
    "a password in it": (
        {"base_url": "https://user:hunter2@host/v1"},
        "user name or a password: 'https://host/v1'",
    ),
    "a query": ({"base_url": "https://host/v1?key=hunter2"}, "more than host and path: 'https://host/v1'"),
    "http to elsewhere": ({"base_url": "http://192.0.2.1/v1"}, "unencrypted over the network"),
    "no model": ({"model": " "}, "no model is named"),
    "new line inside the key": ({"key": SecretStr(f"{KEY}\nX: y")}, "characters that no key has"),
    "key not ASCII": ({"key": SecretStr(f"{KEY}\u00e9")}, "characters that no key has"),
}


@pytest.mark.parametrize(("changes", "reason"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_settings_no_request_can_be_made_of_are_refused(changes: dict[str, object], reason: str) -> None:
    chat = OpenAIChat("http://127.0.0.1:1/v1", SecretStr(KEY), "stub-model")
    error, _, _ = failure_of(replace(chat, **changes))  # type: ignore[arg-type]

    assert reason in error.reason
    assert "hunter2" not in str(error)
    assert_no_key(error)


def test_what_a_service_says_is_one_short_line_without_the_key() -> None:
    said = f"Bearer {KEY} failed, cut off {KEY[:16]}... \x1b[31m" + "x" * 999
    with StubEndpoint(script=[fails(500, said)]) as stub:
        error, _, _ = failure_of(chat_at(stub.base_url))

    assert "Bearer [key] failed, cut off [key] " in error.reason
    assert "\x1b" not in str(error)
    assert len(error.reason) < 300
    assert_no_key(error)


def test_a_redirect_takes_neither_key_nor_passages_elsewhere() -> None:
    with StubEndpoint() as elsewhere:
        away = Reply(status=307, headers={"Location": f"{elsewhere.base_url}/chat/completions?{KEY}"})
        with StubEndpoint(script=[away]) as stub:
            error, _, _ = failure_of(chat_at(stub.base_url))

    assert "redirects" in error.reason
    assert elsewhere.requests == []
    assert_no_key(error)


MEGABYTE = b"x" * (1 << 20)
HUGE: dict[str, Reply] = {
    "one endless line": Reply((b"data: ",) + (MEGABYTE,) * 200),
    "endless comments": Reply((b": " + MEGABYTE + b"\n\n",) * 200),
    "an error page": Reply((MEGABYTE,) * 200, status=500),
    "compressed": Reply((gzip.compress(MEGABYTE),), headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("reply", HUGE.values(), ids=HUGE.keys())
def test_a_reply_without_end_is_cut_off_and_not_asked_for_again(reply: Reply) -> None:
    with StubEndpoint(script=[reply]) as stub:
        error, text, _ = failure_of(chat_at(stub.base_url, deadline_seconds=60.0))

    assert "sends more than any answer can be" in error.reason
    assert text == ""
    assert len(stub.requests) == 1


ECHOES: dict[str, str] = {
    "whole": KEY,
    "with control characters inside": KEY[:9] + "\u200e\0" + KEY[9:],
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("size", [1, 5, 1000], ids=["a letter at a time", "five letters", "all at once"])
def test_a_service_that_repeats_the_key_in_its_answer_shows_a_mark(echo: str, size: int) -> None:
    text = f"Your key is {echo}, and s ends it: s"
    pieces = [event({"content": text[begin : begin + size]}) for begin in range(0, len(text), size)]
    deltas, _ = ask(Reply((*pieces, event({}, f"because {KEY}"))))

    assert text_of(deltas) == "Your key is [key], and s ends it: s"
    assert deltas[-1].finish_reason == "because [key]"


def test_most_of_a_key_at_the_end_of_a_cut_answer_is_hidden_too() -> None:
    with StubEndpoint(script=[cuts(f"Your key is {KEY[:-1]}")]) as stub:
        _, text, _ = failure_of(chat_at(stub.base_url))

    assert text == "Your key is [key]"


def test_a_short_key_is_a_word_like_any_other() -> None:
    with StubEndpoint(script=[says("An EMPTY field. [1]")]) as stub:
        deltas = list(chat_at(stub.base_url, key=SecretStr("EMPTY")).stream(MESSAGES))

    assert text_of(deltas) == "An EMPTY field. [1]"


def test_a_deadline_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 0 seconds, not 0"):
        chat_at("http://127.0.0.1:1/v1", deadline_seconds=0)


def assert_threads_end() -> None:
    """No reading thread is left behind, although the server is still there."""
    end = time.monotonic() + 2.5
    while any(thread.name == "proviso-read-until" for thread in threading.enumerate()):
        assert time.monotonic() < end, "a reading thread is still waiting"
        time.sleep(0.02)
