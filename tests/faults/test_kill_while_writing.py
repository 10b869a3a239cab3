"""The engine's own writing, which no audit event tells of: killed within it, a store is whole or is not opened."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StoreNotClosed
from core.storage.edge_vectors import EdgeVectors

# Ten contracts of 300 points come, one of the older ones goes, then all is settled and said to be.
WRITER = """
import sys
from pathlib import Path
import numpy as np
from core.storage.edge_vectors import EdgeVectors
index = EdgeVectors(Path(sys.argv[1]), "chunks")
vectors = np.random.default_rng(1).normal(size=(300, 64)).astype(np.float32)
for turn in range(10_000):
    for contract in range(turn * 10, turn * 10 + 10):
        ids = [f"00000000-0000-4000-8000-{contract:08d}{point:04d}" for point in range(300)]
        index.upsert(f"{contract:064x}", ids, vectors)
    index.delete(f"{turn * 10:064x}")
    index.settle()
    print(turn + 1, flush=True)
"""
PER_TURN = 9 * 300


@pytest.mark.parametrize("settled", [0, 1, 2, 3])
@pytest.mark.parametrize("bytes_more", [0, 2])
def test_a_store_killed_while_it_is_written_is_whole_or_not_opened(
    tmp_path: Path, settled: int, bytes_more: int
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    for _ in range(settled):
        writer.stdout.readline()
    if bytes_more:
        # Within the settling that follows, or just after it.
        writer.stdout.read(bytes_more)
    else:
        folder = tmp_path / "chunks"
        while not folder.exists():
            pass
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    try:
        index = EdgeVectors(tmp_path, "chunks")
    except StoreNotClosed:
        return
    turns, rest = divmod(index.count(), PER_TURN)
    assert rest == 0
    assert turns >= settled
    assert len(index.chunk_ids()) == index.count()
    index.close()
