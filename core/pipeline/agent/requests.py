"""What a planning model asks for, checked before anything is done: known contracts, short texts, nothing else."""

import json
from dataclasses import dataclass
from typing import Final

from core.answering.tool_calls import ToolCall
from core.pipeline.agent.actions import AGENT, in_order, leg_of, search
from core.pipeline.agent.loop import PART_WEIGHT, Loop
from core.pipeline.agent.offered import DEFINITION, FOLLOW, OPEN, SEARCH
from core.pipeline.agent.reading import place_of
from core.pipeline.agent.where import Atlas, line, where_found
from core.pipeline.records import Leg
from core.records import Chunk
from core.redact import printable

LONGEST_QUERY: Final = 300
MOST_OPENED: Final = 20
_FIELDS: Final = {
    SEARCH: ("query", "contract", "part"),
    OPEN: ("contract", "section"),
    FOLLOW: ("contract", "reference"),
    DEFINITION: ("contract", "term"),
}


class Refused(Exception):
    """A call that is not carried out; its text says why, to the model and to the reader."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it was checked: ``text`` is a query, section, reference or term; ``part`` counts from 1, 0 is none."""

    tool: str
    text: str
    contract_id: str = ""
    part: int = 0

    def said(self, loop: Loop, atlas: Atlas) -> str:
        """The step as the reader sees it."""
        place = f" in {atlas.titles[self.contract_id]}" if self.contract_id else ""
        for_part = f" for part {self.part}" if self.part and not loop.simple else ""
        match self.tool:
            case "search":
                return f"searching{for_part}{place}: {self.text}"
            case "open_section":
                return f"opening {self.text}{place}"
            case "follow":
                return f"following the reference to {self.text}{place}"
            case _:
                return f"looking up the term {self.text}{place}"


def read_request(call: ToolCall, loop: Loop, atlas: Atlas) -> Request:
    """The call with every argument checked.

    Raises:
        Refused: there is no such tool, contract or part, or an argument is missing or of another kind.
    """
    if call.name not in _FIELDS:
        raise Refused(f"there is no tool {line(call.name)!r}")
    try:
        given = json.loads(call.arguments or "{}")
    except ValueError:
        raise Refused("the arguments are no JSON") from None
    wanted = _FIELDS[call.name]
    if not isinstance(given, dict) or set(given) - set(wanted):
        raise Refused(f"{call.name} takes {', '.join(wanted)}")
    text = given.get(next(name for name in wanted if name != "contract"))
    if not isinstance(text, str) or not text.strip():
        raise Refused(f"{call.name} needs words to look for")
    part = given.get("part") or 0
    if type(part) is not int or not 0 <= part <= len(loop.parts):
        raise Refused(f"there is no part {line(str(part))}")
    words = " ".join(printable(text).split())[:LONGEST_QUERY]
    return Request(call.name, words, _contract(call.name, given.get("contract"), atlas), part)


def _contract(tool: str, name: object, atlas: Atlas) -> str:
    if tool == SEARCH and name in (None, ""):
        return ""
    if not isinstance(name, str) or name.strip().upper() not in atlas.ids:
        raise Refused(f"there is no contract {line(str(name))!r} in scope")
    return atlas.ids[name.strip().upper()]


def carry_out(request: Request, loop: Loop, atlas: Atlas) -> str:
    """Do what was asked, add the leg of it, and say where the passages stand."""
    leg = _searched(request, loop) if request.tool == SEARCH else _taken_up(request, loop)
    if leg is None:
        return "nothing"
    loop.legs.append(leg)
    return "\n".join(where_found([hit.chunk_id for hit in leg.hits], loop, atlas))


def _searched(request: Request, loop: Loop) -> Leg | None:
    scope = (request.contract_id,) if request.contract_id else loop.scope
    hits = search(request.text, scope, loop.tools).hits
    loop.part = loop.part_of_leg(loop.parts[request.part - 1]) if request.part else None
    way = (*loop.way(loop.part), f"the model searched for {request.text}")
    paths = dict.fromkeys((hit.chunk_id for hit in hits), way)
    return leg_of(request.text, hits, paths, AGENT, PART_WEIGHT, loop.part) if hits else None


def _taken_up(request: Request, loop: Loop) -> Leg | None:
    done = {OPEN: "opened", FOLLOW: "followed the reference to", DEFINITION: "looked up the term"}[
        request.tool
    ]
    way = (*loop.way(loop.part), f"the model {done} {request.text}")
    chunks = _chunks(request, loop)[:MOST_OPENED]
    paths = {chunk.chunk_id: (*way, place_of(chunk)) for chunk in chunks}
    return leg_of(request.text, in_order(paths), paths, AGENT, PART_WEIGHT, loop.part) if paths else None


def _chunks(request: Request, loop: Loop) -> tuple[Chunk, ...]:
    if request.tool == DEFINITION:
        term = loop.reading.term(request.contract_id, request.text)
        chunk = loop.reading.at(request.contract_id, term.start) if term is not None else None
        return (chunk,) if chunk is not None else ()
    if request.tool == FOLLOW:
        followed = loop.reading.referred_to(request.contract_id, request.text)
        if followed:
            return followed
    return loop.reading.section(request.contract_id, request.text)
