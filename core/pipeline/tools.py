"""What modules work with: the library as one question sees it, the models, and an account of model calls."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.answering.chat import ChatModel, Message
from core.answering.tool_calls import Tool, ToolCall, ToolModel, ToolTurn
from core.models import Encoder
from core.records import Chunk, Contract, Hit
from core.storage.annotations import ContractNotes
from core.storage.derived import Facts

Result = TypeVar("Result")

# Tokens are estimated: services count in their own way, and a trace needs the size, not the bill.
CHARACTERS_A_TOKEN = 4


class Passages(Protocol):
    """Where passages are fetched from by id."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Title of every contract that may be shown, by id."""
        ...

    def chunks(self, chunk_ids: Collection[str]) -> Mapping[str, Chunk]:
        """The chunks with these ids that may be shown."""
        ...


class Shelf(Passages, Protocol):
    """A consistent view of the library for one question (``core.storage.snapshot.Snapshot``)."""

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The chunks nearest to the question's vector."""
        ...

    def bm25(
        self,
        tokens: list[str],
        limit: int,
        contract_ids: Collection[str] | None,
        weights: Sequence[float] | None = None,
    ) -> tuple[Hit, ...]:
        """The chunks with the best BM25 scores; ``weights`` is what each token counts, 1 where there are none."""
        ...

    def shares(self, tokens: Collection[str]) -> Mapping[str, float]:
        """The share (0-1) of all chunks that hold each of ``tokens``."""
        ...

    def contracts(self) -> tuple[Contract, ...]:
        """Every contract that may be shown, in the order of its title."""
        ...

    def chunks_of(self, contract_id: str) -> tuple[Chunk, ...]:
        """The chunks of a contract in reading order."""
        ...

    def notes(self, contract_id: str) -> ContractNotes:
        """The defined terms and cross-references of a contract; empty where they are not found yet."""
        ...

    def text(self, contract_id: str) -> str:
        """The text of a contract, to which terms and cross-references point."""
        ...

    def facts(self, kind: str, version: str, contract_ids: Collection[str]) -> Mapping[str, bytes]:
        """What was derived from these contracts at ingest, by contract id; those not derived yet are left out."""
        ...

    def all_facts(self, kind: str, version: str, build: Callable[[Facts], Result]) -> Result:
        """What ``build`` makes of what was derived from every contract; remembered until that changes."""
        ...


@dataclass(frozen=True)
class RememberingEncoder:
    """The encoder for one question: whatever module asks for the vector of a wording, it is computed once.

    Two of the same encoder are equal, for what keeps vectors by encoder.
    """

    encoder: Encoder
    _known: dict[str, NDArray[np.float32]] = field(default_factory=dict, compare=False)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (texts, dimension)."""
        if len(texts) != 1:
            return self.encoder.encode(texts)
        (text,) = texts
        if text not in self._known:
            self._known[text] = self.encoder.encode([text])
        return self._known[text]


@dataclass
class Account:
    """What one module asked of the model service."""

    calls: int = 0
    tokens: int = 0
    sent: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Tools:
    """Everything that a module may use.

    Args:
        shelf: the library's snapshot for this question.
        encoder: for the dense leg.
        limit: the most hits of one leg.
        rrf_k: the constant of reciprocal rank fusion where a recipe gives none.
        chat: the model service, None where there is none; ask it with ``ask``.
        on_step: told in words what is done now; it may raise to give up.
        account: where the calls of the module at work are counted.
        enough: whether the reader wants no more searching, but what was found judged; a module that goes step by step
            asks before every step.
    """

    shelf: Shelf
    encoder: Encoder
    limit: int
    rrf_k: int = 60
    chat: ChatModel | None = None
    on_step: Callable[[str], None] = lambda _: None
    account: Account = field(default_factory=Account)
    enough: Callable[[], bool] = lambda: False

    def ask(self, messages: tuple[Message, ...]) -> str:
        """What the model service writes.

        Raises:
            ValueError: there is no service.
            ChatUnavailable: it gives no answer.
        """
        if self.chat is None:
            raise ValueError("There is no model service to ask.")
        self.account.calls += 1
        for message in messages:
            self.account.sent.append(message.content)
            self.account.tokens += len(message.content) // CHARACTERS_A_TOKEN
        text = "".join(delta.text for delta in self.chat.stream(messages))
        self.account.tokens += len(text) // CHARACTERS_A_TOKEN
        return text

    @property
    def planner(self) -> ToolModel | None:
        """The model service where it can call tools."""
        chat: object = self.chat
        return chat if isinstance(chat, ToolModel) else None

    def call_tools(
        self,
        messages: tuple[Message, ...],
        turns: tuple[ToolTurn, ...],
        offered: tuple[Tool, ...],
        seconds: float,
    ) -> tuple[ToolCall, ...]:
        """What the model service calls next.

        Raises:
            ValueError: there is no service that can call tools.
            ChatUnavailable: it fails.
        """
        planner = self.planner
        if planner is None:
            raise ValueError("There is no model service that calls tools.")
        said = [message.content for message in messages]
        told = [text for turn in turns for text in _told(turn)]
        self.account.calls += 1
        # What was sent before is sent again with every request; on record it stands once.
        self.account.sent.extend(_told(turns[-1]) if turns else said)
        self.account.tokens += sum(map(len, [*said, *told])) // CHARACTERS_A_TOKEN
        calls = planner.call_tools(messages, turns, offered, seconds)
        self.account.tokens += sum(len(call.arguments) for call in calls) // CHARACTERS_A_TOKEN
        return calls


def _told(turn: ToolTurn) -> list[str]:
    return [*(f"{call.name} {call.arguments}" for call in turn.calls), *turn.results]
