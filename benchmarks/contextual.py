"""The contextual index of large libraries: disk, memory, the first question after a start, growth, search."""

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from benchmarks.memory import resident_mb
from benchmarks.records import Figure, Material, Section, Value
from benchmarks.synthetic_chunks import Source, SyntheticContract, read_source, synthetic_contracts
from core.models import EncoderSource
from core.pipeline.contextual.fact import KIND, VERSION, encode_fact
from core.pipeline.contextual.index import GROWING, ContextIndex
from core.storage.database import CATALOGUE
from core.storage.derived import Derived
from core.storage.sqlite_file import Database
from core.storage.tokens import tokenize

SIZES = (10_000, 100_000, 300_000)
QUICK_SIZES = (10_000,)
TOP = 100
QUESTIONS = 21
# Words that the context adds to a chunk of the sample corpus: 137 with it, 81 without.
CONTEXT_WORDS = 56
COLUMNS = (
    *("chunks", "contracts", "disk kB/chunk", "memory kB/chunk", "memory MB", "build s", "add ms"),
    *("dense ms", "dense half ms", "BM25 ms"),
)
NOTES = (
    "build: from the stored facts, at the first contextual question after a start; add: one contract came, and the next"
    " question.",
    "dense, BM25: the best 100, medians of real questions, processor time; dense half: of every second contract.",
)
Result = TypeVar("Result")


def sections(material: Material) -> tuple[Section, ...]:
    """Disk, memory and time of the contextual index by number of chunks."""
    source = read_source(material.settings)
    encoder = EncoderSource(material.settings.encoder).load(material.settings)
    asked = material.questions[:QUESTIONS]
    vectors, tokens = encoder.encode(asked), [tokenize(one) for one in asked]
    rows: list[tuple[Value, ...]] = []
    figures: list[Figure] = []
    for size in QUICK_SIZES if material.quick else SIZES:
        row = _measured(
            size, source, Database(material.folder / f"{size}.sqlite3", CATALOGUE), vectors, tokens
        )
        rows.append(row)
        figures += [
            Figure(f"contextual/{name}/{size}", float(value or 0.0), name.split()[-1])
            for name, value in zip(COLUMNS[4:], row[4:], strict=True)
            if isinstance(value, float)
        ]
    return (Section("contextual index", COLUMNS, tuple(rows), tuple(figures), NOTES),)


def _measured(
    size: int, source: Source, database: Database, vectors: np.ndarray, tokens: list[list[str]]
) -> tuple[Value, ...]:
    derived = Derived(database)
    with database.transaction():
        stored = [_store(one, database, derived) for one in synthetic_contracts(source, size)]
    contracts = len(stored)
    before = resident_mb()
    index, build = _timed(lambda: _index(derived))
    after = resident_mb()
    memory = None if before is None or after is None else after - before
    adding = []
    for number in range(5):
        for one in synthetic_contracts(source, 60, contracts + 100 * number):
            _store(one, database, derived)
        index, seconds = _timed(lambda: _index(derived))
        adding.append(seconds)
    everything = list(index.rows)
    return (
        size,
        contracts,
        sum(stored) / size / 1000,
        None if memory is None else 1000 * memory / size,
        memory,
        build,
        1000 * statistics.median(adding),
        _median(lambda row: index.nearest(vectors[row], TOP, everything), len(vectors)),
        _median(lambda row: index.nearest(vectors[row], TOP, everything[::2]), len(vectors)),
        _median(lambda row: index.best(tokens[row], TOP, everything), len(tokens)),
    )


def _index(derived: Derived) -> ContextIndex:
    return derived.all(KIND, VERSION, GROWING)


def _store(one: SyntheticContract, database: Database, derived: Derived) -> int:
    """Store the contract's row and its fact; returns the size of the fact in bytes."""
    contract_id = one.contract.contract_id
    database.connection.execute(
        "INSERT INTO contracts (contract_id, file_name, title, parties, date, governing_law, warnings, fingerprint,"
        " state) VALUES (?, '', '', '[]', '', '', ?, '', 'ready')",
        (contract_id, json.dumps([])),
    )
    body = encode_fact([chunk.chunk_id for chunk in one.chunks], one.vectors, list(_with_context(one)))
    derived.put(contract_id, KIND, VERSION, body)
    return len(body)


def _with_context(one: SyntheticContract) -> Iterator[list[str]]:
    choose = random.Random(one.contract.contract_id)  # noqa: S311 - a sample, not a secret
    for document in one.documents:
        other = choose.choice(one.documents)
        yield [*document.tokens, *other.tokens[:CONTEXT_WORDS]]


def _median(search: Callable[[int], object], questions: int) -> float:
    search(0)
    taken = []
    for row in range(questions):
        begin = time.process_time()
        search(row)
        taken.append(time.process_time() - begin)
    return 1000 * statistics.median(taken)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin
