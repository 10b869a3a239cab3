"""Reciprocal rank fusion of all legs, each with the weight of its formulation."""

from core.fuse import reciprocal_rank_fusion
from core.pipeline.module import Fusion, Options
from core.pipeline.records import Leg
from core.pipeline.tools import Tools
from core.records import Hit


def reciprocal_rank(legs: tuple[Leg, ...], options: Options, tools: Tools) -> tuple[Hit, ...]:
    """Every chunk of any leg once, by falling fused score; a ``k`` of 0 is the one of the settings."""
    k = int(options["k"]) or tools.rrf_k
    return reciprocal_rank_fusion([leg.hits for leg in legs], k, [leg.formulation.weight for leg in legs])


RECIPROCAL_RANK = Fusion("reciprocal_rank", reciprocal_rank, {"k": 0}, {"k": (0, 1000)})
