"""The chunks with the best BM25 scores when the words of their context count: parties, headings, definitions."""

from core.pipeline.contextual.search import legs
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Leg, Query
from core.pipeline.tools import Tools
from core.storage.tokens import tokenize


def contextual_bm25(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:  # noqa: ARG001
    """One leg for each formulation that is meant for words."""
    return legs(
        "contextual_bm25",
        tuple(wording for wording in query.formulations if wording.bm25),
        query,
        tools,
        lambda index, wording, scope: index.best(tokenize(wording.text), tools.limit, scope),
        lambda wording, scope: tools.shelf.bm25(tokenize(wording.text), tools.limit, scope),
    )


CONTEXTUAL_BM25 = Retrieval("contextual_bm25", contextual_bm25)
