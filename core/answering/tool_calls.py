"""A model that calls tools instead of writing: what it is offered, what it calls, and what it is told came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from core.answering.messages import Message

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolUnionParam

MOST_CALLS: Final = 8
# Names and arguments are short; a service that never stops must not fill the memory.
LONGEST_ARGUMENTS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call; ``parameters`` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call as the model made it; ``arguments`` is meant to be a JSON object and may be anything."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolTurn:
    """What a model called at once and what it was told of each call, in the same order."""

    calls: tuple[ToolCall, ...]
    results: tuple[str, ...]


@runtime_checkable
class ToolModel(Protocol):
    """Calls tools, one turn after the other."""

    def call_tools(
        self,
        messages: tuple[Message, ...],
        turns: tuple[ToolTurn, ...],
        tools: tuple[Tool, ...],
        seconds: float,
    ) -> tuple[ToolCall, ...]:
        """What the model calls next, nothing where it has done or calls no tools; within ``seconds``.

        Raises:
            ChatUnavailable: the service fails or takes no tools.
        """
        ...


def tool_parameters(tools: tuple[Tool, ...]) -> "list[ChatCompletionToolUnionParam]":
    """The tools as the service wants them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def turn_parameters(turn: ToolTurn) -> "Iterator[ChatCompletionMessageParam]":
    """A turn as the messages of a conversation."""
    yield {
        "role": "assistant",
        "tool_calls": [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in turn.calls
        ],
    }
    for call, result in zip(turn.calls, turn.results, strict=True):
        yield {"role": "tool", "tool_call_id": call.call_id, "content": result}


class CallsInPieces:
    """Puts the calls together that arrive in pieces, whatever the pieces are; too many or too long ones are cut."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[str, str, str]] = {}

    def add(self, chunk: object) -> None:
        """Take up what one chunk of a stream holds."""
        choices = getattr(chunk, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        pieces = getattr(getattr(choice, "delta", None), "tool_calls", None)
        for piece in pieces if isinstance(pieces, list) else ():
            self._add(piece)

    def _add(self, piece: Any) -> None:  # noqa: ANN401 - the library does not check what the service sends
        index = getattr(piece, "index", None)
        at = index if isinstance(index, int) else len(self._calls)
        if at not in self._calls and len(self._calls) == MOST_CALLS:
            return
        call_id, name, arguments = self._calls.get(at, ("", "", ""))
        function = getattr(piece, "function", None)
        self._calls[at] = (
            call_id or _text(getattr(piece, "id", None)),
            (name + _text(getattr(function, "name", None)))[:LONGEST_ARGUMENTS],
            (arguments + _text(getattr(function, "arguments", None)))[:LONGEST_ARGUMENTS],
        )

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls in their order."""
        return tuple(
            ToolCall(call_id or f"call_{at}", name, arguments)
            for at, (call_id, name, arguments) in sorted(self._calls.items())
            if name
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
