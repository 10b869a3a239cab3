"""What a session remembers of the doubts about its answers: explanations, reports, and other answers."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from core.background_answer import Writing
from core.errors import ProvisoError
from core.explain.occlusion import Explanation
from core.explain.silence_records import SilenceReport
from core.records import Answer, Finding
from core.search import Search

# An explanation is a few kilobytes.
MOST_EXPLANATIONS = 60
# A finding is about 0.3 MB, and a comparison holds several.
MOST_COMPARED = 4


class Panel(StrEnum):
    """What is open below an answer."""

    WHAT_IF = "what if"
    SILENCE = "silence"
    RUN_WITH = "run with"
    WORDINGS = "wordings"


@dataclass(frozen=True)
class WhatIf:
    """The same question answered from the passages that a reader chose; the override is on the finding."""

    finding: Finding
    answer: Answer | None = None
    failure: ProvisoError | None = None
    decision_id: str = ""


@dataclass(frozen=True)
class Ran:
    """What came of one other pipeline: a finding with the id of its record, or why there is none."""

    finding: Finding | None = None
    decision_id: str = ""
    failure: ProvisoError | None = None


@dataclass
class RunWith:
    """The other pipelines that a reader chose for a question, what came of them by name, and the one at work."""

    wanted: tuple[str, ...]
    done: dict[str, Ran] = field(default_factory=dict)
    search: Search[Ran] | None = None

    @property
    def next(self) -> str:
        """The name of the pipeline that is still to run, empty when all have."""
        return next((name for name in self.wanted if name not in self.done), "")

    def cancel(self) -> None:
        """Give up the one at work and those after it; what the others found stays."""
        if self.search is not None:
            self.search.cancel()
        self.search = None
        self.wanted = tuple(name for name in self.wanted if name in self.done)


@dataclass
class Explained:
    """By number of the turn: the open panel, the other answer, and what each contract says at most; by question,
    chunk and model: why a passage scored what it did. ``silences`` and ``whys`` are under way, ``runs`` are the
    other pipelines of a turn.
    """

    panels: dict[int, Panel] = field(default_factory=dict)
    what_ifs: dict[int, WhatIf] = field(default_factory=dict)
    writings: dict[int, Writing] = field(default_factory=dict)
    reports: dict[int, SilenceReport | ProvisoError] = field(default_factory=dict)
    silences: dict[int, Search[SilenceReport]] = field(default_factory=dict)
    known: dict[tuple[str, str, str], Explanation] = field(default_factory=dict)
    whys: dict[tuple[str, str, str], Search[Explanation]] = field(default_factory=dict)
    runs: dict[int, RunWith] = field(default_factory=dict)

    def toggle(self, number: int, panel: Panel) -> None:
        """Open a panel of a turn in the place of the other, or close it."""
        if self.panels.get(number) is panel:
            del self.panels[number]
        else:
            self.panels[number] = panel

    def explained(self, key: tuple[str, str, str], explanation: Explanation) -> None:
        """Remember an explanation; the oldest is forgotten when there are too many."""
        self.known[key] = explanation
        while len(self.known) > MOST_EXPLANATIONS:
            del self.known[next(iter(self.known))]

    def run_with(self, number: int, wanted: tuple[str, ...]) -> None:
        """Have other pipelines run for a turn; what is there of them already is not run again."""
        before = self.runs.pop(number, None)
        known = {} if before is None else {name: before.done[name] for name in wanted if name in before.done}
        if before is not None:
            before.cancel()
        self.runs[number] = RunWith(
            wanted, {name: ran for name, ran in known.items() if ran.finding is not None}
        )
        while len(self.runs) > MOST_COMPARED:
            self.runs.pop(next(iter(self.runs))).cancel()

    def cancel_silence(self, number: int) -> None:
        """Give up the report that is being made."""
        if number in self.silences:
            self.silences.pop(number).cancel()

    def forget_others(self, numbers: Collection[int]) -> None:
        """Forget everything about turns that the session has forgotten."""
        for memory in (self.panels, self.what_ifs, self.writings, self.reports, self.silences, self.runs):
            for number in [number for number in memory if number not in numbers]:
                del memory[number]
