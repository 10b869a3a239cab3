"""Scores of pairs on disk, with what each took to compute: a pair that several pipelines propose is read once."""

import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import StoreUnavailable
from core.inference.protocols import PairReader, PairScores, Progress
from core.inference.score_cache import pair_key

SCHEMA = """CREATE TABLE IF NOT EXISTS scores (
    reader TEXT, pair BLOB, logit REAL, truncated INTEGER, seconds REAL, PRIMARY KEY (reader, pair)
) WITHOUT ROWID"""
# As many as one statement of SQLite surely takes.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredScore:
    """The logit of a pair, whether it was longer than the model reads, and the seconds that reading it took."""

    logit: float
    truncated: bool
    seconds: float


class PairStore:
    """Scores by reader and pair; the texts themselves are not kept.

    Args:
        path: the file; it is made where there is none.

    Raises:
        StoreUnavailable: the file is damaged or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            self._connection.execute(SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise StoreUnavailable(
                str(path),
                f"cannot be used ({error}).",
                "Delete it; it holds nothing that cannot be made again.",
            ) from None

    def find(self, reader: str, pairs: Sequence[bytes]) -> dict[bytes, StoredScore]:
        """What is known of these pairs."""
        found: dict[bytes, StoredScore] = {}
        for begin in range(0, len(pairs), AT_ONCE):
            some = pairs[begin : begin + AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._connection.execute(
                f"SELECT pair, logit, truncated, seconds FROM scores WHERE reader = ? AND pair IN ({marks})",  # noqa: S608 - question marks only
                (reader, *some),
            )
            found |= {pair: StoredScore(logit, bool(cut), seconds) for pair, logit, cut, seconds in rows}
        return found

    def put(self, reader: str, scores: Mapping[bytes, StoredScore]) -> None:
        """Keep what a reader said of these pairs."""
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?)", _rows(reader, scores)
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _rows(reader: str, scores: Mapping[bytes, StoredScore]) -> Iterable[tuple[str, bytes, float, int, float]]:
    return ((reader, pair, one.logit, int(one.truncated), one.seconds) for pair, one in scores.items())


class Meter:
    """Adds up the seconds that reading pairs takes, those of earlier readings included."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def charge(self, seconds: float) -> None:
        """Add seconds."""
        self._seconds += seconds

    def take(self) -> float:
        """The seconds since the last time."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds


class StoredReader:
    """A ``PairReader`` that reads no pair twice, in this process or a later one.

    Args:
        reader: the model.
        name: of the weights and of what runs them; other weights must have another name.
        store: where scores are kept.
        meter: charged what the pairs took when they were read, whether they are read now or not.
    """

    def __init__(self, reader: PairReader, name: str, store: PairStore, meter: Meter) -> None:
        self._reader = reader
        self._name = name
        self._store = store
        self._meter = meter

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:
        """One logit a passage, in the order given; progress is that of the passages that had to be read."""
        keys = [pair_key(question, passage) for passage in passages]
        by_key = dict(zip(keys, passages, strict=True))
        known = self._store.find(self._name, list(by_key))
        unread = {key: passage for key, passage in by_key.items() if key not in known}
        if unread:
            begin = time.perf_counter()
            scores = self._reader.read(question, list(unread.values()), on_progress)
            each = (time.perf_counter() - begin) / len(unread)
            new = {
                key: StoredScore(float(logit), bool(cut), each)
                for key, logit, cut in zip(unread, scores.logits, scores.truncated, strict=True)
            }
            self._store.put(self._name, new)
            known |= new
        self._meter.charge(sum(one.seconds for one in known.values()))
        return PairScores(
            np.asarray([known[key].logit for key in keys], dtype=np.float64),
            np.asarray([known[key].truncated for key in keys], dtype=np.bool_),
        )
