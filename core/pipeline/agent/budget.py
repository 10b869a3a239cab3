"""What a loop may spend: steps, seconds and tokens, and whether the reader wants more."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from core.pipeline.tools import Tools

STOPPED: Final = "You stopped the search; what had been found by then was judged."


@dataclass
class Budget:
    """Counts what is spent.

    Args:
        steps: actions that may be taken.
        seconds: wall-clock time after which no action is begun.
        tokens: sent to and received from the model service, after which it is asked no more.
        tools: tells the reader every step, and whether the reader has seen enough.
        clock: seconds that only rise.
    """

    steps: int
    seconds: float
    tokens: int
    tools: Tools
    clock: Callable[[], float] = time.monotonic
    taken: int = 0
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begin = self.clock()

    def take(self, words: str) -> bool:
        """Begin a step that ``words`` tell the reader; False, with a note, where no more may be spent."""
        if not self.may_go_on():
            return False
        self.taken += 1
        self.tools.on_step(f"Step {self.taken}: {words}")
        return True

    def may_go_on(self) -> bool:
        """Whether another step may be begun; where not, a note says why."""
        reason = self._spent()
        if reason:
            self.note(reason)
        return not reason

    def note(self, sentence: str) -> None:
        """Keep a sentence for the reader, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    @property
    def remaining_seconds(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.seconds - (self.clock() - self._begin))

    def _spent(self) -> str:
        if self.tools.enough():
            return STOPPED
        if self.taken >= self.steps:
            return f"The search ended at its limit of {self.steps} steps."
        if not self.remaining_seconds:
            return f"The search ended at its limit of {self.seconds:g} seconds."
        if self.tools.account.tokens >= self.tokens:
            return f"The search ended at its limit of {self.tokens:,} tokens."
        return ""
