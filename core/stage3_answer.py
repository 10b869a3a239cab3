"""Stage 3: the answer, from the evidence and from nothing else.

This module knows no store and no retriever; what is not in ``Evidence`` cannot reach a model from here.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from core.answering.chat import ChatDelta, ChatModel
from core.answering.citations import resolve
from core.answering.prompt import messages
from core.errors import ChatUnavailable
from core.records import Answer, AnswerKind, Evidence, Statement
from core.redact import printable

REFUSAL = (
    "No passage reached the minimum relevance, so there is nothing an answer could rest on and no model was "
    "asked. Put the question in other words, search other contracts, or lower the minimum relevance."
)
# What the services call a finished answer.
FINISHED = frozenset({"stop", "eos_token", "end_turn"})
_CUT_SHORT = {
    None: "The model service ended the answer without saying that it is finished.",
    "length": "The answer reached the longest length that the model service allows and breaks off.",
    "content_filter": "The content filter of the model service cut the answer off.",
}


class Answerer(Protocol):
    """Answers a question from sealed evidence that holds at least one passage."""

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        """The answer; ``on_text`` is given each new piece of its text as it comes."""
        ...


def answer(evidence: Evidence, answerer: Answerer, on_text: Callable[[str], None] = lambda _: None) -> Answer:
    """Answer from ``evidence`` alone and say how long it took; without a passage, refuse and ask nobody.

    Args:
        evidence: the question and the passages that an answer may rest on.
        answerer: writes the answer.
        on_text: given each new piece of text, on the calling thread.
    """
    begin = time.perf_counter()
    if not evidence.passages:
        return Answer(AnswerKind.REFUSED, "", (), "", REFUSAL, time.perf_counter() - begin)
    given = answerer.answer(evidence, on_text)
    return dataclasses.replace(given, seconds=time.perf_counter() - begin)


def stopped_answer(text: str, evidence: Evidence, seconds: float) -> Answer:
    """What stands in the place of an answer that the user stopped after ``text``, ``seconds`` in."""
    if not text.strip():
        return Answer(
            AnswerKind.UNAVAILABLE, "", (), "", "You stopped the answer before its first word.", seconds
        )
    note = "This answer is incomplete. You stopped it here."
    return Answer(AnswerKind.INCOMPLETE, text, resolve(text, evidence), "", note, seconds)


class GeneratedAnswerer:
    """An ``Answerer`` that has a language model write, and reads what it wrote back against the evidence."""

    def __init__(self, chat: ChatModel, model_name: str) -> None:
        self._chat = chat
        self._model_name = model_name

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:
        """The generated answer; where the model service fails, it is incomplete or unavailable."""
        text, finish, failure = self._write(evidence, on_text)
        statements = resolve(text, evidence)
        if not text.strip():
            note = _failed(failure) if failure else _wrote_nothing(finish)
            return Answer(AnswerKind.UNAVAILABLE, "", (), self._model_name, note)
        if failure is not None or finish not in FINISHED:
            reason = _failed(failure) if failure else _cut_short(finish)
            note = f"This answer is incomplete. {reason}"
            return Answer(AnswerKind.INCOMPLETE, text, statements, self._model_name, note)
        note = self._note(evidence, statements)
        return Answer(AnswerKind.GENERATED, text, statements, self._model_name, note)

    def _write(
        self, evidence: Evidence, on_text: Callable[[str], None]
    ) -> tuple[str, str | None, ChatUnavailable | None]:
        pieces: list[str] = []
        finish: str | None = None
        try:
            with _hanging_up(self._chat.stream(messages(evidence))) as deltas:
                for delta in deltas:
                    finish = delta.finish_reason
                    piece = printable(delta.text)
                    if piece:
                        pieces.append(piece)
                        on_text(piece)
        except ChatUnavailable as failure:
            return "".join(pieces), None, failure
        return "".join(pieces), finish, None

    def _note(self, evidence: Evidence, statements: tuple[Statement, ...]) -> str:
        count = len(evidence.passages)
        shown = "the passage" if count == 1 else f"the {count} passages"
        note = f"Written by {self._model_name} from {shown} shown."
        unsupported = sum(not statement.supported for statement in statements)
        if unsupported:
            note += f" Statements that no passage supports: {unsupported} of {len(statements)}."
        return note


@contextmanager
def _hanging_up(deltas: Iterator[ChatDelta]) -> Iterator[Iterator[ChatDelta]]:
    """Close the stream when its reader leaves early, so that the service stops writing for nobody."""
    try:
        yield deltas
    finally:
        close = getattr(deltas, "close", None)
        if callable(close):
            close()


def _failed(failure: ChatUnavailable) -> str:
    return f"{failure.subject}: {failure.reason} {failure.next_step}"


def _cut_short(finish: str | None) -> str:
    said = printable(str(finish))[:40]
    return _CUT_SHORT.get(finish, f"The model service stopped for the reason {said!r}.")


def _wrote_nothing(finish: str | None) -> str:
    return f"The model wrote no text. {'' if finish in FINISHED else _cut_short(finish)}".strip()
