"""What a follow-up question is made of and what becomes of it."""

from dataclasses import dataclass
from enum import StrEnum

from core.answering.chat import Message


class Rewriter(StrEnum):
    """Who made a follow-up into a question that stands alone."""

    MODEL = "the model service"
    TERMS = "key terms of the earlier question"


@dataclass(frozen=True, slots=True)
class Thread:
    """What was asked before a follow-up: stand-alone questions, oldest first, at least one; and the scope of the
    last one (empty: every contract). ``titles`` names the contracts of the library by id.

    Raises:
        ValueError: nothing was asked before.
    """

    questions: tuple[str, ...]
    contract_ids: tuple[str, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.questions:
            raise ValueError("A follow-up needs an earlier question.")


@dataclass(frozen=True, slots=True)
class StandAlone:
    """A follow-up as it will be searched. ``note`` says how it came about where that is not plain, ``sent`` is
    every message that went to the model service for it: questions and titles in scope, never a passage.
    """

    typed: str
    question: str
    contract_ids: tuple[str, ...]
    rewriter: Rewriter
    note: str = ""
    sent: tuple[Message, ...] = ()
