"""The language model at the end of the pipeline: a protocol, and its adapter for OpenAI-like services."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from pydantic import SecretStr

from core.answering.chat_failures import explain
from core.answering.deadline import Deadline, read_until
from core.answering.endpoint import Endpoint
from core.answering.messages import Message, message_parameter
from core.answering.openai_request import open_client, open_stream, shut_down
from core.answering.tool_calls import (
    LONGEST_ARGUMENTS,
    CallsInPieces,
    Tool,
    ToolCall,
    ToolTurn,
    tool_parameters,
    turn_parameters,
)
from core.redact import KeyFilter, printable, redact

if TYPE_CHECKING:
    from openai import Stream
    from openai.types.chat import (
        ChatCompletionChunk,
        ChatCompletionMessageParam,
        ChatCompletionToolUnionParam,
    )

__all__ = ["ChatDelta", "ChatModel", "Message", "OpenAIChat"]

OPENAI_BASE_URL = "https://api.openai.com/v1"
# No answer from a handful of passages is longer; a service that never stops must not fill the memory.
LONGEST_ANSWER = 50_000
# Calls of tools asked for at the very end of their time still get so many seconds.
LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """The next piece of an answer. ``finish_reason`` is given with the last piece (``"stop"`` when the answer
    is complete); a stream whose last piece has None was cut short.
    """

    text: str
    finish_reason: str | None = None


class ChatModel(Protocol):
    """Writes an answer to a conversation, piece by piece."""

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        """The answer as it is written.

        Raises:
            ChatUnavailable: no answer, or not the rest of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class OpenAIChat:
    """A ``ChatModel`` and ``ToolModel`` behind an OpenAI-compatible service; safe to share between threads.

    Args:
        base_url: address of the service, usually ending in ``/v1``; empty means OpenAI's own.
        key: its API key; empty for services that ask for none.
        model: name of the model there.
        deadline_seconds: the whole answer must be there within this time, retries included.
        temperature: None leaves it out, for the models that refuse it.
        plain_http: whether the service may be reached by http on another machine.
    """

    base_url: str
    key: SecretStr
    model: str
    deadline_seconds: float = 60.0
    temperature: float | None = 0.0
    plain_http: bool = False

    def __post_init__(self) -> None:
        if not self.deadline_seconds > 0:
            raise ValueError(f"The deadline must be more than 0 seconds, not {self.deadline_seconds}.")

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        """The answer as it is written; closing the iterator hangs up.

        Raises:
            ChatUnavailable: whatever went wrong; the key is nowhere in it.
        """
        endpoint = self._endpoint(self.deadline_seconds)
        deadline = Deadline(self.deadline_seconds)

        def fetch() -> Iterator[ChatDelta]:
            return _without_key(_fetch(endpoint, self.temperature, messages, deadline), endpoint)

        return read_until(deadline, fetch, functools.partial(explain, endpoint=endpoint))

    def call_tools(
        self,
        messages: tuple[Message, ...],
        turns: tuple[ToolTurn, ...],
        tools: tuple[Tool, ...],
        seconds: float,
    ) -> tuple[ToolCall, ...]:
        """What the model calls next; nothing where it has done or calls no tools.

        Raises:
            ChatUnavailable: whatever went wrong; the key is nowhere in it.
        """
        limit = max(min(seconds, self.deadline_seconds), LEAST_SECONDS)
        endpoint = self._endpoint(limit)
        deadline = Deadline(limit)

        def fetch() -> Iterator[ToolCall]:
            return _fetch_calls(endpoint, self.temperature, messages, turns, tools, deadline)

        return tuple(read_until(deadline, fetch, functools.partial(explain, endpoint=endpoint)))

    def _endpoint(self, seconds: float) -> Endpoint:
        endpoint = Endpoint(
            self.base_url.strip() or OPENAI_BASE_URL, self.key, self.model.strip(), seconds, self.plain_http
        )
        endpoint.check()
        # Takes over a second the first time, which is not the service's fault; an answer without a model
        # service need not wait for it.
        import_module("openai")
        return endpoint


@contextmanager
def _opened(
    endpoint: Endpoint,
    temperature: float | None,
    parameters: "list[ChatCompletionMessageParam]",
    deadline: Deadline,
    tools: "list[ChatCompletionToolUnionParam] | None" = None,
) -> Iterator["Stream[ChatCompletionChunk]"]:
    """What the service streams; it is hung up on when the deadline is given up."""
    with (
        open_client(endpoint) as client,
        open_stream(client, endpoint, temperature, parameters, deadline, tools) as stream,
    ):
        deadline.when_given_up(functools.partial(shut_down, stream))
        yield stream


def _in_time(stream: "Stream[ChatCompletionChunk]", deadline: Deadline) -> Iterator[object]:
    """The chunks of ``stream``; TimeoutError when the deadline has passed, at its end too."""
    for chunk in stream:
        if deadline.over:
            raise TimeoutError
        yield chunk
    if deadline.over:
        raise TimeoutError


def _fetch(
    endpoint: Endpoint, temperature: float | None, messages: tuple[Message, ...], deadline: Deadline
) -> Iterator[ChatDelta]:
    characters = 0
    parameters = [message_parameter(message) for message in messages]
    with _opened(endpoint, temperature, parameters, deadline) as stream:
        for chunk in _in_time(stream, deadline):
            delta = _read(chunk)
            characters += len(delta.text)
            finish = "length" if characters > LONGEST_ANSWER else delta.finish_reason
            if delta.text or finish:
                yield ChatDelta(delta.text, finish)
            if finish:
                return
        kind = str(stream.response.headers.get("content-type", ""))
    if not characters:
        raise endpoint.not_an_answer(kind)


def _fetch_calls(
    endpoint: Endpoint,
    temperature: float | None,
    messages: tuple[Message, ...],
    turns: tuple[ToolTurn, ...],
    tools: tuple[Tool, ...],
    deadline: Deadline,
) -> Iterator[ToolCall]:
    parameters = [message_parameter(message) for message in messages]
    parameters += [parameter for turn in turns for parameter in turn_parameters(turn)]
    found, key = CallsInPieces(), endpoint.key.get_secret_value()
    with _opened(endpoint, temperature, parameters, deadline, tool_parameters(tools)) as stream:
        for chunk in _in_time(stream, deadline):
            found.add(chunk)
            if _read(chunk).finish_reason:
                break
    if deadline.over:
        raise TimeoutError
    for call in found.calls:
        # Should the service repeat the key, it must get into no step that is shown and no request.
        yield ToolCall(*(redact(text, key, LONGEST_ARGUMENTS) for text in astuple(call)))


def _without_key(deltas: Iterator[ChatDelta], endpoint: Endpoint) -> Iterator[ChatDelta]:
    """The same deltas, should the service repeat the key in its answer."""
    key = KeyFilter(endpoint.key.get_secret_value())
    failure: Exception | None = None
    try:
        for delta in deltas:
            # Printable first: characters that are taken out later would join the halves of a key.
            text = key.feed(printable(delta.text))
            finish = endpoint.redacted(delta.finish_reason) if delta.finish_reason else None
            if finish:
                text += key.rest()
            if text or finish:
                yield ChatDelta(text, finish)
    except Exception as error:
        failure = error
    rest = key.rest()
    if rest:
        yield ChatDelta(rest)
    if failure is not None:
        raise failure


def _read(chunk: object) -> ChatDelta:
    # The library does not check what the service sends: any field may be missing or of another type.
    choices = getattr(chunk, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    text = getattr(getattr(choice, "delta", None), "content", None)
    reason = getattr(choice, "finish_reason", None)
    return ChatDelta(text if isinstance(text, str) else "", str(reason) if reason else None)
