"""What a benchmark is given and what it gives back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.settings import Settings

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Material:
    """The data of one run, the same for every benchmark.

    Attributes:
        origin: what the contracts are, in words for the report.
        contracts: PDF files. Those of the sample corpus where the annotated contracts are absent.
        questions: questions that people ask of such contracts, in a mixed and fixed order.
        settings: of a library (``settings.directory``) that holds ``contracts``, indexed; a benchmark may open
            it with ``ingest.open_library`` and adds nothing to it.
        folder: an empty folder of this benchmark's own, removed after the run.
        quick: True when a short look is wanted: fewer repetitions, the small sizes only.
    """

    origin: str
    contracts: tuple[Path, ...]
    questions: tuple[str, ...]
    settings: Settings
    folder: Path
    quick: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is compared with the last recorded run.

    Attributes:
        name: tells it apart from every other figure of every benchmark, such as ``bm25/query/100000``.
        value: what was measured, a median where it was repeated.
        unit: ``s``, ``ms``, ``MB``, ``x`` for a ratio, and so on.
        better: whether a smaller or a greater value is good.
        noise: changes up to this share (0.25 is a quarter) mean nothing on a shared machine.
    """

    name: str
    value: float
    unit: str
    better: Literal["lower", "higher"] = "lower"
    noise: float = 0.25


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report; ``rows`` hold a value for each of ``columns``, None where there is none.

    Raises:
        ValueError: a row is longer or shorter than the columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: {len(row)} values for {len(self.columns)} columns: {row}.")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures were measured on; ``features`` are the processor's that the models' arithmetic uses."""

    processor: str
    features: tuple[str, ...]
    cores: int
    memory_gb: float
    system: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of ``make bench``: sections by benchmark, and what they depend on.

    ``started`` is UTC in ISO 8601; ``load`` is the mean number of running processes before and after; ``failed``
    gives the error of each benchmark that ended with one.
    """

    started: str
    commit: str
    machine: Machine
    origin: str
    contracts: int
    quick: bool
    load: tuple[float, float]
    versions: dict[str, str]
    sections: dict[str, tuple[Section, ...]]
    failed: dict[str, str]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of all sections."""
        return tuple(
            figure for several in self.sections.values() for section in several for figure in section.figures
        )
