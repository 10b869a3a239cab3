"""Reading from something that may block for ever, and still keeping a deadline."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


class Deadline:
    """A point in time shared by the thread that works and the one that waits for it.

    Args:
        seconds: from now until the deadline.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._given_up = threading.Event()
        self._release: Callable[[], None] | None = None

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """True once the time is up or nobody wants the result any more."""
        return self._given_up.is_set() or not self.remaining

    def sleep(self, seconds: float) -> None:
        """Wait, but not after the waiting thread has given up."""
        self._given_up.wait(seconds)

    def when_given_up(self, release: Callable[[], None]) -> None:
        """Have ``release`` called, from the waiting thread, to wake the working one where it blocks."""
        self._release = release
        if self._given_up.is_set():
            release()

    def give_up(self) -> None:
        """Tell the working thread to stop."""
        self._given_up.set()
        if self._release is not None:
            self._release()


def read_until(
    deadline: Deadline, produce: Callable[[], Iterator[Item]], explain: Callable[[Exception], Exception]
) -> Iterator[Item]:
    """The items of ``produce()``, made on a thread of its own, until they end or the deadline passes.

    Args:
        deadline: ``produce`` should look at ``over`` between items; it is given up when this iterator closes.
        produce: makes the items and may block anywhere.
        explain: turns what ``produce`` raised, or a ``TimeoutError`` when the deadline passed, into the
            exception to raise here. It has no cause and no context: nothing of the original is in it.
    """
    inbox: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()

    def work() -> None:
        end = _End(None)
        try:
            for item in produce():
                inbox.put(item)
        # Whatever it is, the waiting thread must hear of it.
        except Exception as error:
            end = _End(explain(error))
        inbox.put(end)

    threading.Thread(target=work, name="proviso-read-until", daemon=True).start()
    try:
        while True:
            item = _next(inbox, deadline)
            if not isinstance(item, _End):
                yield item
                continue
            if item.timed_out:
                raise explain(TimeoutError())
            if item.failure is not None:
                raise item.failure
            return
    finally:
        deadline.give_up()


class _End:
    def __init__(self, failure: Exception | None, *, timed_out: bool = False) -> None:
        self.failure = failure
        self.timed_out = timed_out


def _next(inbox: "queue.SimpleQueue[Item | _End]", deadline: Deadline) -> Item | _End:
    try:
        return inbox.get(timeout=deadline.remaining)
    except queue.Empty:
        return _End(None, timed_out=True)
