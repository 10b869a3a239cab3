"""The model service as a measured question sees it: told before anything is sent, failures counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.answering.chat import ChatDelta, ChatModel, Message
from core.answering.tool_calls import Tool, ToolCall, ToolModel, ToolTurn
from core.errors import ChatUnavailable


def watched(chat: ChatModel, before: Callable[[], None]) -> "WatchedChat":
    """``chat`` watched; one that calls tools still does.

    Args:
        chat: the service.
        before: called once, before anything is sent; it may raise, and nothing is sent.
    """
    service: object = chat
    return (
        WatchedPlanner(chat, before, service) if isinstance(service, ToolModel) else WatchedChat(chat, before)
    )


class WatchedChat:
    """A ``ChatModel`` that counts the answers it did not get: modules go on without them.

    Args:
        chat: the service.
        before: called once, before anything is sent; it may raise, and nothing is sent.
    """

    def __init__(self, chat: ChatModel, before: Callable[[], None]) -> None:
        self._chat = chat
        self._before = before
        self._asked = False
        self.failed = 0

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        """The answer of the service within."""
        with self._watching():
            yield from self._chat.stream(messages)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        if not self._asked:
            self._before()
            self._asked = True
        try:
            yield
        except ChatUnavailable:
            self.failed += 1
            raise


class WatchedPlanner(WatchedChat):
    """A ``WatchedChat`` whose service calls tools."""

    def __init__(self, chat: ChatModel, before: Callable[[], None], planner: ToolModel) -> None:
        super().__init__(chat, before)
        self._planner = planner

    def call_tools(
        self,
        messages: tuple[Message, ...],
        turns: tuple[ToolTurn, ...],
        tools: tuple[Tool, ...],
        seconds: float,
    ) -> tuple[ToolCall, ...]:
        """What the service within calls next."""
        with self._watching():
            return self._planner.call_tools(messages, turns, tools, seconds)
