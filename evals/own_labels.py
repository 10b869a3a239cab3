"""The judgements of a library's own readers, measured on that library as it stands."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager

from core.errors import InvalidSettings
from core.models import PairScores, Progress, Scorer, ignore_progress
from core.records import Contract
from core.settings import Settings
from core.storage.library import Library
from core.workbench.labels import Label
from core.workbench.own_questions import OwnQuestion, own_questions
from evals.evaluate import Evaluation, Models, OnProgress, measure
from evals.questions import LabelledQuestion, QuestionSet, Quoted

NAME = "own judgements"
# With fewer questions one of them moves every figure by several points.
FEW = 30


class PatientScorer:
    """A ``Scorer`` that waits for its turn before each question, so that readers go first.

    Args:
        scorer: judges.
        turn: holds the cross-encoder while the context lasts.
    """

    def __init__(self, scorer: Scorer, turn: Callable[[], AbstractContextManager[None]]) -> None:
        self._scorer = scorer
        self._turn = turn

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,
        similarities: Sequence[float] | None = None,
    ) -> PairScores:
        """The scores of the scorer within, when its turn has come."""
        with self._turn():
            return self._scorer.score_pairs(question, passages, on_progress, keep, similarities)


def measure_own(
    labels: Collection[Label],
    library: Library,
    models: Models,
    settings: Settings,
    seed: int,
    on_progress: OnProgress,
) -> Evaluation:
    """How well the library finds what its own readers said answers their questions.

    Args:
        labels: their judgements.
        library: holds the contracts; nothing is indexed again.
        models: what is measured.
        settings: limits of the search.
        seed: of the resampling.
        on_progress: told the step, how many questions are done and how many there are.

    Raises:
        InvalidSettings: no passage was said to answer anything.
        StoreUnavailable: the dense leg cannot be searched.
    """
    contracts = library.catalogue.contracts()
    questions = as_question_set(own_questions(labels), contracts)
    if not questions.questions:
        raise InvalidSettings(
            "The judgements",
            "hold no passage of this library that answers a question.",
            "Give thumbs up to passages that do; then there is something to measure.",
        )
    ids = {contract.contract_id: contract.contract_id for contract in contracts}
    return measure(questions, library, models, settings, seed, on_progress, ids)


def as_question_set(asked: Iterable[OwnQuestion], contracts: Iterable[Contract]) -> QuestionSet:
    """Questions that have a right passage, whose files are named by contract id; notes count the others."""
    titles = {contract.contract_id: contract.profile.title for contract in contracts}
    questions: list[LabelledQuestion] = []
    unanswered = gone = 0
    for number, one in enumerate(asked, start=1):
        right = [Quoted(label.contract_id, label.text) for label in one.right if label.contract_id in titles]
        scope = tuple(contract_id for contract_id in one.scope if contract_id in titles)
        if not one.right:
            unanswered += 1
        elif not right or (one.scope and not scope):
            gone += 1
        else:
            first, *others = right
            same = tuple(other.words for other in others if other.file == first.file)
            questions.append(
                LabelledQuestion(
                    f"own{number:04}",
                    one.question,
                    titles[first.file],
                    scope,
                    first.file,
                    (first.words, *same),
                    also=tuple(other for other in others if other.file != first.file),
                )
            )
    return QuestionSet(NAME, (), tuple(questions), tuple(_notes(len(questions), unanswered, gone)))


def _notes(asked: int, unanswered: int, gone: int) -> Iterable[str]:
    if asked < FEW:
        yield f"Only {asked} measured: with fewer than {FEW} questions these figures say little."
    yield "A passage that nobody judged counts as one that does not answer, though it may."
    if unanswered:
        yield (
            f"Questions of which only passages that do not answer were judged: {unanswered}. They are left out: that"
            " these do not answer says nothing of the others."
        )
    if gone:
        yield f"Questions whose contracts are no longer in the library: {gone}."
