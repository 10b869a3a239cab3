"""BM25 in three ways over the same chunks: rank_bm25, bm25s and Proviso's keyword index."""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import bm25s
import numpy as np
from rank_bm25 import BM25Okapi

from benchmarks.memory import disk_mb, resident_mb
from benchmarks.records import Figure, Material, Section, Value
from benchmarks.synthetic_chunks import Source, documents, read_source, synthetic_contracts
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument
from core.storage.keyword_store import KeywordStore
from core.storage.tokens import tokenize

SIZES = (10_000, 30_000, 100_000, 300_000)
QUICK_SIZES = (10_000,)
QUESTIONS = 21
TOP = 100
# A fast query is asked again, so that a neighbour on the machine does not decide its figure.
REPEATS = 5
COLUMNS = (
    "chunks",
    "engine",
    "build s",
    "load s",
    "query ms",
    "times faster",
    "add ms",
    "delete ms",
    "memory MB",
    "disk MB",
    "scores equal",
)
NOTES = (
    f"query: the best {TOP} of all chunks, median of {QUESTIONS} real questions; the engines take turns. Processor"
    " time of one core, so that other work on the machine does not count.",
    "add, delete: one contract, and the next query. The other two can neither: they are built again.",
    "load: from files that the system still has in memory; memory: of the process's own, after loading for"
    " Proviso, whose postings stay in the mapped file.",
    "scores equal: to rank_bm25's, of every chunk, to the last bit; bm25s has a formula of its own.",
)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine at one size: seconds, milliseconds and megabytes; None for what it does not do."""

    engine: str
    build: float
    load: float | None
    query: float
    add: float | None
    delete: float | None
    memory: float | None
    disk: float | None
    equal: bool | None


def sections(material: Material) -> tuple[Section, ...]:
    """One table of all sizes."""
    rows: list[tuple[Value, ...]] = []
    figures: list[Figure] = []
    for size in QUICK_SIZES if material.quick else SIZES:
        # A process for each size: what the system gives back late would count for the next.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            measured = pool.submit(measure, material, size).result()
        slowest = measured[0].query
        rows += [_row(size, one, slowest) for one in measured]
        figures += _figures(size, measured[-1], slowest)
    return (Section("BM25", COLUMNS, tuple(rows), tuple(figures), NOTES),)


def measure(material: Material, size: int) -> tuple[Measured, ...]:
    """rank_bm25, bm25s and Proviso over ``size`` chunks, in this order."""
    source = read_source(material.settings)
    chunks = documents(source, size)
    corpus = [one.tokens for one in chunks]
    queries = [tokenize(question) for question in material.questions[:QUESTIONS]]
    okapi, okapi_build, okapi_memory = _built(lambda: BM25Okapi(corpus))
    other, other_build, other_memory = _built(lambda: _bm25s(corpus))
    ours, build, _ = _built(lambda: KeywordIndex.build(chunks))
    folder = material.folder / str(size)
    KeywordStore(folder / "index.json").save(ours)
    ours, _ = KeywordStore(folder / "index.json").load()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        load, memory = pool.submit(_load, folder / "index.json").result()
    slow, fast, quick = _in_turns(
        queries,
        (lambda query: _top(okapi, query), 1),
        (lambda query: other.retrieve([query], k=TOP, show_progress=False), REPEATS),
        (lambda query: ours.search(query, TOP), REPEATS),
    )
    equal = all(ours.scores(query).tolist() == okapi.get_scores(query).tolist() for query in queries[:3])
    other.save(str(folder / "bm25s"))
    _, other_load = _timed(lambda: bm25s.BM25.load(str(folder / "bm25s"), mmap=True))
    other_disk, disk = disk_mb(folder / "bm25s"), disk_mb(folder)
    add, delete = _changes(ours, source, chunks, queries)
    return (
        Measured("rank_bm25", okapi_build, None, slow, None, None, okapi_memory, None, None),
        Measured("bm25s", other_build, other_load, fast, None, None, other_memory, other_disk, False),
        Measured("Proviso", build, load, quick, add, delete, memory, disk - other_disk, equal),
    )


def _load(path: Path) -> tuple[float, float | None]:
    """Seconds and megabytes that loading takes in a process that has nothing else."""
    _, seconds, memory = _built(KeywordStore(path).load)
    return seconds, memory


def _changes(
    index: KeywordIndex, source: Source, chunks: Sequence[KeywordDocument], queries: Sequence[list[str]]
) -> tuple[float, float]:
    """Milliseconds to add one contract, and to delete one, each with the query after it; medians."""
    index.search(queries[0], TOP)
    adding, deleting = [], []
    for number, query in enumerate(queries):
        new = next(synthetic_contracts(source, max(source.sizes), start=100_000 + number))
        _, seconds = _timed(lambda new=new, query=query: index.add(new.documents).search(query, TOP))  # type: ignore[misc]
        adding.append(seconds)
        gone = chunks[len(chunks) * number // len(queries)].contract_id
        _, seconds = _timed(lambda gone=gone, query=query: index.remove(gone).search(query, TOP))  # type: ignore[misc]
        deleting.append(seconds)
    return 1000 * statistics.median(adding), 1000 * statistics.median(deleting)


def _in_turns(
    queries: Sequence[list[str]], *engines: tuple[Callable[[list[str]], object], int]
) -> list[float]:
    """Median milliseconds of processor time of each engine, which comes with how often it is asked each query."""
    for search, _ in engines:
        search(queries[0])
    taken: list[list[float]] = [[] for _ in engines]
    for query in queries:
        for (search, repeats), seconds in zip(engines, taken, strict=True):
            once = [_processor(lambda search=search, query=query: search(query)) for _ in range(repeats)]  # type: ignore[misc]
            seconds.append(statistics.median(once))
    return [1000 * statistics.median(seconds) for seconds in taken]


def _processor(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _top(okapi: BM25Okapi, query: list[str]) -> list[int]:
    # As rank_bm25's own get_top_n does it.
    best: list[int] = np.argsort(okapi.get_scores(query))[::-1][:TOP].tolist()
    return best


def _bm25s(corpus: Sequence[Sequence[str]]) -> Any:  # noqa: ANN401 - the library has no types
    index = bm25s.BM25(k1=1.5, b=0.75)
    index.index([list(tokens) for tokens in corpus], show_progress=False)
    return index


def _built(build: Callable[[], Result]) -> tuple[Result, float, float | None]:
    before = resident_mb()
    result, seconds = _timed(build)
    after = resident_mb()
    return result, seconds, None if before is None or after is None else after - before


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


def _row(size: int, one: Measured, slowest: float) -> tuple[Value, ...]:
    equal = {None: "", True: "yes", False: "no"}[one.equal]
    numbers = (one.add, one.delete, one.memory, one.disk)
    return (size, one.engine, one.build, one.load, one.query, slowest / one.query, *numbers, equal)


def _figures(size: int, ours: Measured, slowest: float) -> list[Figure]:
    return [
        Figure(f"bm25/query/{size}", ours.query, "ms"),
        Figure(f"bm25/times faster than rank_bm25/{size}", slowest / ours.query, "x", "higher"),
        Figure(f"bm25/load/{size}", ours.load or 0.0, "s"),
        Figure(f"bm25/add/{size}", ours.add or 0.0, "ms"),
        Figure(f"bm25/delete/{size}", ours.delete or 0.0, "ms"),
        Figure(f"bm25/scores equal/{size}", float(bool(ours.equal)), "", "higher"),
    ]
