"""Work in a thread that ends when nobody waits for it any more, or when its time is over."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Request

from api.problems import TooSlow
from core.search import Cancelled

Result = TypeVar("Result")
LOOK_SECONDS: Final = 0.5


async def watched(
    request: Request,
    work: Callable[[Callable[[], None]], Result],
    seconds: float,
    limiter: anyio.CapacityLimiter,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """The result of ``work``, done in a thread.

    Args:
        request: whose caller waits for it.
        work: given a check to call at every step, which raises to give up.
        seconds: how long it may take.
        limiter: how many threads there may be.
        clock: seconds that only rise.

    Raises:
        Cancelled: the caller has gone.
        TooSlow: it took longer than ``seconds``.
        Whatever ``work`` raises.
    """
    gone = threading.Event()
    end = clock() + seconds

    def check() -> None:
        if gone.is_set():
            raise Cancelled
        if clock() > end:
            raise TooSlow(
                "This question",
                f"took longer than {seconds:g} seconds.",
                "Ask again, or ask of fewer contracts.",
            )

    async def look() -> None:
        while not await request.is_disconnected():
            await anyio.sleep(LOOK_SECONDS)
        gone.set()

    results: list[Result] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(work(check))
        except Exception as error:
            failures.append(error)

    # A failure is carried out by hand: raised in here it would come out inside a group of exceptions.
    async with anyio.create_task_group() as group:
        group.start_soon(look)
        await run_sync(run, limiter=limiter)
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return results[0]
