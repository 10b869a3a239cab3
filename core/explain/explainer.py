"""Explanations through the waiting line: they take the cross-encoder in turn with the questions of others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.explain.occlusion import Explanation, explain
from core.explain.silence import SilenceShelf, silence_report
from core.explain.silence_records import SilenceReport
from core.models import Encoder, Scorer
from core.records import Chunk, Finding
from core.search import Phase, Report, Standing
from core.waiting_line import WaitingLine


@dataclass(frozen=True)
class Explainer:
    """Everything that explaining a decision needs; safe to share between threads.

    Args:
        encoder, scorer: give the models, waiting for them where they are still being loaded.
        shelf: gives the library as it is now.
        line: in which whoever wants the cross-encoder waits.
        encoder_name, reranker_name: as reports name them.
    """

    encoder: Callable[[], Encoder]
    scorer: Callable[[], Scorer]
    shelf: Callable[[], SilenceShelf]
    line: WaitingLine
    encoder_name: str
    reranker_name: str

    def why(
        self,
        question: str,
        chunk: Chunk,
        report: Report = lambda _: None,
        similarity: float | None = None,
    ) -> Explanation:
        """Why ``chunk``, of this similarity to the question, scored what it did, see ``core.explain.occlusion``.

        Raises:
            LineFull: too many are waiting.
            ModelUnavailable: the cross-encoder cannot be loaded.
        """
        report(Standing(Phase.LOADING))
        scorer = self.scorer()
        with self._turn(report):
            report(Standing(Phase.EXPLAIN))
            return explain(
                question,
                chunk,
                scorer,
                lambda done, of: report(Standing(Phase.EXPLAIN, done=done, of=of)),
                similarity,
            )

    def silence(self, finding: Finding, report: Report = lambda _: None) -> SilenceReport:
        """What every contract in scope says at most, see ``core.explain.silence``.

        Raises:
            LineFull: too many are waiting.
            ModelUnavailable: a model cannot be loaded.
            StoreUnavailable: the dense leg cannot be searched.
        """
        report(Standing(Phase.LOADING))
        encoder, scorer = self.encoder(), self.scorer()
        return silence_report(
            finding,
            self.shelf(),
            encoder,
            scorer,
            (self.encoder_name, self.reranker_name),
            turn=lambda: self._turn(report),
            on_contract=lambda done, of: report(Standing(Phase.EXPLAIN, done=done, of=of)),
        )

    @contextmanager
    def _turn(self, report: Report) -> Iterator[None]:
        with self.line.turn(lambda ahead: report(Standing(Phase.WAITING, ahead=ahead))):
            yield
