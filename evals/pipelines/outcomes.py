"""What became of one question in one pipeline, and the file that keeps it for the next run."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.answering.chat import ChatModel
from core.ask import CautiousShelf, Pipeline, find_evidence
from core.models import Encoder, Scorer
from core.pipeline.records import Recipe
from core.records import Inquiry
from core.settings import Settings
from evals.labels import Task
from evals.pipelines.pair_store import Meter
from evals.pipelines.watched_chat import watched


@dataclass(frozen=True, slots=True)
class PipelineOutcome:
    """What one pipeline made of one question.

    ``candidates`` are chunk ids by fused rank; ``order`` holds their places (from 0) in that list after reranking,
    the ``kept`` ones first. Seconds are those of the first stage and of reranking; what was read for another
    pipeline is charged all the same. ``failed`` counts calls of the model service without an answer.
    """

    question: str
    candidates: tuple[str, ...]
    order: tuple[int, ...]
    kept: int
    first_stage: float
    reranking: float
    calls: int = 0
    tokens: int = 0
    failed: int = 0

    @property
    def reranked(self) -> tuple[str, ...]:
        """Chunk ids in the order after reranking."""
        return tuple(self.candidates[place] for place in self.order)

    @property
    def kept_ids(self) -> tuple[str, ...]:
        """Chunk ids of the passages that an answer would rest on."""
        return self.reranked[: self.kept]


@dataclass(frozen=True, slots=True)
class Bench:
    """What questions are asked with: both models, the meter of the scorer's readers, settings, the model service.

    ``on_send`` is told a question before anything of it is sent to the service; it may raise, and nothing is sent.
    """

    encoder: Encoder
    scorer: Scorer
    meter: Meter
    settings: Settings
    chat: ChatModel | None = None
    on_send: Callable[[str], None] = lambda _: None


def ask(task: Task, recipe: Recipe, shelf: CautiousShelf, bench: Bench) -> PipelineOutcome:
    """Run a question through both stages as the product does; nothing is discarded for its relevance.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    settings = bench.settings
    inquiry = Inquiry(
        task.question.question, task.contract_ids, settings.candidates, settings.keep, pipeline=recipe.name
    )
    chat = None if bench.chat is None else watched(bench.chat, lambda: bench.on_send(inquiry.question))
    bench.meter.take()
    finding = find_evidence(
        inquiry, shelf, bench.encoder, bench.scorer, Pipeline(recipe, settings.rrf_k, chat)
    )
    ranking = finding.ranking
    fused = sorted(ranking.all, key=lambda one: one.candidate.fused_rank)
    candidates = tuple(one.candidate.chunk.chunk_id for one in fused)
    places = {chunk_id: place for place, chunk_id in enumerate(candidates)}
    ordered = (*ranking.kept, *ranking.discarded)
    seconds = {time.stage: time.seconds for time in finding.timings}
    return PipelineOutcome(
        question=question_key(task),
        candidates=candidates,
        order=tuple(places[one.candidate.chunk.chunk_id] for one in ordered),
        kept=len(ranking.kept),
        first_stage=seconds["retrieve"],
        reranking=bench.meter.take(),
        calls=sum(step.calls for step in finding.trace),
        tokens=sum(step.tokens for step in finding.trace),
        failed=0 if chat is None else chat.failed,
    )


def question_key(task: Task) -> str:
    """What tells a question and its scope from every other."""
    words = "\0".join((task.question.question, *task.contract_ids))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


_OUTCOME = TypeAdapter(PipelineOutcome)


class OutcomeFile:
    """The outcomes of one pipeline on one index, a line each; half a line is dropped.

    Args:
        path: the file; its name says on what the outcomes rest.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = {one.question: one for one in _read(path)}

    def get(self, task: Task) -> PipelineOutcome | None:
        """What became of the question, or None."""
        return self._known.get(question_key(task))

    def add(self, outcome: PipelineOutcome) -> None:
        """Keep an outcome; not one in which the model service failed: the next run asks again."""
        self._known[outcome.question] = outcome
        if not outcome.failed:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.open("ab") as file:
                # The line end comes first, so that half a line of a killed process spoils no other.
                file.write(b"\n" + _OUTCOME.dump_json(outcome))


def _read(path: Path) -> Iterator[PipelineOutcome]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    for line in filter(None, lines):
        try:
            yield _OUTCOME.validate_json(line)
        except ValidationError:
            continue
