"""Every module that a recipe may name, one line each."""

from core.pipeline.module import Fixed, Module
from core.pipeline.modules.agent import AGENT
from core.pipeline.modules.bm25 import BM25
from core.pipeline.modules.contextual_bm25 import CONTEXTUAL_BM25
from core.pipeline.modules.contextual_dense import CONTEXTUAL_DENSE
from core.pipeline.modules.dense import DENSE
from core.pipeline.modules.graph import GRAPH
from core.pipeline.modules.hypothetical_clause import HYPOTHETICAL_CLAUSE
from core.pipeline.modules.reciprocal_rank import RECIPROCAL_RANK
from core.pipeline.modules.rewrite import REWRITE
from core.pipeline.modules.rm3 import RM3
from core.pipeline.modules.route import ROUTE
from core.pipeline.modules.sections import SECTIONS_OF
from core.records import Layer

RERANK = Fixed("rerank", Layer.POST_RETRIEVAL)
ANSWER = Fixed("answer", Layer.GENERATION)

MODULES: tuple[Module, ...] = (
    REWRITE,
    HYPOTHETICAL_CLAUSE,
    ROUTE,
    DENSE,
    BM25,
    CONTEXTUAL_DENSE,
    CONTEXTUAL_BM25,
    RM3,
    SECTIONS_OF,
    GRAPH,
    AGENT,
    RECIPROCAL_RANK,
    RERANK,
    ANSWER,
)
