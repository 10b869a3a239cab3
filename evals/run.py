"""Ask labelled questions of Proviso's own pipeline and record where the right chunks come out."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from core.models import Encoder, Scorer
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Shelf, Tools
from core.records import Chunk, Hit, Inquiry
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.stage2_rerank import rerank
from evals.harm import case_of
from evals.labels import Task
from evals.measures import rank_of_first
from evals.questions import LabelledQuestion
from evals.report import Case

BM25, DENSE, HYBRID, RERANKED = "BM25", "dense", "hybrid", "hybrid + rerank"
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


class RecordingShelf:
    """A shelf that remembers what each leg found and how long it took; for one question."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.hits: dict[str, tuple[str, ...]] = {}
        self.seconds: dict[str, float] = {}

    @property
    def titles(self) -> Mapping[str, str]:
        """Title of every contract that may be shown, by id."""
        return self._shelf.titles

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The chunks nearest to the question's vector."""
        return self._record(DENSE, lambda: self._shelf.dense(question, encoder, limit, contract_ids))

    def bm25(self, tokens: list[str], limit: int, contract_ids: Collection[str] | None) -> tuple[Hit, ...]:
        """The chunks with the best BM25 scores."""
        return self._record(BM25, lambda: self._shelf.bm25(tokens, limit, contract_ids))

    def chunks(self, chunk_ids: Collection[str]) -> Mapping[str, Chunk]:
        """The chunks with these ids that may be shown."""
        return self._shelf.chunks(chunk_ids)

    def _record(self, leg: str, search: Callable[[], tuple[Hit, ...]]) -> tuple[Hit, ...]:
        begin = time.perf_counter()
        hits = search()
        self.seconds[leg] = time.perf_counter() - begin
        self.hits[leg] = tuple(hit.chunk_id for hit in hits)
        return hits


def ask(task: Task, shelf: Shelf, encoder: Encoder, scorer: Scorer, settings: Settings) -> Outcome:
    """Run one question through both stages; nothing is discarded for its relevance.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    inquiry = Inquiry(task.question.question, task.contract_ids, settings.candidates, settings.keep)
    recording = RecordingShelf(shelf)
    begin = time.perf_counter()
    tools = Tools(recording, encoder, settings.candidates, settings.rrf_k)
    candidates = retrieve(inquiry, default_recipe(), tools).candidates
    retrieved = time.perf_counter()
    ranking = rerank(inquiry, candidates, scorer).all
    reranked = time.perf_counter()
    return Outcome(
        question=task.question,
        right=task.right,
        ranked={
            **recording.hits,
            HYBRID: tuple(candidate.chunk.chunk_id for candidate in candidates),
            RERANKED: tuple(judged.candidate.chunk.chunk_id for judged in ranking),
        },
        relevances=tuple(judged.relevance for judged in ranking),
        seconds={**recording.seconds, "retrieve": retrieved - begin, "rerank": reranked - retrieved},
        grades=task.grades or dict.fromkeys(task.right, 1),
        case=case_of(task.question, task.right, ranking, shelf) if task.right else None,
    )
