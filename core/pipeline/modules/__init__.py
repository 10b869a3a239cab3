"""Every module that a recipe may name, one line each."""

from core.pipeline.module import Fixed, Module
from core.pipeline.modules.bm25 import BM25
from core.pipeline.modules.dense import DENSE
from core.pipeline.modules.graph import GRAPH
from core.pipeline.modules.reciprocal_rank import RECIPROCAL_RANK
from core.records import Layer

RERANK = Fixed("rerank", Layer.POST_RETRIEVAL)
ANSWER = Fixed("answer", Layer.GENERATION)

MODULES: tuple[Module, ...] = (
    DENSE,
    BM25,
    GRAPH,
    RECIPROCAL_RANK,
    RERANK,
    ANSWER,
)
