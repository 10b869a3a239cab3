"""A rewrite that goes on in the background while a page is drawn again and again."""

import threading
from collections.abc import Callable

from core.conversation.records import StandAlone
from core.errors import ProvisoError


class Rewriting:
    """One follow-up being rewritten, in a thread that does not keep the process alive.

    Args:
        work: gives the rewritten follow-up; it may take as long as the model service.
    """

    def __init__(self, work: Callable[[], StandAlone]) -> None:
        self._work = work
        self._done = threading.Event()
        self._result: StandAlone | None = None
        self._failure: Exception | None = None
        threading.Thread(target=self._run, name="rewriting", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; True when it has ended."""
        return self._done.wait(seconds)

    def result(self) -> StandAlone:
        """What came of it, once ``wait`` says that it has ended.

        Raises:
            ProvisoError: what the user must be told; any other failure is a fault in Proviso.
        """
        if self._result is None:
            raise self._failure or ProvisoError("The follow-up", "is still being rewritten.", "Wait.")
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._work()
        except Exception as failure:
            self._failure = failure
        finally:
            self._done.set()
