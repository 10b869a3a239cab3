"""Answers that are written in the background: whoever looks sees how far one has come, nobody asks twice."""

import threading
import time
from collections.abc import Callable

from core.errors import ProvisoError
from core.records import Answer, Evidence
from core.stage3_answer import Answerer, answer, stopped_answer

MOST_AT_ONCE = 32


class TooManyAnswers(ProvisoError):
    """As many answers as are allowed are being written already."""


class _Stopped(Exception):
    """Nobody wants the rest."""


class Writing:
    """One answer on its way, made by ``Writers.start``; any thread may look at it, wait for it or stop it."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._begin = time.monotonic()
        self._pieces: list[str] = []
        self._answer: Answer | None = None
        self._failure: Exception | None = None
        self._stopped = threading.Event()
        self._done = threading.Event()
        self._lock = threading.Lock()

    @property
    def text(self) -> str:
        """What has been written so far."""
        return "".join(self._pieces)

    @property
    def seconds(self) -> float:
        """Since when it is on its way."""
        return time.monotonic() - self._begin

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; True when the answer is there or has failed."""
        return self._done.wait(seconds)

    def stop(self) -> None:
        """Have the answer end here, incomplete. The service is hung up on when it next says something, at the
        latest at its deadline.
        """
        self._stopped.set()
        self._settle(stopped_answer(self.text, self._evidence, self.seconds), None)

    def result(self) -> Answer:
        """The answer, once ``wait`` says that it is there.

        Raises:
            Whatever the answerer raised.
        """
        self._done.wait()
        if self._answer is None:
            assert self._failure is not None  # noqa: S101 - one of both is set before done
            raise self._failure
        return self._answer

    def run(self, answerer: Callable[[], Answerer]) -> None:
        """Have the answer written; returns when it is there."""
        try:
            self._settle(answer(self._evidence, answerer(), self._take), None)
        except Exception as error:
            # Whoever waits must learn of it; it is raised there.
            self._settle(None, error)

    def _take(self, piece: str) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._pieces.append(piece)

    def _settle(self, given: Answer | None, failure: Exception | None) -> None:
        with self._lock:
            if not self._done.is_set():
                self._answer, self._failure = given, failure
                self._done.set()


class Writers:
    """Writes answers on threads of their own, so many at once and no more; safe to share between threads.

    Args:
        most: an answer takes a thread and a connection until it is there, at most until its deadline.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._places = threading.BoundedSemaphore(most)

    def start(self, evidence: Evidence, answerer: Callable[[], Answerer]) -> Writing:
        """Begin to answer from ``evidence``.

        Args:
            evidence: the question and the passages.
            answerer: gives whoever writes; called on the new thread, where it may wait for a model.

        Raises:
            TooManyAnswers: try again later.
        """
        if not self._places.acquire(blocking=False):
            raise TooManyAnswers(
                "Proviso is busy",
                f"{self._most} answers are being written already.",
                "Try again in a minute.",
            )
        writing = Writing(evidence)

        def work() -> None:
            try:
                writing.run(answerer)
            finally:
                self._places.release()

        threading.Thread(target=work, name="proviso-answer", daemon=True).start()
        return writing
