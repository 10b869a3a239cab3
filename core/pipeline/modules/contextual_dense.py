"""The chunks whose vectors, moved towards those of their context, are nearest to that of each formulation."""

from core.pipeline.contextual.search import legs
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Leg, Query
from core.pipeline.tools import Tools


def contextual_dense(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:  # noqa: ARG001
    """One leg for each formulation that is meant for vectors."""
    shelf, encoder, limit = tools.shelf, tools.encoder, tools.limit
    return legs(
        "contextual_dense",
        tuple(wording for wording in query.formulations if wording.dense),
        query,
        tools,
        lambda index, wording, scope: index.nearest(encoder.encode([wording.text])[0], limit, scope),
        lambda wording, scope: shelf.dense(wording.text, encoder, limit, scope),
    )


CONTEXTUAL_DENSE = Retrieval("contextual_dense", contextual_dense)
