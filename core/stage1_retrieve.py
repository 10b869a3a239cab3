"""Stage 1: propose candidates. A recipe's modules write wordings, search with them and fuse what they find.

Nothing here reaches the generator: the reranker decides over all of it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from core.found_by import QUESTION, READER
from core.pipeline.module import Fusion, PreRetrieval, Retrieval
from core.pipeline.modules import MODULES
from core.pipeline.records import Formulation, Leg, Query, Recipe, Retrieved, Step
from core.pipeline.tools import Account, RememberingEncoder, Shelf, Tools
from core.records import Candidate, FoundBy, Hit, Inquiry, Layer, TraceStep

Result = TypeVar("Result")
READER_WEIGHT = 0.5
_PRE = {module.name: module for module in MODULES if isinstance(module, PreRetrieval)}
_RETRIEVAL = {module.name: module for module in MODULES if isinstance(module, Retrieval)}
_FUSION = {module.name: module for module in MODULES if isinstance(module, Fusion)}


def retrieve(inquiry: Inquiry, recipe: Recipe, tools: Tools) -> Retrieved:
    """The best ``inquiry.candidates`` chunks that the modules of ``recipe`` find, by fused rank.

    Raises:
        StoreUnavailable: the dense leg cannot be searched; there is no silent keyword-only result.
    """
    trace: list[TraceStep] = []
    tools = replace(tools, encoder=RememberingEncoder(tools.encoder))
    query = _formulate(inquiry, recipe, tools, trace)
    legs = _search(query, recipe, tools, trace)
    fused = _fuse(legs, recipe, tools, trace)
    candidates = _candidates(fused, legs, tools.shelf, inquiry.candidates)
    said = dict.fromkeys([*query.notes, *(note for leg in legs for note in leg.notes)])
    parts = dict.fromkeys(leg.part for leg in legs if leg.part is not None)
    return Retrieved(candidates, replace(query, notes=tuple(said), parts=tuple(parts)), tuple(trace), legs)


def _formulate(inquiry: Inquiry, recipe: Recipe, tools: Tools, trace: list[TraceStep]) -> Query:
    """The question and the wordings beside it: the reader's own where there are any, else those of the recipe."""
    own = tuple(
        Formulation(text, READER, weight=READER_WEIGHT)
        for text in dict.fromkeys(inquiry.formulations)
        if text != inquiry.question
    )
    query = Query(inquiry.question, (Formulation(inquiry.question, QUESTION), *own), inquiry.contract_ids)
    for step in recipe.pre_retrieval:
        if inquiry.formulations and _PRE[step.module].writes:
            continue
        before = query
        query = _traced(
            Layer.PRE_RETRIEVAL,
            step,
            before.question,
            lambda own, step=step, before=before: _PRE[step.module].run(before, step.options, own),  # type: ignore[misc]
            lambda after, before=before: _changes(before, after),  # type: ignore[misc]
            tools,
            trace,
        )
    return query


def _search(query: Query, recipe: Recipe, tools: Tools, trace: list[TraceStep]) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    for step in recipe.retrieval:
        found: tuple[Leg, ...] = _traced(
            Layer.RETRIEVAL,
            step,
            " | ".join(wording.text for wording in query.formulations),
            lambda own, step=step: _RETRIEVAL[step.module].run(query, step.options, own),  # type: ignore[misc]
            lambda given: _found(given, query),
            tools,
            trace,
        )
        legs.extend(found)
    return tuple(legs)


def _fuse(legs: Sequence[Leg], recipe: Recipe, tools: Tools, trace: list[TraceStep]) -> tuple[Hit, ...]:
    step = recipe.fusion
    return _traced(
        Layer.FUSION,
        step,
        f"{len(legs)} lists",
        lambda own: _FUSION[step.module].run(tuple(legs), step.options, own),
        lambda fused: f"{len(fused)} chunks",
        tools,
        trace,
    )


def _traced(
    layer: Layer,
    step: Step,
    given: str,
    work: Callable[[Tools], Result],
    say: Callable[[Result], str],
    tools: Tools,
    trace: list[TraceStep],
) -> Result:
    """The result of one module, its account written into ``trace``."""
    account = Account()
    steps: list[str] = []

    def told(words: str) -> None:
        steps.append(words)
        tools.on_step(words)

    begin = time.perf_counter()
    result = work(replace(tools, account=account, on_step=told))
    seconds = time.perf_counter() - begin
    trace.append(
        TraceStep(
            layer,
            step.module,
            given,
            say(result),
            seconds,
            account.calls,
            account.tokens,
            tuple(account.sent),
            tuple(steps),
        )
    )
    return result


def _found(legs: Sequence[Leg], query: Query) -> str:
    said = f"{sum(len(leg.hits) for leg in legs)} hits in {len(legs)} lists"
    own = [leg.formulation.text for leg in legs if leg.formulation not in query.formulations]
    return " | ".join([said, *own, *dict.fromkeys(note for leg in legs for note in leg.notes)])


def _changes(before: Query, after: Query) -> str:
    known = set(before.formulations)
    added = [wording.text for wording in after.formulations if wording not in known]
    said = [note for note in after.notes if note not in before.notes]
    return " | ".join([*added, *said]) or "nothing changed"


def _candidates(fused: Sequence[Hit], legs: Sequence[Leg], shelf: Shelf, limit: int) -> tuple[Candidate, ...]:
    chunks = shelf.chunks([hit.chunk_id for hit in fused[:limit]])
    if len(chunks) < min(limit, len(fused)):
        # Some were deleted meanwhile: those behind them move up.
        chunks = shelf.chunks([hit.chunk_id for hit in fused])
    visible = [hit for hit in fused if hit.chunk_id in chunks][:limit]
    dense, bm25 = _best_hits(legs, "dense"), _best_hits(legs, "bm25")
    found = _found_by(legs)
    return tuple(
        Candidate(
            chunk=chunks[hit.chunk_id],
            contract_title=shelf.titles[chunks[hit.chunk_id].contract_id],
            dense=dense.get(hit.chunk_id),
            bm25=bm25.get(hit.chunk_id),
            fused_rank=rank,
            fused_score=hit.score,
            found_by=found[hit.chunk_id],
        )
        for rank, hit in enumerate(visible, start=1)
    )


def _best_hits(legs: Sequence[Leg], module: str) -> Mapping[str, Hit]:
    """For each chunk the best hit of a module, over all wordings."""
    best: dict[str, Hit] = {}
    for leg in legs:
        for hit in leg.hits if leg.module == module else ():
            if hit.chunk_id not in best or hit.rank < best[hit.chunk_id].rank:
                best[hit.chunk_id] = hit
    return best


def _found_by(legs: Sequence[Leg]) -> Mapping[str, tuple[FoundBy, ...]]:
    found: dict[str, list[FoundBy]] = {}
    for leg in legs:
        wording = leg.formulation
        for hit in leg.hits:
            path = leg.paths.get(hit.chunk_id, ())
            part = leg.part.name if leg.part is not None else ""
            one = FoundBy(leg.module, wording.text, wording.origin, hit.rank, hit.score, path, part)
            found.setdefault(hit.chunk_id, []).append(one)
    return {chunk_id: tuple(sorted(ones, key=lambda one: one.rank)) for chunk_id, ones in found.items()}
