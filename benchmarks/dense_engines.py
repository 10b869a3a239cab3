"""One vector engine on one number of points, measured in a process of its own: ``python -m benchmarks.dense_engines``.

Told where vectors and questions are, it writes, reopens and asks, and prints a JSON object.
"""

import json
import shutil
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.records import Hit
from core.storage.vector_index import ranked

POINTS_PER_CONTRACT = 50
LIMIT = 100
COLLECTION = "chunks_benchmark"
# For a slow engine fewer repetitions must do.
MOST_SECONDS = 20.0
FEWEST = 3
TIE = 2e-6
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did. ``query_ms`` and ``same`` are by scope: medians, and the share of questions whose 100
    chunks are those of the exact product in the same order. ``rss_mb`` is what the process holds more than before
    it opened the store, ``private_mb`` the part of it that the system cannot take back.
    """

    engine: str
    points: int
    write_per_second: float
    reopen_seconds: float
    query_ms: dict[str, float]
    same: dict[str, float]
    delete_ms: float
    rss_mb: float
    private_mb: float
    disk_mb: float


class Searchable(Protocol):
    """What is measured of ``core.storage.vector_index.VectorIndex``."""

    def upsert(self, contract_id: str, chunk_ids: Sequence[str], vectors: Vectors) -> None:
        """Write the vectors of one contract."""

    def search(
        self, vector: Vectors, limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The ``limit`` nearest of these contracts, None for all."""

    def delete(self, contract_id: str) -> None:
        """Remove one contract."""

    def settle(self) -> None:
        """Put on disk what was written."""

    def close(self) -> None:
        """Let go of the store."""


class Floor:
    """The product of a matrix and a vector, and nothing else: what no engine can be quicker than by much."""

    def __init__(self, directory: Path, collection: str) -> None:
        self._file = directory / f"{collection}.npz"
        self._ids: list[str] = []
        self._contracts: list[str] = []
        self._parts: list[Vectors] = []
        if self._file.exists():
            with np.load(self._file) as kept:
                self._ids, self._contracts = kept["ids"].tolist(), kept["contracts"].tolist()
                self._parts = [kept["vectors"]]
        self._matrix = self._parts[0] if self._parts else np.empty((0, 0), dtype=np.float32)
        self._rows = _rows_of(self._contracts)

    def upsert(self, contract_id: str, chunk_ids: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of one contract."""
        self._ids += chunk_ids
        self._contracts += [contract_id] * len(chunk_ids)
        self._parts.append(vectors)

    def search(
        self, vector: Vectors, limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The ``limit`` nearest of these contracts, None for all."""
        rows = np.arange(len(self._ids))
        matrix = self._matrix
        if contract_ids is not None:
            rows = np.sort(np.concatenate([self._rows[one] for one in contract_ids]))
            matrix = self._matrix[rows]
        scores = matrix @ vector
        best = np.argpartition(-scores, min(limit, len(scores) - 1))[:limit]
        return ranked((self._ids[rows[one]], float(scores[one])) for one in best)

    def delete(self, contract_id: str) -> None:
        """Remove one contract; the file is not written."""
        keep = np.asarray([one != contract_id for one in self._contracts])
        self._matrix = self._matrix[keep]

    def settle(self) -> None:
        """Write everything anew."""
        if len(self._parts) != 1:
            self._matrix = np.concatenate(self._parts)
        np.savez(self._file, vectors=self._matrix, ids=self._ids, contracts=self._contracts)

    def close(self) -> None:
        """Nothing is held."""


def engine_of(name: str) -> Callable[[Path, str], Searchable]:
    """How the engine of this name is opened; imports it, so that no other is in memory."""
    if name == "numpy":
        return Floor
    if name == "edge":
        from core.storage.edge_vectors import EdgeVectors

        return EdgeVectors
    from core.storage.local_vectors import open_local_vectors

    return open_local_vectors


def measure(name: str, directory: Path, vectors: Vectors, questions: Vectors, repeat: int) -> Measured:
    """Write, reopen, ask and delete."""
    opened = engine_of(name)
    ids, contracts = named(len(vectors))
    begin = time.perf_counter()
    index = opened(directory, COLLECTION)
    for contract, some in _contracts(contracts):
        index.upsert(contract, ids[some], vectors[some])
    index.settle()
    written = time.perf_counter() - begin
    index.close()
    before = _memory()
    begin = time.perf_counter()
    index = opened(directory, COLLECTION)
    index.search(questions[0], LIMIT)
    reopened = time.perf_counter() - begin
    scopes = scopes_of(list(dict.fromkeys(contracts)))
    query_ms = _medians_ms(index, questions, scopes, repeat)
    after = _memory()
    same = {scope: _same(index, vectors, ids, contracts, questions, scopes[scope]) for scope in scopes}
    begin = time.perf_counter()
    index.delete(contracts[-1])
    deleted = time.perf_counter() - begin
    disk = sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())
    index.close()
    return Measured(
        name,
        len(vectors),
        len(vectors) / written,
        reopened,
        query_ms,
        same,
        1000 * deleted,
        after[0] - before[0],
        after[1] - before[1],
        disk / 1e6,
    )


def named(points: int) -> tuple[list[str], list[str]]:
    """Chunk ids and contract ids of that many points."""
    ids = [str(uuid.UUID(int=number + 1)) for number in range(points)]
    return ids, [
        f"{uuid.uuid5(uuid.NAMESPACE_OID, str(n // POINTS_PER_CONTRACT)).hex}" * 2 for n in range(points)
    ]


def scopes_of(contracts: Sequence[str]) -> dict[str, list[str] | None]:
    """What is asked: everything, and parts of it."""
    return {
        "all": None,
        "1 contract": list(contracts[:1]),
        "50 contracts": list(contracts[:50]),
        "half": list(contracts[::2]),
        "all but one": list(contracts[1:]),
    }


def _contracts(contracts: Sequence[str]) -> Iterator[tuple[str, slice]]:
    for begin in range(0, len(contracts), POINTS_PER_CONTRACT):
        yield contracts[begin], slice(begin, begin + POINTS_PER_CONTRACT)


def _rows_of(contracts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    return {contract: np.arange(len(contracts))[some] for contract, some in _contracts(contracts)}


def _medians_ms(
    index: Searchable, questions: Vectors, scopes: dict[str, list[str] | None], repeat: int
) -> dict[str, float]:
    """The scopes take turns, so that what else the machine does falls on all of them."""
    taken: dict[str, list[float]] = {scope: [] for scope in scopes}
    end = time.perf_counter() + MOST_SECONDS
    for turn in range(repeat):
        if turn >= FEWEST and time.perf_counter() > end:
            break
        for scope, contracts in scopes.items():
            begin = time.perf_counter()
            index.search(questions[turn % len(questions)], LIMIT, contracts)
            taken[scope].append(time.perf_counter() - begin)
    return {scope: 1000 * statistics.median(seconds) for scope, seconds in taken.items()}


def _same(
    index: Searchable,
    vectors: Vectors,
    ids: Sequence[str],
    contracts: Sequence[str],
    questions: Vectors,
    scope: list[str] | None,
) -> float:
    within = np.arange(len(ids)) if scope is None else np.flatnonzero(np.isin(contracts, scope))
    place = {ids[int(row)]: number for number, row in enumerate(within)}
    agree = asked = 0
    end = time.perf_counter() + MOST_SECONDS
    for question in questions:
        if asked >= FEWEST and time.perf_counter() > end:
            break
        asked += 1
        scores = vectors[within] @ question
        exact = np.sort(scores)[::-1][:LIMIT]
        hits = index.search(question, LIMIT, scope)
        found = scores[[place[hit.chunk_id] for hit in hits]]
        # Chunks that are nearer to each other than single precision tells have no order.
        agree += len({hit.chunk_id for hit in hits}) == len(exact) and bool(
            np.allclose(found, exact, rtol=0, atol=TIE)
        )
    return agree / asked


def _memory() -> tuple[float, float]:
    """Resident and private (anonymous) memory of this process, in MB; zeros where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0, 0.0
    kilobytes = {
        name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines) if "kB" in rest
    }
    return kilobytes.get("VmRSS", 0) / 1000, kilobytes.get("RssAnon", 0) / 1000


def main() -> None:
    """Engine, folder, points and repetitions from the command line; vectors and questions from the folder."""
    name, folder, points, repeat = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")[:points].copy()
    directory = folder / f"{name}-{points}"
    directory.mkdir()
    measured = measure(name, directory, vectors, np.load(folder / "questions.npy"), repeat)
    shutil.rmtree(directory)
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")


if __name__ == "__main__":
    main()
