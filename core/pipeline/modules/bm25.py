"""The chunks with the best BM25 scores for the words of each formulation."""

from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Leg, Query
from core.pipeline.tools import Tools
from core.storage.tokens import tokenize


def bm25(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:  # noqa: ARG001
    """One leg for each formulation that is meant for it."""
    scope = query.contract_ids or None
    return tuple(
        Leg("bm25", wording, tools.shelf.bm25(tokenize(wording.text), tools.limit, scope))
        for wording in query.formulations
        if wording.bm25
    )


BM25 = Retrieval("bm25", bm25)
