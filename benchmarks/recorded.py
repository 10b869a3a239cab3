"""Runs on disk, and how this one differs from the last of the same machine and data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from benchmarks.machine import ROOT
from benchmarks.records import Figure, Run

RECORDED = ROOT / "benchmarks" / "results"
LATEST = ROOT / "build" / "benchmarks"
_RUNS: TypeAdapter[Run] = TypeAdapter(Run)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of this run beside the same of an earlier one; ``ratio`` above 1 is better than before, and
    ``load`` is the machine's at the start of the earlier one.
    """

    figure: Figure
    before: float
    started: str
    load: float

    @property
    def ratio(self) -> float:
        """How many times better the figure is now."""
        now, before = max(self.figure.value, 1e-12), max(self.before, 1e-12)
        return before / now if self.figure.better == "lower" else now / before

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or, within the noise, empty."""
        if self.ratio > 1 + self.figure.noise:
            return "better"
        return "worse" if self.ratio < 1 / (1 + self.figure.noise) else ""


def write(run: Run, folder: Path) -> Path:
    """Write a run as JSON into ``folder``, under the machine's and the time's name."""
    folder.mkdir(parents=True, exist_ok=True)
    words = re.sub(r"\(\w+\)|[^A-Za-z0-9]+", " ", run.machine.processor).lower().split()
    best = run.machine.features[-1:] or ("plain",)
    name = "-".join([*words[:6], f"{run.machine.cores}-cores", *best, re.sub(r"[^0-9]", "", run.started)])
    path = folder / f"{name}.json"
    path.write_bytes(_RUNS.dump_json(run, indent=1) + b"\n")
    return path


def read(path: Path) -> Run:
    """The run in a file.

    Raises:
        ValidationError: the file holds none.
    """
    return _RUNS.validate_json(path.read_bytes())


def earlier_runs() -> list[Run]:
    """Every run on disk, recorded ones and those of this checkout, newest first."""
    files = [*RECORDED.glob("*.json"), *LATEST.glob("*.json")]
    return sorted(map(read, files), key=lambda run: run.started, reverse=True)


def changes(run: Run, earlier: Sequence[Run]) -> tuple[Change, ...]:
    """The figures of ``run`` that an earlier one of the same machine, data and length has too.

    Each is compared with the newest that has it; ``earlier`` is sorted newest first.
    """
    alike = [one for one in earlier if _alike(one, run)]
    found = []
    for figure in run.figures:
        for one in alike:
            before = next((other.value for other in one.figures if other.name == figure.name), None)
            if before is not None:
                found.append(Change(figure, before, one.started, one.load[0]))
                break
    return tuple(found)


def _alike(one: Run, other: Run) -> bool:
    return (one.machine, one.origin, one.contracts, one.quick) == (
        other.machine,
        other.origin,
        other.contracts,
        other.quick,
    )
