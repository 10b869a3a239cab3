"""What a library costs as it grows: stage 1 in all its parts, changes, start, memory and disk.

    python -m benchmarks.growth --chunks 1000 --chunks 1000000

measures sizes of one's own; ``make bench`` takes those of ``SIZES``, which end where a run would take long.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.material import gather
from benchmarks.memory import disk_mb, resident_mb
from benchmarks.records import Figure, Material, Section, Value
from benchmarks.synthetic_chunks import SyntheticContract, read_source, synthetic_contracts
from core.models import load_encoder
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Tools
from core.records import Inquiry
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.open_library import open_library

SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (1_000,)
QUESTIONS = 21
CHANGES = 9
# The quickest of several times is taken: the others are a neighbour's work on the machine.
REPEATS = 5
TOGETHER = 50
# Of either embedded engine.
VECTOR_FOLDERS = ("qdrant", "vectors")
TIMES = (
    "chunks",
    "stage 1 ms",
    "in 1 contract ms",
    "in half of them ms",
    "dense ms",
    "BM25 ms",
    "fetch ms",
    "add ms",
    "delete ms",
    "start s",
)
PLACES = (
    "chunks",
    "contracts",
    "fill s",
    "memory MB",
    "mapped MB",
    "catalogue MB",
    "vectors MB",
    "BM25 MB",
)
NOTES = (
    f"stage 1: snapshot, both legs, fusion and the 100 candidates, without encoding the question; medians of"
    f" {QUESTIONS} real questions, each the quickest of {REPEATS} times. dense, BM25, fetch: parts of it.",
    "add, delete: publishing and deleting one contract, waiting for the disk included. start: opening the library,"
    " both indexes compared with the catalogue.",
)
PLACE_NOTES = (
    "memory: of the whole process after the questions; mapped: files that the system may take back.",
)
Result = TypeVar("Result")
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Asked:
    """Median milliseconds of stage 1 and of its parts."""

    stage1: float
    one_contract: float
    half: float
    dense: float
    bm25: float
    fetch: float


@dataclass(frozen=True, slots=True)
class Grown:
    """A library of one size: seconds to fill and to open, milliseconds of a change, megabytes."""

    chunks: int
    contracts: int
    fill: float
    start: float
    asked: Asked
    add: float
    delete: float
    memory: float | None
    mapped: float | None
    catalogue: float
    vectors: float
    bm25: float

    @property
    def times(self) -> tuple[Value, ...]:
        """A row of ``TIMES``."""
        return (self.chunks, *astuple(self.asked), self.add, self.delete, self.start)

    @property
    def places(self) -> tuple[Value, ...]:
        """A row of ``PLACES``."""
        on_disk = (self.catalogue, self.vectors, self.bm25)
        return (self.chunks, self.contracts, self.fill, self.memory, self.mapped, *on_disk)


class KnownVector:
    """An encoder that has the question's vector already: stage 1 is measured, not the encoder."""

    def __init__(self, vector: Vectors) -> None:
        self._vector = vector

    def encode(self, texts: Sequence[str]) -> Vectors:  # noqa: ARG002
        """The one vector."""
        return self._vector[None, :]


def sections(material: Material) -> tuple[Section, ...]:
    """The curve of ``SIZES``."""
    sizes = QUICK_SIZES if material.quick else SIZES
    return curve(material, sizes)


def curve(material: Material, sizes: Sequence[int]) -> tuple[Section, ...]:
    """Libraries of ``sizes``, recombined from the material's and removed once they are measured."""
    settings, questions = material.settings, tuple(material.questions[:QUESTIONS])
    vectors = load_encoder(settings.encoder, settings).encode(questions)
    grown = []
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=material.folder) as folder:
            chosen = settings.model_copy(update={"data_dir": Path(folder)})
            # Filling and asking in processes of their own: what filling leaves in memory is not the library's.
            fill = _alone(fill_library, settings, chosen, size)
            grown.append(_alone(measure, chosen, settings, size, fill, questions, vectors))
    figures = tuple(figure for one in grown for figure in _figures(one))
    return (
        Section("Growth: time", TIMES, tuple(one.times for one in grown), figures, NOTES),
        Section("Growth: memory and disk", PLACES, tuple(one.places for one in grown), (), PLACE_NOTES),
    )


def fill_library(real: Settings, chosen: Settings, size: int) -> float:
    """Seconds to add ``size`` chunks to the new library of ``chosen``, by the path that every contract takes."""
    source = read_source(real)
    contracts = synthetic_contracts(source, size)
    taken = 0.0
    with open_library(chosen, "the benchmark") as library:
        # Transactions of many contracts: their making is not measured, and waiting for the disk is not the point.
        while some := list(islice(contracts, TOGETHER)):
            begin = time.perf_counter()
            with library.catalogue.database.transaction():
                for one in some:
                    _add(library, one)
            library.merge_keywords()
            taken += time.perf_counter() - begin
        _, saving = _timed(library.save_keywords)
    return taken + saving


def measure(
    chosen: Settings, real: Settings, size: int, fill: float, questions: Sequence[str], vectors: Vectors
) -> Grown:
    """Open the library of ``chosen`` and ask it, then change it."""
    opened = open_library(chosen, "the benchmark")
    library, start = _timed(opened.__enter__)
    try:
        asked = _ask(library, questions, vectors)
        memory, mapped = resident_mb("RssAnon"), resident_mb("RssFile")
        directory = chosen.directory
        sizes = (
            sum(path.stat().st_size for path in directory.glob("catalogue.*")) / 1e6,
            sum(disk_mb(directory / name) for name in VECTOR_FOLDERS),
            disk_mb(directory / "bm25"),
        )
        contracts = len(library.snapshot().titles)
        add, delete = _change(library, real)
    finally:
        opened.__exit__(None, None, None)
    return Grown(size, contracts, fill, start, asked, add, delete, memory, mapped, *sizes)


def _ask(library: Library, questions: Sequence[str], vectors: Vectors) -> Asked:
    contracts = sorted(library.snapshot().titles)
    scopes = ((), contracts[:1], contracts[::2])

    def timed(scope: Sequence[str]) -> float:
        return _median(
            lambda number: retrieve(
                Inquiry(questions[number], tuple(scope)),
                default_recipe(),
                Tools(library.snapshot(), KnownVector(vectors[number]), 100),
            ),
            len(questions),
        )

    shelf = library.snapshot()
    ids = [hit.chunk_id for hit in shelf.dense("", KnownVector(vectors[0]), 100, None)]
    everything, one_contract, half = (timed(scope) for scope in scopes)
    return Asked(
        everything,
        one_contract,
        half,
        _median(lambda number: shelf.dense("", KnownVector(vectors[number]), 100, None), len(questions)),
        _median(lambda number: shelf.bm25(tokenize(questions[number]), 100, None), len(questions)),
        _median(lambda _: shelf.chunks(ids), len(questions)),
    )


def _change(library: Library, real: Settings) -> tuple[float, float]:
    new = list(islice(synthetic_contracts(read_source(real), 1_000_000_000, start=200_000), CHANGES))
    adding = [_timed(lambda one=one: _add(library, one))[1] for one in new]  # type: ignore[misc]
    deleting = [_timed(lambda one=one: library.delete(one.contract.contract_id))[1] for one in new]  # type: ignore[misc]
    return 1000 * statistics.median(adding), 1000 * statistics.median(deleting)


def _add(library: Library, one: SyntheticContract) -> None:
    library.add(one.contract, one.profile, one.chunks, one.vectors)


def _median(ask: Callable[[int], object], number: int) -> float:
    ask(0)
    taken = [
        min(_timed(lambda one=one: ask(one))[1] for _ in range(REPEATS))  # type: ignore[misc]
        for one in range(number)
    ]
    return 1000 * statistics.median(taken)


def _alone(work: Callable[..., Result], *arguments: object) -> Result:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


def _figures(one: Grown) -> list[Figure]:
    return [
        Figure(f"growth/stage 1/{one.chunks}", one.asked.stage1, "ms"),
        Figure(f"growth/stage 1 in one contract/{one.chunks}", one.asked.one_contract, "ms"),
        Figure(f"growth/start/{one.chunks}", one.start, "s"),
        Figure(f"growth/add/{one.chunks}", one.add, "ms", noise=0.5),
        Figure(f"growth/delete/{one.chunks}", one.delete, "ms", noise=0.5),
        Figure(f"growth/memory/{one.chunks}", one.memory or 0.0, "MB"),
        Figure(f"growth/disk/{one.chunks}", one.catalogue + one.vectors + one.bm25, "MB"),
    ]


def main(
    chunks: Annotated[list[int] | None, typer.Option(help="A size; may be given several times.")] = None,
) -> None:
    """Print the curve of the sizes given, on the data that ``make bench`` takes."""
    from benchmarks.run import show

    with tempfile.TemporaryDirectory(prefix="proviso-growth-") as folder:
        material = gather(Path(folder), quick=False)
        for section in curve(material, chunks or SIZES):
            show(section)


if __name__ == "__main__":
    typer.run(main)
