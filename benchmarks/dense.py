"""The dense leg: qdrant-client's local mode, Qdrant's own engine and a plain product, behind the same few methods.

Points are real chunk vectors; where there are more points than chunks, mixtures of two of them. Each engine and
number of points is measured in a process of its own by ``dense_engines.py``.
"""

import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.dense_engines import Measured
from benchmarks.records import Figure, Material, Section, Value
from core.models import load_encoder
from ingest.open_library import fingerprint_of, read_catalogue

ENGINES = ("local", "edge", "numpy")
POINTS = (10_000, 30_000, 100_000)
QUESTIONS = 20
REPEAT = 21
PAGE = 5000
# A mixture is as near to its first chunk as two chunks of one subject often are.
SHARES = (0.8, 0.6)
SEED = 7
ROOT = Path(__file__).resolve().parents[1]


def sections(material: Material) -> tuple[Section, ...]:
    """Writing, reopening, asking in five scopes, memory and disk, of three engines at three sizes."""
    points = POINTS[:1] if material.quick else POINTS
    real = chunk_vectors(material)
    vectors = as_many(real, max(points))
    questions = load_encoder(material.settings.encoder, material.settings).encode(
        list(material.questions[:QUESTIONS])
    )
    np.save(material.folder / "vectors.npy", vectors)
    np.save(material.folder / "questions.npy", questions)
    measured = [measured_alone(engine, number, material.folder) for number in points for engine in ENGINES]
    note = f"{len(real):,} real chunk vectors, mixtures beyond; {len(questions)} real questions; contracts of 50."
    return storing(measured, note), asking(measured), agreeing(measured)


def chunk_vectors(material: Material) -> NDArray[np.float32]:
    """The vectors of every chunk of the library, shape (chunks, dimension)."""
    catalogue = read_catalogue(material.settings)
    ids = [chunk_id for chunk_id, _ in catalogue.chunk_contracts(fingerprint_of(material.settings))]
    pages = (catalogue.vectors(ids[begin : begin + PAGE]) for begin in range(0, len(ids), PAGE))
    return np.stack([vector for page in pages for _, vector in page.values()])


def as_many(real: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """``number`` unit vectors: the real ones, then mixtures of two of them."""
    random = np.random.default_rng(SEED)
    first, second = random.integers(len(real), size=(2, max(0, number - len(real))))
    mixed = SHARES[0] * real[first] + SHARES[1] * real[second]
    vectors = np.concatenate([real[:number], mixed]).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def measured_alone(engine: str, points: int, folder: Path) -> Measured:
    """What ``dense_engines.py`` measures in a fresh process.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dense_engines", engine, str(folder), str(points), str(REPEAT)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def storing(measured: Sequence[Measured], note: str) -> Section:
    """Writing, reopening, deleting, and what it takes."""
    rows = tuple(
        (
            one.points,
            one.engine,
            one.write_per_second,
            one.reopen_seconds,
            one.delete_ms,
            one.rss_mb,
            one.private_mb,
            one.disk_mb,
        )
        for one in measured
    )
    figures = tuple(
        itertools.chain.from_iterable(
            (
                Figure(f"dense/write/{one.points}", one.write_per_second, "points/s", "higher"),
                Figure(f"dense/reopen/{one.points}", one.reopen_seconds, "s"),
            )
            for one in measured
            if one.engine == "edge"
        )
    )
    columns = (
        "points",
        "engine",
        "written/s",
        "reopen, s",
        "delete, ms",
        "RSS, MB",
        "private, MB",
        "disk, MB",
    )
    return Section("Dense: storing", columns, rows, figures, (note,))


def asking(measured: Sequence[Measured]) -> Section:
    """The median of a question for 100 chunks in each scope, and the dearest scope against no scope."""
    scopes = tuple(measured[0].query_ms)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (one.points, one.engine, *one.query_ms.values(), dearest(one)) for one in measured
    )
    figures = tuple(
        itertools.chain.from_iterable(
            (
                Figure(f"dense/query/{one.points}", one.query_ms["all"], "ms"),
                Figure(f"dense/scoped/{one.points}", dearest(one), "x"),
            )
            for one in measured
            if one.engine == "edge"
        )
    )
    columns = ("points", "engine", *(f"{scope}, ms" for scope in scopes), "dearest scope, x")
    return Section("Dense: 100 chunks for a question, by scope", columns, rows, figures)


def agreeing(measured: Sequence[Measured]) -> Section:
    """The share of questions whose 100 chunks are exactly those of the product."""
    scopes = tuple(measured[0].same)
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (one.points, one.engine, *one.same.values()) for one in measured
    )
    return Section("Dense: questions with the exact 100 chunks", ("points", "engine", *scopes), rows)


def dearest(one: Measured) -> float:
    """How much more the dearest scope costs than a question to everything."""
    return max(taken for scope, taken in one.query_ms.items() if scope != "all") / one.query_ms["all"]
