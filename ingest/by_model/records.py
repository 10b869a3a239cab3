"""The records of texts by a model, in the order in which they appear: TextKind, Parts -> Plan -> Outcome."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.answering.chat import Message
from core.pipeline.tools import CHARACTERS_A_TOKEN
from core.records import Chunk, Contract
from core.storage.model_texts import text_key


@dataclass(frozen=True, slots=True)
class TextKind:
    """One kind of text.

    Args:
        name: in the store, in the log and in sentences, such as ``situating sentences``.
        version: raise it when ``instructions`` ask for something else; everything is then written anew.
        instructions: what the model is told to write about each part; how to number its reply is added.
        longest: characters that are kept of one text.
        lines: lines that are kept of one text.
        batch: parts that one request asks about, at most.
    """

    name: str
    version: str
    instructions: str
    longest: int
    lines: int = 1
    batch: int = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a contract that a text is to be written about.

    Args:
        contract_id: whose part it is.
        contract: how a person calls that contract.
        content: what is sent for this part; the key of its text is made of it.
        about: what is sent once a request about the whole contract; the same for all of its parts.
    """

    contract_id: str
    contract: str
    content: str
    about: str = ""

    @classmethod
    def of(cls, chunk: Chunk, contract: Contract, about: str = "") -> "Part":
        """The part that a chunk is: its context line and its text."""
        return cls(contract.contract_id, contract.profile.title, chunk.situated_text, about)

    def key(self, kind: TextKind) -> str:
        """Under which the text about it is stored."""
        return text_key(kind.name, kind.version, self.content)


@dataclass(frozen=True, slots=True)
class Request:
    """One request: parts of one contract, and the messages that ask about them."""

    parts: tuple[Part, ...]
    messages: tuple[Message, ...]

    @property
    def contract_id(self) -> str:
        """Whose parts they are."""
        return self.parts[0].contract_id

    @property
    def sent(self) -> str:
        """All of the text that leaves."""
        return "\n\n".join(message.content for message in self.messages)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be asked, and what is known already (``known`` parts). Nothing was sent for it.

    ``sharing`` are contracts that hold parts which are asked about for another contract.
    """

    kind: TextKind
    requests: tuple[Request, ...]
    known: int
    sharing: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """Number of parts to be asked about."""
        return sum(len(request.parts) for request in self.requests)

    @property
    def contracts(self) -> Mapping[str, int]:
        """Number of parts to be asked about, by the contract's name."""
        counted: dict[str, int] = {}
        for request in self.requests:
            name = request.parts[0].contract
            counted[name] = counted.get(name, 0) + len(request.parts)
        return counted

    @property
    def characters(self) -> int:
        """Characters that leave."""
        return sum(len(request.sent) for request in self.requests)

    @property
    def tokens_sent(self) -> int:
        """Tokens that leave, estimated."""
        return self.characters // CHARACTERS_A_TOKEN

    @property
    def tokens_received(self) -> int:
        """Tokens that come back at most, estimated."""
        return self.parts * self.kind.longest // CHARACTERS_A_TOKEN


@dataclass(frozen=True, slots=True)
class Failure:
    """Parts of a contract that have no text yet, why, and what to do."""

    contract: str
    parts: int
    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: texts written, contracts that may have new ones, failures, and parts not asked about."""

    written: int
    contract_ids: tuple[str, ...]
    failures: tuple[Failure, ...]
    left: int
