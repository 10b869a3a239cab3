"""The chunks whose vectors are nearest to that of each formulation."""

from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Leg, Query
from core.pipeline.tools import Tools


def dense(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:  # noqa: ARG001
    """One leg for each formulation that is meant for it."""
    scope = query.contract_ids or None
    return tuple(
        Leg("dense", wording, tools.shelf.dense(wording.text, tools.encoder, tools.limit, scope))
        for wording in query.formulations
        if wording.dense
    )


DENSE = Retrieval("dense", dense)
