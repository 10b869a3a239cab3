"""Kill -9 during ingest, delete and recovery, at random points, again and again on the same library.

Three of ten points are moments in time, the others are the n-th change of a file or database. The full run:
``python -m tests.faults.kill --points 100 --seed 1``.
"""

import argparse
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from core.storage.originals import contract_id_of
from ingest.worker import work_off
from tests.fakes import open_test_library
from tests.faults.oracle import check_after_restart
from tests.faults.statement import Act, Expected, Statement
from tests.faults.victim import act, tools
from tests.pdf_samples import text_pdf

FILES = 6
PAGES = 3
CLAUSES = 4
LAST_CHANGE = 450
LONGEST_SECONDS = 4.0
POINTS_PER_LIBRARY = 12
PRELOADED = ["tests.faults.victim"]


@dataclass(frozen=True)
class Point:
    """One kill: how far the process had come, and by which change or after which time it was killed."""

    number: int
    reached: str
    at: str


def run(points: int, seed: int, folder: Path) -> Iterator[Point]:
    """Kill ``points`` processes one after another in ``folder`` and check the library after each.

    Raises:
        AssertionError: the oracle is not satisfied, or a process failed by itself.
    """
    choose = random.Random(seed)
    files = _make_files(folder)
    chunk_counts = _chunk_counts(folder / "reference", files)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    directory, expected, unchecked = folder, Expected(), False
    for number in range(points):
        if number % POINTS_PER_LIBRARY == 0:
            directory, expected = folder / f"library-{number}", Expected()
        fingerprint = choose.choice(["one", "one", "two"])
        change = choose.randint(1, LAST_CHANGE) if choose.random() < 0.7 else 0
        seconds = choose.uniform(0.0, LONGEST_SECONDS)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(
            target=act, args=(directory, files, fingerprint, choose.getrandbits(32), change, sender)
        )
        process.start()
        sender.close()
        statements = _listen(receiver, 60.0 if change else seconds)
        process.kill()
        process.join()
        statements += _listen(receiver, 60.0)
        receiver.close()
        failed = [statement.about for statement in statements if statement.act is Act.FAILED]
        assert not failed, f"point {number}: {failed}"
        expected = expected.after(statements)
        # Not checking after some points lets the next process be killed while it recovers.
        unchecked = not unchecked and choose.random() < 0.3
        if not unchecked or (number + 1) % POINTS_PER_LIBRARY == 0 or number + 1 == points:
            expected = check_after_restart(directory, fingerprint, expected, chunk_counts)
        yield Point(number, _reached(statements), _at(statements, seconds))


def _listen(receiver: Connection, seconds: float) -> list[Statement]:
    """Everything said until the process ends, or for ``seconds`` from its start."""
    heard: list[Statement] = []
    deadline = time.monotonic() + 60.0
    try:
        while receiver.poll(max(0.0, deadline - time.monotonic())):
            statement = receiver.recv()
            if statement.act is Act.STARTED:
                deadline = time.monotonic() + seconds
            heard.append(statement)
    except EOFError:
        pass
    return heard


def _reached(statements: list[Statement]) -> str:
    acts = [one.act for one in statements if one.act is not Act.KILLED]
    return str(acts[-1]) if acts else "nothing"


def _at(statements: list[Statement], seconds: float) -> str:
    killed = [one.about for one in statements if one.act is Act.KILLED]
    return killed[0] if killed else f"{seconds:.2f} s"


def _make_files(folder: Path) -> tuple[Path, ...]:
    pool = folder / "files"
    pool.mkdir()
    paths = []
    for number in range(FILES):
        pages = [_page(number, page) for page in range(1, PAGES + 1)]
        content = text_pdf([f"SUPPLY AGREEMENT {number}", *pages[0]], *pages[1:])
        path = pool / f"{contract_id_of(content)}.pdf"
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)


def _page(number: int, page: int) -> list[str]:
    lines = []
    for clause in range(page * CLAUSES, (page + 1) * CLAUSES):
        lines.append(f"{clause}. Fee of contract {number}")
        lines += [
            f"The buyer pays the fee {word} of clause {clause} within thirty days." for word in range(8)
        ]
    return lines


def _chunk_counts(directory: Path, files: tuple[Path, ...]) -> dict[str, int]:
    """Number of chunks of each file, from a library that nobody disturbs."""
    library = open_test_library(directory)
    for file in files:
        library.enqueue(file.read_bytes(), file.name)
    work_off(library, tools())
    counts = {contract.contract_id: contract.chunk_count for contract in library.catalogue.contracts()}
    library.close()
    assert sorted(counts) == sorted(file.stem for file in files)
    return counts


def main() -> int:
    """The full run; exit code 1 when the oracle is not satisfied, and the folder is kept then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="proviso-kill-"))
    reached: Counter[str] = Counter()
    changes: Counter[str] = Counter()
    try:
        for point in run(arguments.points, arguments.seed, folder):
            reached[point.reached] += 1
            changes[point.at if not point.at.endswith(" s") else "a moment in time"] += 1
            sys.stdout.write(f"{point.number + 1:4}  killed after {point.reached}, at {point.at}\n")
            sys.stdout.flush()
    except AssertionError as error:
        sys.stdout.write(f"FAILED with seed {arguments.seed}: {error}\nThe library is kept in {folder}.\n")
        return 1
    sys.stdout.write(f"{arguments.points} kills, nothing lost, nothing back, nothing in part.\n")
    sys.stdout.write(f"Reached: {dict(reached.most_common())}\nAt: {dict(changes.most_common())}\n")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
