"""The loop with a model that plans: it calls read-only tools and is told where things stand, never what they say."""

from typing import Final

from core.answering.messages import Message
from core.answering.tool_calls import ToolCall, ToolTurn
from core.errors import ChatUnavailable
from core.pipeline.agent.loop import Loop
from core.pipeline.agent.offered import FINISH, INSTRUCTIONS, OFFERED
from core.pipeline.agent.requests import Refused, Request, carry_out, read_request
from core.pipeline.agent.where import Atlas, listed_contracts, where_found

REPEATED: Final = "The model asked for the same step twice; its plan ended there."
NO_TOOLS: Final = "The model service called no tools, so the search was planned without it."


def explore_by_model(loop: Loop) -> None:
    """Carry out what the model plans until it finishes, repeats itself, fails, or a limit is reached.

    Whatever ends it, legs found so far stay, and a note says why where the model did not simply finish.
    """
    atlas = Atlas.of(loop)
    messages = first_messages(loop, atlas)
    turns: list[ToolTurn] = []
    known: set[Request] = set()
    while loop.budget.may_go_on():
        try:
            calls = loop.tools.call_tools(messages, tuple(turns), OFFERED, loop.budget.remaining_seconds)
        except ChatUnavailable as failure:
            loop.budget.note(f"{failure.subject}: {failure.reason} The search went on without it.")
            return
        if not calls:
            if not turns:
                loop.budget.note(NO_TOOLS)
            return
        results: list[str] = []
        for call in calls:
            result = _result(call, loop, atlas, known)
            if result is None:
                return
            results.append(result)
        turns.append(ToolTurn(calls, tuple(results)))


def first_messages(loop: Loop, atlas: Atlas) -> tuple[Message, ...]:
    """The rules; then the question, its parts, the contracts in scope, and where the parts were found already."""
    lines = ["The question:", loop.question, "", "Its parts:"]
    lines += [f"{number}. {part.name}" for number, part in enumerate(loop.parts, start=1)]
    lines += ["", "Contracts in scope:", *listed_contracts(atlas)]
    for part, searched in loop.found.items():
        lines += ["", f"Found already for part {loop.parts.index(part) + 1}:"]
        lines += where_found([hit.chunk_id for hit in searched.hits], loop, atlas)
    return (Message("system", INSTRUCTIONS), Message("user", "\n".join(lines)))


def _result(call: ToolCall, loop: Loop, atlas: Atlas, known: set[Request]) -> str | None:
    """What the model is told of one call; None where the loop ends with it."""
    if call.name == FINISH:
        return None
    try:
        request = read_request(call, loop, atlas)
    except Refused as refused:
        told = loop.budget.take(f"a step of the model's plan was refused: {refused}")
        return f"Refused: {refused}." if told else None
    if request in known:
        loop.budget.note(REPEATED)
        return None
    known.add(request)
    if not loop.budget.take(request.said(loop, atlas)):
        return None
    return carry_out(request, loop, atlas)
