"""A bounded line in front of the cross-encoder: one question at a time, the others see their place."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import ProvisoError

LONGEST_LINE = 50
LOOK_SECONDS = 0.25


class LineFull(ProvisoError):
    """Too many questions are waiting already."""


class WaitingLine:
    """First come, first served; safe to share between threads.

    Args:
        longest: how many may wait at once.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._tickets: list[object] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, on_place: Callable[[int], None] = lambda _: None) -> Iterator[None]:
        """Wait for one's turn and hold it while the context lasts.

        Args:
            on_place: told how many are still ahead, now and then while waiting. It may raise to leave.

        Raises:
            LineFull: too many are waiting.
        """
        ticket = object()
        with self._changed:
            if len(self._tickets) > self._longest:
                raise LineFull(
                    "Proviso",
                    f"{len(self._tickets)} questions are waiting already.",
                    "Ask again in a minute.",
                )
            self._tickets.append(ticket)
        try:
            self._wait(ticket, on_place)
            yield
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, on_place: Callable[[int], None]) -> None:
        while True:
            with self._changed:
                ahead = self._tickets.index(ticket)
                if ahead == 0:
                    return
            on_place(ahead)
            with self._changed:
                self._changed.wait(LOOK_SECONDS)
