"""A bounded loop over the library: plans, searches part by part, follows references, searches again.

It stands beside the modules that search for the question itself. For a simple question it adds what the best passages
refer to and nothing else.
"""

from dataclasses import replace

from core.pipeline.agent.budget import Budget
from core.pipeline.agent.loop import Loop, explore
from core.pipeline.agent.plan import MOST_CONTRACTS, plan
from core.pipeline.agent.reading import Reading
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.tools import Tools


def agent(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """One leg for every action that found chunks; its notes say how the question was taken apart and what ended it."""
    budget = Budget(int(options["steps"]), float(options["seconds"]), int(options["tokens"]), tools)
    reading = Reading(tools.shelf)
    parts, notes = plan(query.question, query.contract_ids, int(options["contracts"]), tools)
    loop = Loop(query.question, query.contract_ids, tools, budget, reading, float(options["weak"]))
    explore(parts, loop)
    return _with_notes(loop.legs, (*notes, *budget.notes), query)


def _with_notes(legs: list[Leg], notes: tuple[str, ...], query: Query) -> tuple[Leg, ...]:
    if not notes:
        return tuple(legs)
    if not legs:
        return (Leg("agent", Formulation(query.question, "question"), (), notes=notes),)
    return (replace(legs[0], notes=notes), *legs[1:])


AGENT = Retrieval(
    "agent", agent, {"steps": 8, "seconds": 30.0, "tokens": 20_000, "contracts": MOST_CONTRACTS, "weak": 0.3}
)
