"""A bounded line in front of the cross-encoder: few questions are worked on at once, the others see their place."""

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
        longest: how many may wait at once, besides those at work.
        at_once: how many are worked on together. The cross-encoder uses every core for one question, so more
            than one only makes sense where it runs elsewhere.
    """

    def __init__(self, longest: int = LONGEST_LINE, at_once: int = 1) -> None:
        if longest < 0 or at_once < 1:
            raise ValueError(f"A line holds 0 or more and serves 1 or more, not {longest} and {at_once}.")
        self._longest = longest
        self._at_once = at_once
        # Whoever works comes first, then those who wait, the patient ones last.
        self._tickets: list[_Ticket] = []
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """How many are waiting now, those at work not counted."""
        with self._changed:
            return max(0, len(self._tickets) - self._at_once)

    @contextmanager
    def turn(
        self, on_place: Callable[[int], None] = lambda _: None, *, patient: bool = False
    ) -> Iterator[None]:
        """Wait for one's turn and hold it while the context lasts.

        Args:
            on_place: told how many are still ahead, now and then while waiting. It may raise to leave.
            patient: lets everybody else go first, also those who come later, and is never turned away; for work
                that nobody sits in front of.

        Raises:
            LineFull: too many are waiting.
        """
        ticket = _Ticket(patient)
        with self._changed:
            waiting = sum(not one.patient for one in self._tickets) - self._at_once
            if waiting >= self._longest and not patient:
                raise LineFull(
                    "Proviso is busy",
                    f"{waiting} questions are waiting already, and no more may wait.",
                    "Ask again in a minute.",
                )
            self._tickets.insert(self._place(ticket), ticket)
        try:
            self._wait(ticket, on_place)
            yield
        finally:
            with self._changed:
                self._tickets.remove(ticket)
                self._changed.notify_all()

    def _place(self, ticket: "_Ticket") -> int:
        standing = len(self._tickets)
        if ticket.patient:
            return standing
        waiting = range(min(self._at_once, standing), standing)
        return next((place for place in waiting if self._tickets[place].patient), standing)

    def _wait(self, ticket: "_Ticket", on_place: Callable[[int], None]) -> None:
        while True:
            with self._changed:
                ahead = self._tickets.index(ticket) - self._at_once + 1
            if ahead <= 0:
                return
            on_place(ahead)
            with self._changed:
                # Whoever left while on_place was told has notified nobody: look before going to sleep.
                if self._tickets.index(ticket) - self._at_once + 1 == ahead:
                    self._changed.wait(LOOK_SECONDS)


class _Ticket:
    """One place in the line; two are never equal."""

    def __init__(self, patient: bool) -> None:
        self.patient = patient
