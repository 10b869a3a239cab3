"""One thread that fills reviews, one after the other, whoever looks on; a page only asks how far it is."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from core.errors import ProvisoError

logger = logging.getLogger(__name__)
Work = Callable[[Callable[[], bool]], None]
"""Fills one review; it is given a question to ask again and again: has it been cancelled?"""


class ReviewFault(ProvisoError):
    """A fault in Proviso kept a review from going on."""


@dataclass
class _Order:
    review_id: str
    work: Work
    cancelled: threading.Event = field(default_factory=threading.Event)


class ReviewWorker:
    """Takes orders to fill reviews; safe to share between threads.

    The thread is started by the first order and does not keep the process alive: every finished cell is kept,
    so what is lost with the process is one cell.
    """

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._failures: dict[str, ProvisoError] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self, review_id: str, work: Work) -> None:
        """Fill this review after those that were ordered before; nothing happens when it is ordered already."""
        with self._changed:
            self._failures.pop(review_id, None)
            if any(one.review_id == review_id and not one.cancelled.is_set() for one in self._orders):
                return
            self._orders.append(_Order(review_id, work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reviews", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def cancel(self, review_id: str) -> None:
        """Stop filling this review; the cell in hand is given up, finished ones stay."""
        with self._changed:
            for order in self._orders:
                if order.review_id == review_id:
                    order.cancelled.set()

    def ahead(self, review_id: str) -> int | None:
        """0 for the review at work, the number of reviews before it, or None when it is not being filled."""
        with self._changed:
            waiting = [one.review_id for one in self._orders if not one.cancelled.is_set()]
        return waiting.index(review_id) if review_id in waiting else None

    def failure(self, review_id: str) -> ProvisoError | None:
        """Why this review stopped before its end, until it is started again."""
        with self._changed:
            return self._failures.get(review_id)

    def wait(self) -> None:
        """Return when nothing is being filled any more."""
        with self._changed:
            self._changed.wait_for(lambda: not self._orders)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._orders)
                order = self._orders[0]
            failure = _work_off(order)
            with self._changed:
                self._orders.remove(order)
                if failure is not None:
                    self._failures[order.review_id] = failure
                self._changed.notify_all()


def _work_off(order: _Order) -> ProvisoError | None:
    try:
        if not order.cancelled.is_set():
            order.work(order.cancelled.is_set)
    except ProvisoError as error:
        logger.warning("Review %s stopped. %s", order.review_id, error)
        return error
    except Exception:
        # Whoever looks on must learn of it, and the next review must have its turn.
        logger.exception("Review %s stopped.", order.review_id)
        return ReviewFault(
            "The review", "stopped because of a fault in Proviso.", "See its log, and resume it."
        )
    return None
