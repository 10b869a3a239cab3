"""What the recipe hierarchical costs against hybrid as a library grows: time of a question, memory, making its index.

    python -m benchmarks.hierarchy --contracts 100 --contracts 10000

Contracts are recombined from real chunks (``benchmarks.synthetic_chunks``), each cut to ``CHUNKS`` chunks in ``PARTS``
sections. Every contract has a party of its own, so that a question can name it.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from benchmarks.growth import KnownVector, Vectors, _alone, _timed
from benchmarks.material import gather
from benchmarks.memory import resident_mb
from benchmarks.records import Figure, Material, Section
from benchmarks.synthetic_chunks import Source, SyntheticContract, read_source, synthetic_contracts
from core.models import load_encoder
from core.pipeline.hierarchy.contract_index import contract_index
from core.pipeline.hierarchy.outline import OUTLINE
from core.pipeline.hierarchy.sections import SECTIONS
from core.pipeline.recipe_file import read_recipes
from core.pipeline.tools import Tools
from core.records import Inquiry, Profile
from core.settings import Settings
from core.stage1_retrieve import retrieve
from core.storage.library import Library
from ingest.derive import DERIVATIONS, derive_due
from ingest.index_contract import Tools as IngestTools
from ingest.open_library import open_library

SIZES = (100, 1_000)
QUICK_SIZES = (100,)
CHUNKS, PARTS = 24, 20
QUESTIONS = 11
REPEATS = 3
TOGETHER = 50
COLUMNS = (
    "contracts",
    "hybrid ms",
    "named ms",
    "named / hybrid",
    "unnamed ms",
    "unnamed / hybrid",
    "index s",
    "index MB",
    "derive ms a contract",
    "facts KB a contract",
)
NOTES = (
    f"{CHUNKS} chunks in {PARTS} sections a contract. Stage 1 without encoding the question: medians of {QUESTIONS}"
    f" real questions, each the quickest of {REPEATS} times. named: the question names one contract; unnamed: the 50"
    " nearest are searched. index: what is built from all outlines at the first question after a change.",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A library of one size: medians in milliseconds, the index of its outlines, and what deriving them takes."""

    contracts: int
    hybrid: float
    named: float
    unnamed: float
    index_seconds: float
    index_mb: float
    derive_ms: float
    facts_kb: float

    @property
    def row(self) -> tuple[float, ...]:
        """A row of ``COLUMNS``."""
        return (
            self.contracts,
            self.hybrid,
            self.named,
            self.named / self.hybrid,
            self.unnamed,
            self.unnamed / self.hybrid,
            self.index_seconds,
            self.index_mb,
            self.derive_ms,
            self.facts_kb,
        )


def sections(material: Material) -> tuple[Section, ...]:
    """The curve of ``SIZES``; ten thousand contracts take minutes to fill and are asked for by name."""
    return curve(material, QUICK_SIZES if material.quick else SIZES)


def curve(material: Material, sizes: Sequence[int]) -> tuple[Section, ...]:
    """Libraries of ``sizes`` contracts, removed once they are measured."""
    settings, questions = material.settings, tuple(material.questions[:QUESTIONS])
    vectors = load_encoder(settings.encoder, settings).encode(questions)
    measured: list[Measured] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=material.folder) as folder:
            chosen = settings.model_copy(update={"data_dir": Path(folder)})
            _alone(fill, settings, chosen, size)
            derive_ms = _alone(derive, chosen)
            measured.append(_alone(measure, chosen, questions, vectors, derive_ms))
    figures = tuple(figure for one in measured for figure in _figures(one))
    return (Section("Hierarchy", COLUMNS, tuple(one.row for one in measured), figures, NOTES),)


def fill(real: Settings, chosen: Settings, size: int) -> None:
    """Add ``size`` contracts to the new library of ``chosen``."""
    contracts = islice(_contracts(read_source(real)), size)
    with open_library(chosen, "the benchmark") as library:
        while some := list(islice(contracts, TOGETHER)):
            with library.catalogue.database.transaction():
                for one in some:
                    library.add(one.contract, one.profile, one.chunks, one.vectors)
            library.merge_keywords()
        library.save_keywords()


def derive(chosen: Settings) -> float:
    """Milliseconds a contract that deriving outlines and sections takes."""
    kinds = tuple(one for one in DERIVATIONS if one.kind in (OUTLINE, SECTIONS))
    tools = IngestTools.of(chosen, lambda: load_encoder(chosen.encoder, chosen), len)
    with open_library(chosen, "the benchmark") as library:
        made, seconds = _timed(lambda: derive_due(library, tools, derivations=kinds))
    return 1000 * seconds / (made / len(kinds))


def measure(chosen: Settings, questions: Sequence[str], vectors: Vectors, derive_ms: float) -> Measured:
    """Ask the library of ``chosen`` with both recipes."""
    with open_library(chosen, "the benchmark") as library:
        before = resident_mb() or 0.0
        index, seconds = _timed(lambda: contract_index(library.snapshot()))
        grown = (resident_mb() or 0.0) - before
        parties = [
            contract.profile.parties[0].removesuffix(" Limited")
            for contract in library.snapshot().contracts()
        ]
        some = parties[:: max(1, len(parties) // len(questions))]
        named = [
            f"In the {name} agreement: {question}" for name, question in zip(some, questions, strict=False)
        ]
        size = library.catalogue.database.connection.execute(
            "SELECT sum(length(body)) FROM derived"
        ).fetchone()[0]
        return Measured(
            len(index),
            _ask(library, "hybrid", named, vectors),
            _ask(library, "hierarchical", named, vectors),
            _ask(library, "hierarchical", questions, vectors),
            seconds,
            grown,
            derive_ms,
            size / 1000 / len(index),
        )


def _ask(library: Library, recipe: str, questions: Sequence[str], vectors: Vectors) -> float:
    """Median milliseconds of stage 1."""
    chosen = read_recipes()[recipe]

    def once(question: str, vector: Vectors) -> float:
        begin = time.perf_counter()
        retrieve(Inquiry(question), chosen, Tools(library.snapshot(), KnownVector(vector), 100))
        return time.perf_counter() - begin

    once(questions[0], vectors[0])
    pairs = zip(questions, vectors, strict=False)
    return 1000 * median(min(once(question, vector) for _ in range(REPEATS)) for question, vector in pairs)


def _contracts(source: Source) -> Iterator[SyntheticContract]:
    """Contracts of ``CHUNKS`` chunks under ``PARTS`` headings, each with a party that no other has."""
    sized = replace(source, sizes=(CHUNKS,))
    for one in synthetic_contracts(sized, 1_000_000_000):
        name = one.profile.title.removeprefix("Agreement of ")
        chunks = tuple(
            replace(chunk, heading_path=(f"{place} {' '.join(chunk.text.split()[:3])}",))
            for chunk in one.chunks
            for place in (chunk.ordinal * PARTS // CHUNKS + 1,)
        )
        headings = {chunk.heading_path[0].split()[0]: chunk.heading_path for chunk in reversed(chunks)}
        chunks = tuple(
            replace(chunk, heading_path=headings[chunk.heading_path[0].split()[0]]) for chunk in chunks
        )
        profile = Profile("Services Agreement", (f"{name} Limited",), "2020-01-01", "Delaware", "Services")
        yield replace(one, chunks=chunks, profile=profile)


def _figures(one: Measured) -> Iterator[Figure]:
    yield Figure(f"hierarchy/named to hybrid/{one.contracts}", one.named / one.hybrid, "x", noise=0.5)
    yield Figure(f"hierarchy/unnamed to hybrid/{one.contracts}", one.unnamed / one.hybrid, "x", noise=0.5)
    yield Figure(f"hierarchy/index/{one.contracts}", one.index_seconds, "s", noise=0.5)
    yield Figure(f"hierarchy/index memory/{one.contracts}", one.index_mb, "MB")


def main(
    contracts: Annotated[list[int] | None, typer.Option(help="A size; may be given several times.")] = None,
) -> None:
    """Print the curve of the sizes given, on the data that ``make bench`` takes."""
    from benchmarks.run import show

    with tempfile.TemporaryDirectory(prefix="proviso-hierarchy-") as folder:
        for section in curve(gather(Path(folder), quick=True), contracts or SIZES):
            show(section)


if __name__ == "__main__":
    typer.run(main)
