"""Several files under way at once: while one is read, the one before is encoded and the one before that stored."""

import threading
from collections.abc import Callable, Generator
from enum import StrEnum
from queue import Queue
from types import TracebackType

# Files that wait before a stage: enough that no stage waits for the one before, few enough to fit in memory.
AHEAD = 2


class Stage(StrEnum):
    """Where the next part of a file's way into the library is done; its first part is done by the caller."""

    ENCODING = "encoding"
    STORING = "storing"


Work = Generator[Stage, None, None]
"""One file's way into the library, cut where the next stage begins; only one thread at a time goes on with it."""


class Abandoned(Exception):
    """The line stops, for a reason that is not this file's; the file stays in the queue."""


class AssemblyLine:
    """A thread for each stage, and little room between them, so that a fast stage waits for a slow one.

    Used as a context manager: leaving it waits until everything is done, and raises what stopped the line.

    Args:
        leave: called in each thread at its end, to let go of what it holds.
    """

    def __init__(self, leave: Callable[[], None] = lambda: None) -> None:
        self._leave = leave
        self._queues: dict[Stage, Queue[tuple[str, Work] | None]] = {stage: Queue(AHEAD) for stage in Stage}
        self._threads = [
            threading.Thread(target=self._run, args=(stage,), name=f"ingest {stage}", daemon=True)
            for stage in Stage
        ]
        self._changed = threading.Condition()
        self._under_way: set[str] = set()
        self._failure: BaseException | None = None

    def __enter__(self) -> "AssemblyLine":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._fail(error)
        for stage, thread in zip(Stage, self._threads, strict=True):
            self._queues[stage].put(None)
            thread.join()
        if error is None and self._failure is not None:
            raise self._failure

    @property
    def stopped(self) -> bool:
        """True when nothing more is to be begun; the reason is raised when the line is left."""
        return self._failure is not None

    def check(self) -> None:
        """To be called now and then by whatever is under way.

        Raises:
            Abandoned: the line stops.
        """
        if self.stopped:
            raise Abandoned

    def begin(self, name: str, work: Work) -> None:
        """Do the first part of ``work`` here and leave the rest to the stages.

        Waits while other work of the same name is under way, and while there is no room behind. What the first
        part raises stops the line, as it does in any stage.
        """
        with self._changed:
            self._changed.wait_for(lambda: name not in self._under_way)
            self._under_way.add(name)
        self._advance(name, work)

    def _run(self, stage: Stage) -> None:
        try:
            while (item := self._queues[stage].get()) is not None:
                self._advance(*item)
        finally:
            self._leave()

    def _advance(self, name: str, work: Work) -> None:
        following: Stage | None = None
        try:
            if self.stopped:
                work.close()
            else:
                following = next(work, None)
        except BaseException as error:
            # Whatever it is, the threads must go on to empty their queues, or the caller waits for ever.
            self._fail(error)
        finally:
            if following is None:
                with self._changed:
                    self._under_way.discard(name)
                    self._changed.notify_all()
        if following is not None:
            self._queues[following].put((name, work))

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            if self._failure is None:
                self._failure = error
