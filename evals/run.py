"""Ask labelled questions of Proviso's own pipeline and record where the right chunks come out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from core.models import Encoder, Scorer
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Shelf, Tools
from core.records import Inquiry
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.stage2_rerank import rerank
from evals.harm import case_of
from evals.labels import Task
from evals.measures import rank_of_first
from evals.questions import LabelledQuestion
from evals.report import Case

BM25, DENSE, HYBRID, RERANKED = "BM25", "dense", "hybrid", "hybrid + rerank"
LEGS = {"bm25": BM25, "dense": DENSE}
SYSTEMS = (BM25, DENSE, HYBRID, RERANKED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the pipeline made of one question.

    ``grades`` holds the grade of every passage that is worth something; ``ranked`` the chunk ids of each system
    in its order; ``relevances`` (0-1) belong to the reranked ones; ``seconds`` are wall-clock times of ``dense``,
    ``BM25``, ``retrieve`` and ``rerank``; ``case`` says where reranking moved the first right passage, and is
    None where nothing is right.
    """

    question: LabelledQuestion
    right: frozenset[str]
    ranked: Mapping[str, tuple[str, ...]]
    relevances: tuple[float, ...]
    seconds: Mapping[str, float]
    grades: Mapping[str, int]
    case: Case | None = None

    @property
    def silent(self) -> bool:
        """True when no passage is right."""
        return not self.right

    def rank(self, system: str) -> int | None:
        """The rank of the first right chunk, or None."""
        return rank_of_first(self.ranked[system], self.right)

    def kept(self, keep: int, minimum: float) -> tuple[str, ...]:
        """The ids of the reranked chunks that would be kept, best first."""
        pairs = zip(self.ranked[RERANKED][:keep], self.relevances, strict=False)
        return tuple(chunk_id for chunk_id, relevance in pairs if relevance >= minimum)

    @property
    def best_relevance(self) -> float:
        """The highest relevance of any candidate, 0 without candidates."""
        return max(self.relevances, default=0.0)


def ask(task: Task, shelf: Shelf, encoder: Encoder, scorer: Scorer, settings: Settings) -> Outcome:
    """Run one question through both stages; nothing is discarded for its relevance.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    inquiry = Inquiry(task.question.question, task.contract_ids, settings.candidates, settings.keep)
    begin = time.perf_counter()
    tools = Tools(shelf, encoder, settings.candidates, settings.rrf_k)
    found = retrieve(inquiry, default_recipe(), tools)
    retrieved = time.perf_counter()
    ranking = rerank(inquiry, found.candidates, scorer).all
    reranked = time.perf_counter()
    return Outcome(
        question=task.question,
        right=task.right,
        ranked={
            **{LEGS[leg.module]: tuple(hit.chunk_id for hit in leg.hits) for leg in found.legs},
            HYBRID: tuple(candidate.chunk.chunk_id for candidate in found.candidates),
            RERANKED: tuple(judged.candidate.chunk.chunk_id for judged in ranking),
        },
        relevances=tuple(judged.relevance for judged in ranking),
        seconds={
            **{LEGS[step.module]: step.seconds for step in found.trace if step.module in LEGS},
            "retrieve": retrieved - begin,
            "rerank": reranked - retrieved,
        },
        grades=task.grades or dict.fromkeys(task.right, 1),
        case=case_of(task.question, task.right, ranking, shelf) if task.right else None,
    )
