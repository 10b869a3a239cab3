"""A bounded loop over the library: plans, searches part by part, follows references, searches again.

It stands beside the modules that search for the question itself; for a simple question it adds what the best passages
refer to. Where the model service calls tools, it plans what is searched after the parts.
"""

from dataclasses import replace

from core.pipeline.agent.budget import Budget
from core.pipeline.agent.by_model import NO_TOOLS, explore_by_model
from core.pipeline.agent.loop import Loop, follow_best, search_parts, search_weak_again
from core.pipeline.agent.plan import MOST_CONTRACTS, plan
from core.pipeline.agent.reading import Reading
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.tools import Tools


def agent(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """One leg for every action that found chunks; its notes say how the question was taken apart and what ended it."""
    budget = Budget(int(options["steps"]), float(options["seconds"]), int(options["tokens"]), tools)
    parts, notes = plan(query.question, query.contract_ids, int(options["contracts"]), tools)
    loop = Loop(
        query.question, query.contract_ids, parts, tools, budget, Reading(tools.shelf), float(options["weak"])
    )
    search_parts(loop)
    if tools.planner is not None:
        explore_by_model(loop)
    elif tools.chat is not None:
        budget.note(NO_TOOLS)
    follow_best(loop)
    search_weak_again(loop)
    return _with_notes(loop.legs, (*notes, *budget.notes), query)


def _with_notes(legs: list[Leg], notes: tuple[str, ...], query: Query) -> tuple[Leg, ...]:
    if not notes:
        return tuple(legs)
    first = legs[0] if legs else Leg("agent", Formulation(query.question, "question"), ())
    return (replace(first, notes=notes), *legs[1:])


AGENT = Retrieval(
    "agent",
    agent,
    {"steps": 12, "seconds": 30.0, "tokens": 20_000, "contracts": MOST_CONTRACTS, "weak": 0.3},
    bounds={
        "steps": (1, 100),
        "seconds": (0.1, 600),
        "tokens": (0, 1_000_000),
        "contracts": (2, 200),
        "weak": (0, 1),
    },
    asks=True,
)
