"""How long a library takes to open after a crash, and after each index was lost: ``python -m benchmarks.recovery``.

The contracts are made of random words and random unit vectors, so no model takes part: opening never runs one.
Each row is a fresh process's work on the same library: lock, catalogue check, Qdrant, comparison of every vector, BM25.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.records import Profile
from core.storage.library import Library
from core.storage.originals import contract_id_of
from tests.fakes import make_contract, open_test_library

CHUNKS_PER_CONTRACT = 100
WORDS_PER_CHUNK = 120
VOCABULARY = 5000
DIMENSION = 384
Damage = Callable[[Path], None]


def fill(library: Library, chunks: int) -> None:
    """Add contracts of 100 chunks until the library holds ``chunks``."""
    random = np.random.default_rng(7)
    words = np.asarray([f"word{number}" for number in range(VOCABULARY)])
    for number in range(chunks // CHUNKS_PER_CONTRACT):
        clauses = [" ".join(random.choice(words, WORDS_PER_CHUNK)) for _ in range(CHUNKS_PER_CONTRACT)]
        contract, made = make_contract(f"contract {number}", clauses)
        named = [
            replace(one, chunk_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}-{one.ordinal}")))
            for one in made
        ]
        content = f"contract {number}\n{contract.text}".encode()
        assert library.originals.put(content) == contract.contract_id == contract_id_of(content)  # noqa: S101
        vectors = random.normal(size=(len(named), DIMENSION)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        library.add(contract, Profile(f"Contract {number}"), named, vectors)


def interrupted(directory: Path) -> None:
    """As after kill -9 within a deletion: one contract hidden and still in both indexes."""
    library = open_test_library(directory)
    library.catalogue.hide(library.catalogue.contracts()[0].contract_id)
    library.close(save=False)


def unsealed(directory: Path) -> None:
    """As after kill -9 while vectors were written: the engine's folder has no seal and is built again."""
    for seal in (directory / "vectors").glob("*.seal"):
        seal.unlink()


def both_lost(directory: Path) -> None:
    """Neither index is left."""
    for name in ("bm25", "vectors"):
        shutil.rmtree(directory / name)


DAMAGES: dict[str, Damage] = {
    "nothing wrong": lambda directory: None,  # noqa: ARG005
    "killed within a deletion": interrupted,
    "BM25 lost": lambda directory: shutil.rmtree(directory / "bm25"),
    "killed while vectors were written": unsealed,
    "vectors lost": lambda directory: shutil.rmtree(directory / "vectors"),
    "both lost": both_lost,
}


def measure(directory: Path, damage: Damage) -> float:
    """Seconds until the library is ready after ``damage``.

    Raises:
        AssertionError: it is not in step afterwards.
    """
    damage(directory)
    begin = time.perf_counter()
    library = open_test_library(directory)
    library.catalogue.database.check()
    seconds = time.perf_counter() - begin
    assert library.differences() == {"vectors": 0, "keywords": 0}  # noqa: S101
    library.close()
    return seconds


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="proviso-recovery-"))
    library = open_test_library(directory)
    fill(library, arguments.chunks)
    library.close()
    seconds = {name: round(measure(directory, damage), 2) for name, damage in DAMAGES.items()}
    shutil.rmtree(directory)
    if arguments.json:
        sys.stdout.write(json.dumps({"chunks": arguments.chunks, "seconds": seconds}) + "\n")
        return
    sys.stdout.write(f"Ready after opening a library of {arguments.chunks} chunks:\n")
    sys.stdout.writelines(f"{taken:8.2f} s  {name}\n" for name, taken in seconds.items())


if __name__ == "__main__":
    main()
