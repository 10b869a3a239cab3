"""Chunks that a walk over the graph reaches: from what the question names, and from the passages nearest to it."""

from core.found_by import QUESTION, READER
from core.pipeline.graph.records import KIND, VERSION
from core.pipeline.graph.seeds import Seed, named_seeds, passage_seeds
from core.pipeline.graph.walk import walk
from core.pipeline.graph.whole import LibraryGraph, build
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.tools import Tools
from core.plural import plural
from core.records import Hit
from core.storage.tokens import tokenize


def graph(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """One leg for the question, the chunks by their share of the walker's time, each with the way to it."""
    whole = tools.shelf.all_facts(KIND, VERSION, build)
    scope = set(query.contract_ids or tools.shelf.titles) & set(tools.shelf.titles)
    contracts = {number for number, contract_id in enumerate(whole.contract_ids) if contract_id in scope}
    wording = Formulation(query.question, QUESTION, weight=float(options["weight"]))
    notes = _left_out(len(scope) - len(contracts))
    if not contracts:
        return (Leg("graph", wording, (), notes=notes),)
    tools.on_step("Follows definitions and references between clauses")
    seeds = _seeds(query, whole, contracts, options, tools)
    reached = walk(whole, seeds, contracts, float(options["damping"]), tools.limit)
    hits = tuple(Hit(one.chunk_id, rank, one.share) for rank, one in enumerate(reached, start=1))
    return (Leg("graph", wording, hits, {one.chunk_id: one.way for one in reached}, notes),)


def _left_out(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    have = "has" if count == 1 else "have"
    return (f"{plural(count, 'contract')} {have} no graph yet: searched without it.",)


def _seeds(
    query: Query, whole: LibraryGraph, contracts: set[int], options: Options, tools: Tools
) -> list[Seed]:
    first, share = int(options["passages"]), float(options["passage_share"])
    scope = query.contract_ids or None
    # The reader's own wordings stand beside the question; what modules wrote is searched by other legs.
    texts = [query.question, *(wording.text for wording in query.formulations if wording.origin == READER)]
    rankings = [
        ranking
        for text in texts
        for ranking in (
            tools.shelf.dense(text, tools.encoder, first, scope),
            tools.shelf.bm25(tokenize(text), first, scope),
        )
    ]
    chunks = tools.shelf.chunks([hit.chunk_id for ranking in rankings for hit in ranking])
    passages = passage_seeds(whole, rankings, chunks, tools.rrf_k)
    near: dict[int, float] = {}
    for seed, owner in zip(passages, whole.contract_of_each([seed.node for seed in passages]), strict=True):
        near[owner] = near.get(owner, 0.0) + seed.weight
    named = named_seeds(whole, "\n".join(texts), contracts, near)
    if not named:
        return passages
    return [
        *(Seed(seed.node, share * seed.weight, seed.words) for seed in passages),
        *(Seed(seed.node, (1.0 - share) * seed.weight, seed.words) for seed in named),
    ]


GRAPH = Retrieval(
    "graph",
    graph,
    {"weight": 1.0, "damping": 0.85, "passages": 5, "passage_share": 0.5},
    {"weight": (0.01, 10), "damping": (0.01, 0.99), "passages": (0, 50), "passage_share": (0, 1)},
)
