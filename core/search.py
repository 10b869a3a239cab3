"""A question on its way to its evidence, in a thread of its own: watched, cancelled, and dropped when unwatched.

The page that shows it may be interrupted by any click and drawn again; the work goes on. A browser that is
gone looks no more, and its question leaves the line.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from core.answering.chat import ChatModel
from core.ask import CautiousShelf, Pipeline, find_evidence
from core.choose_answerer import open_chat
from core.errors import ProvisoError
from core.models import Encoder, Scorer
from core.pipeline.recipe_file import OWN_RECIPES, named_recipe, read_recipes
from core.pipeline.records import Recipe
from core.records import Finding, Inquiry
from core.settings import Settings
from core.waiting_line import WaitingLine

# Longer than a page takes to be drawn again on a machine that is overloaded.
UNWATCHED_SECONDS = 30.0
LOOK_SECONDS = 1.0


Result = TypeVar("Result")


class Cancelled(ProvisoError):
    """The question was taken back, or nobody waits for it any more."""

    def __init__(self) -> None:
        super().__init__("This question", "was cancelled before its passages were found.", "Ask it again.")


class Phase(StrEnum):
    """What is being done for a question."""

    LOADING = "loading"
    WAITING = "waiting"
    RETRIEVE = "retrieve"
    RERANK = "rerank"
    EXPLAIN = "explain"
    REWRITE = "rewrite"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a question is: ``done`` of ``of`` candidates scored or contracts searched, or ``ahead`` questions
    before it; ``step`` says what a module does now, and ``steps`` everything that was done so far. ``may_stop`` says
    that the looking goes step by step and can end early, with what is found by then.
    """

    phase: Phase
    ahead: int = 0
    done: int = 0
    of: int = 0
    step: str = ""
    steps: tuple[str, ...] = ()
    may_stop: bool = False


Report = Callable[[Standing], None]


@dataclass(frozen=True)
class Searcher:
    """Everything that finding evidence needs; safe to share between threads.

    Args:
        encoder, scorer: give the models, waiting for them where they are still being loaded.
        shelf: gives the library as a question whose turn has come may see it.
        line: in which questions wait for the cross-encoder.
        rrf_k: the constant of reciprocal rank fusion where a recipe gives none.
        recipes: the pipelines that a question may name.
        chat: the model service that modules may ask, None where there is none.
        patient: lets every other question go first; for questions that nobody sits in front of.
    """

    encoder: Callable[[], Encoder]
    scorer: Callable[[], Scorer]
    shelf: Callable[[], CautiousShelf]
    line: WaitingLine
    rrf_k: int = 60
    recipes: Mapping[str, Recipe] = field(default_factory=read_recipes)
    chat: ChatModel | None = None
    patient: bool = False

    def find(
        self,
        inquiry: Inquiry,
        report: Report = lambda _: None,
        enough: Callable[[], bool] = lambda: False,
    ) -> Finding:
        """Wait for one's turn, then retrieve and rerank; where modules ask the model service, retrieve first.

        Args:
            inquiry: the question.
            report: told every step; it may raise to give up.
            enough: asked before every step of a search that goes step by step; True ends it, and what is found by then
                is reranked.

        Raises:
            InvalidSettings: the question names no pipeline.
            LineFull: too many are waiting.
            ModelUnavailable: a model cannot be loaded.
            StoreUnavailable: the dense leg cannot be searched.
        """
        pipeline = Pipeline(named_recipe(inquiry.pipeline, self.recipes), self.rrf_k, self.chat)
        report(Standing(Phase.LOADING))
        encoder, scorer = self.encoder(), self.scorer()
        progress = _Progress(report, enough)

        def turn() -> AbstractContextManager[None]:
            return self.line.turn(progress.waiting, patient=self.patient)

        # Nobody waits in the line for a question that itself waits for the model service.
        before, during = (nullcontext, turn) if pipeline.waits_for_service else (turn, nullcontext)
        with before():
            return find_evidence(
                inquiry,
                self.shelf(),
                encoder,
                scorer,
                pipeline,
                on_step=progress.step,
                on_stage=progress.stage,
                on_scored=progress.scored,
                enough=progress.enough,
                turn=during,
            )


class _Progress:
    """Tells how far a search is; its steps stay on show while the candidates are scored."""

    def __init__(self, report: Report, enough: Callable[[], bool]) -> None:
        self._report = report
        self._enough = enough
        self._steps: tuple[str, ...] = ()
        self._may_stop = False

    def waiting(self, ahead: int) -> None:
        self._report(Standing(Phase.WAITING, ahead=ahead, steps=self._steps))

    def step(self, words: str) -> None:
        self._steps = (*self._steps, words)
        self._report(Standing(Phase.RETRIEVE, step=words, steps=self._steps, may_stop=self._may_stop))

    def stage(self, stage: str) -> None:
        self._report(Standing(Phase(stage), steps=self._steps))

    def scored(self, done: int, of: int) -> None:
        self._report(Standing(Phase.RERANK, done=done, of=of, steps=self._steps))

    def enough(self) -> bool:
        # Whoever asks takes one step after the other.
        self._may_stop = True
        return self._enough()


def open_searcher(
    settings: Settings,
    encoder: Callable[[], Encoder],
    scorer: Callable[[], Scorer],
    shelf: Callable[[], CautiousShelf],
    line: WaitingLine,
) -> Searcher:
    """The searcher that the settings describe: their recipes, the library's own among them, and their model service.

    Raises:
        As ``recipes_of``.
    """
    chat = open_chat(settings) if settings.chat_configured else None
    return Searcher(encoder, scorer, shelf, line, settings.rrf_k, recipes_of(settings), chat)


def recipes_of(settings: Settings) -> Mapping[str, Recipe]:
    """The pipelines that a question may name, the one of the settings among them; opens neither library nor model.

    Raises:
        InvalidRecipe: a recipe of the library is not valid.
        InvalidSettings: PROVISO_PIPELINE names none.
    """
    recipes = read_recipes(settings.directory / OWN_RECIPES)
    named_recipe(settings.pipeline, recipes, "PROVISO_PIPELINE")
    return recipes


class Search(Generic[Result]):
    """One question at work in the background.

    Args:
        work: rewrites it, finds the evidence, or explains it, telling how far it is.
        patience: seconds without anybody looking after which the work is given up.
        clock: seconds that only rise.
    """

    def __init__(
        self,
        work: Callable[[Report], Result],
        patience: float = UNWATCHED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._patience = patience
        self._clock = clock
        self._looked = clock()
        self._cancelled = False
        self._standing = Standing(Phase.LOADING)
        self._found: Result | None = None
        self._error: BaseException | None = None
        self._ended = threading.Event()

    def start(self) -> "Search[Result]":
        """Begin, in a thread that does not keep the process alive."""
        threading.Thread(target=self._run, name="search", daemon=True).start()
        return self

    def cancel(self) -> None:
        """Give up at the next step; what has ended stays as it is."""
        self._cancelled = True

    def wait(self, seconds: float) -> Standing | None:
        """How far it is, after ``seconds`` at most; None when it has ended. Whoever calls this is watching."""
        self._looked = self._clock()
        return None if self._ended.wait(seconds) else self._standing

    @property
    def given_up(self) -> bool:
        """True when it has ended without a result because it was cancelled or nobody looked."""
        return self._ended.is_set() and isinstance(self._error, Cancelled)

    def result(self) -> Result:
        """What was found, waiting for it; whoever waits is watching.

        Raises:
            ProvisoError: whatever kept it from being found; Cancelled when it was given up.
        """
        while self.wait(LOOK_SECONDS) is not None:
            pass
        if self._found is None:
            raise self._error if self._error is not None else Cancelled()
        return self._found

    def _run(self) -> None:
        try:
            self._found = self._work(self._report)
        except BaseException as error:
            self._error = error
        finally:
            self._ended.set()

    def _report(self, standing: Standing) -> None:
        if self._cancelled or self._clock() - self._looked > self._patience:
            raise Cancelled
        self._standing = standing
