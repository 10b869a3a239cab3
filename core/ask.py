"""One question through the two stages of retrieval, and the answer from what they kept.

retrieve  ->  about 100 candidates     (dense and BM25, fused by rank)
rerank    ->  every candidate scored   (cross-encoder), the best 5 kept
evidence  ->  the kept passages, sealed
answer    ->  from the evidence and nothing else (``core.stage3_answer``)
"""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from core.answering.chat import ChatModel
from core.models import Encoder, Progress, Scorer, ignore_progress
from core.pipeline.describe import asks_model
from core.pipeline.recipe_file import default_recipe
from core.pipeline.records import Recipe, Retrieved
from core.pipeline.tools import Shelf, Tools
from core.records import (
    Candidate,
    Chunk,
    Finding,
    Inquiry,
    Layer,
    Override,
    Ranking,
    StageTime,
    TraceStep,
    Wording,
)
from core.stage1_retrieve import retrieve
from core.stage2_rerank import rerank, select_evidence

Result = TypeVar("Result")


class CautiousShelf(Shelf, Protocol):
    """A shelf that also knows what a reader must be told about a contract."""

    def cautions(self, contract_ids: Iterable[str]) -> tuple[str, ...]:
        """Sentences about pages that were not read, OCR and the like."""
        ...

    def passage_cautions(self, chunk: Chunk) -> tuple[str, ...]:
        """Sentences about one passage, such as that it holds hidden text."""
        ...


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A recipe and what it runs with: the constant of the fusion and the model service, None where there is none."""

    recipe: Recipe
    rrf_k: int = 60
    chat: ChatModel | None = None

    @property
    def waits_for_service(self) -> bool:
        """True when a module asks the model service, which may take a minute."""
        return self.chat is not None and asks_model(self.recipe)


def find_evidence(
    inquiry: Inquiry,
    shelf: CautiousShelf,
    encoder: Encoder,
    scorer: Scorer,
    pipeline: Pipeline | None = None,
    on_stage: Callable[[str], None] = lambda _: None,
    on_step: Callable[[str], None] = lambda _: None,
    on_scored: Progress = ignore_progress,
    enough: Callable[[], bool] = lambda: False,
    turn: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Finding:
    """Retrieve, rerank, and seal the best passages as evidence.

    Args:
        inquiry: the question, its scope and its limits.
        shelf: the library's snapshot for this question.
        encoder: for the dense leg of stage 1.
        scorer: the cross-encoder of stage 2.
        pipeline: which modules propose candidates; by default the default recipe, without a model service.
        on_stage: told the name of each stage before it starts.
        on_step: told in words what a module does now.
        on_scored: told how many candidates are scored, of how many.
        enough: whether a search that goes step by step shall end with what is found by now.
        turn: held while the candidates are scored, where it is not held by the caller.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    chosen = Pipeline(default_recipe()) if pipeline is None else pipeline
    tools = Tools(shelf, encoder, inquiry.candidates, chosen.rrf_k, chosen.chat, on_step, enough=enough)
    on_stage("retrieve")
    found, retrieving = _timed("retrieve", lambda: retrieve(inquiry, chosen.recipe, tools))
    with turn():
        on_stage("rerank")
        candidates = _still_there(found.candidates, shelf)
        ranking, reranking = _timed(
            "rerank", lambda: rerank(inquiry, candidates, scorer, on_scored, found.query.parts)
        )
    searched = len(found.query.contract_ids) or len(shelf.titles)
    sealed = seal(inquiry, ranking, shelf, (retrieving, reranking), searched)
    return replace(
        sealed,
        trace=(*found.trace, _reranked(ranking, reranking)),
        wordings=wordings_of(found),
        notes=found.query.notes,
        parts=found.query.parts,
    )


def wordings_of(found: Retrieved) -> tuple[Wording, ...]:
    """What was searched beside the question: what was written before the search, then what modules derived in it."""
    before = found.query.formulations
    during = tuple(leg.formulation for leg in found.legs if leg.formulation not in before)
    wordings = (
        Wording(one.text, one.origin, one.dense, one.bm25, one in during, one.by)
        for one in dict.fromkeys((*before, *during))
        if one.text != found.query.question
    )
    return tuple(dict.fromkeys(wordings))


def _still_there(candidates: tuple[Candidate, ...], shelf: Shelf) -> tuple[Candidate, ...]:
    """The candidates whose contracts were not deleted while the question waited for its turn."""
    there = shelf.chunks([candidate.chunk.chunk_id for candidate in candidates])
    return tuple(candidate for candidate in candidates if candidate.chunk.chunk_id in there)


def _reranked(ranking: Ranking, time: StageTime) -> TraceStep:
    given, kept = f"{len(ranking.all)} candidates", f"{len(ranking.kept)} kept"
    return TraceStep(Layer.POST_RETRIEVAL, "rerank", given, kept, time.seconds)


def seal(
    inquiry: Inquiry,
    ranking: Ranking,
    shelf: CautiousShelf,
    timings: tuple[StageTime, ...],
    contracts_searched: int,
    override: Override | None = None,
) -> Finding:
    """The finding of a ranking: its kept passages as evidence, with what must be said beside them."""
    evidence = select_evidence(inquiry, ranking)
    beside = _beside_passages(ranking, shelf)
    return Finding(
        inquiry=inquiry,
        ranking=ranking,
        evidence=evidence,
        timings=timings,
        contracts_searched=contracts_searched,
        cautions=shelf.cautions(passage.contract_id for passage in evidence.passages)
        + tuple(
            f"Passage {passage.number}: {caution}"
            for passage in evidence.passages
            for caution in beside.get(passage.chunk_id, ())
        ),
        passage_cautions=beside,
        override=override,
    )


def _beside_passages(ranking: Ranking, shelf: CautiousShelf) -> dict[str, tuple[str, ...]]:
    said = {one.candidate.chunk.chunk_id: shelf.passage_cautions(one.candidate.chunk) for one in ranking.kept}
    return {chunk_id: cautions for chunk_id, cautions in said.items() if cautions}


def _timed(stage: str, work: Callable[[], Result]) -> tuple[Result, StageTime]:
    begin = time.perf_counter()
    result = work()
    return result, StageTime(stage, time.perf_counter() - begin)
