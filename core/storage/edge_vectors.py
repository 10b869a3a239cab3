"""The dense leg's embedded store: Qdrant's own engine in this process, on files under a seal.

The catalogue holds every vector, so nothing here is worth the risk of opening files that may be damaged: a folder
whose seal is broken, or that was being written when its process ended, is built again from the catalogue.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import qdrant_edge as engine
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.errors import ProvisoError, StorageFull, StoreBusy, StoreNotClosed, StoreUnavailable
from core.records import Hit
from core.storage.disk import holes, make_folder, require_room
from core.storage.edge_engine import CONTRACT, ENGINE, any_of, contracts_in, created_shard, stored_point
from core.storage.sealed_folder import Seal, contents, read_seal, write_seal
from core.storage.vector_index import BATCH, PAGE, StoredPoint, ranked

logger = logging.getLogger(__name__)
Result = TypeVar("Result")
# What the engine may take at once, whatever is written: one more of each of its files, as long as it makes them.
ROOM = 80 << 20
# After so much a quota is looked at again.
RESERVED = 16 << 20
# Beside its vector a point has an id, a version and a contract id; twice, for safety.
POINT_BYTES = 512


class EdgeVectors:
    """One collection in a folder of its own behind ``VectorIndex``; searches run beside each other and a writer.

    Opening it breaks the seal, ``settle`` and ``close`` renew it. Once the engine has failed it is not renewed: the
    next start builds the collection again.

    Args:
        directory: where collection, seal and lock are.
        collection: its name carries the fingerprint of everything that shapes the vectors.

    Raises:
        StoreNotClosed: its last process was killed while it wrote.
        StoreUnavailable: a file of it is damaged, lost, or of another version of the engine.
        StoreBusy: another process has it open.
        StorageFull: there is no room to open it.
    """

    remote = False
    keeps_checksums = True

    def __init__(self, directory: Path, collection: str) -> None:
        self._directory = directory
        self._folder = directory / collection
        self._seal = directory / f"{collection}.seal"
        self._writing = threading.RLock()
        self._shard: engine.EdgeShard | None = None
        self._dimension = 0
        self._contracts: frozenset[str] = frozenset()
        self._sealed = False
        self._failed = False
        self._reserved = 0
        self._holes = 0
        make_folder(directory)
        self._lock = _held(directory)
        try:
            if self._folder.exists():
                self._open()
        except BaseException:
            self._lock.release()
            raise

    def prepare(self, dimension: int) -> None:
        """Make the collection for vectors of this dimension, in place of one of another."""
        with self._writing:
            if self._shard is not None and self._dimension == dimension:
                return
            self._unseal()
            if self._shard is not None:
                self._shard.close()
                shutil.rmtree(self._folder)
            self._seal.unlink(missing_ok=True)
            self._folder.mkdir(mode=0o700)
            self._dimension, self._contracts = dimension, frozenset()
            self._shard = self._call(lambda: created_shard(self._folder, dimension))

    def upsert(self, contract_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Write the vectors, shape (len(chunk_ids), dimension), of one contract; repeating it is harmless."""
        with self._writing:
            self.prepare(vectors.shape[1])
            # Known before it can be found: see ``search``.
            self._contracts |= {contract_id}
            for begin in range(0, len(chunk_ids), BATCH):
                some = slice(begin, begin + BATCH)
                points = [
                    engine.Point(chunk_id, vector, {CONTRACT: contract_id})
                    for chunk_id, vector in zip(chunk_ids[some], vectors[some].tolist(), strict=True)
                ]
                size = vectors[some].nbytes + len(points) * POINT_BYTES
                self._write(engine.UpdateOperation.upsert_points(points), size)

    def delete(self, contract_id: str) -> None:
        """Remove every vector of one contract."""
        with self._writing:
            self._write(
                engine.UpdateOperation.delete_points_by_filter(engine.Filter(must=[any_of([contract_id])]))
            )
            self._contracts -= {contract_id}

    def discard(self, chunk_ids: Sequence[str]) -> None:
        """Remove single vectors that belong to no contract."""
        if chunk_ids:
            with self._writing:
                self._write(engine.UpdateOperation.delete_points(list(chunk_ids)))

    def search(
        self, vector: NDArray[np.float32], limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The ``limit`` chunks nearest to ``vector`` by cosine, ties broken by chunk id; None is every contract."""
        shard = self._shard
        if shard is None or limit < 1:
            return ()
        if contract_ids is None:
            return self._found(shard, vector, limit)
        known = self._contracts
        others = known.difference(contract_ids)
        # A filter looks up what it names: the shorter list is named, if any.
        if len(others) < len(contract_ids):
            hits = self._found_without(shard, vector, limit, others)
            # A contract that came meanwhile is not among the others, and may be among the hits.
            if self._contracts is known:
                return hits
        return self._found(shard, vector, limit, engine.Filter(must=[any_of(contract_ids)]))

    def count(self) -> int:
        """The number of stored vectors."""
        shard = self._shard
        return 0 if shard is None else self._call(lambda: shard.count(engine.CountRequest(exact=True)))

    def chunk_ids(self) -> set[str]:
        """The ids of all stored vectors."""
        return {str(record.id) for page in self._pages(contents=False) for record in page}

    def points(self) -> Iterator[tuple[StoredPoint, ...]]:
        """Everything that is stored, a page at a time, to be compared with the catalogue."""
        for page in self._pages(contents=True):
            yield tuple(stored_point(record) for record in page)

    def settle(self) -> None:
        """Write everything to disk and seal it; nothing is done when nothing was written since."""
        with self._writing:
            shard = self._shard
            if shard is None or self._sealed or self._failed:
                return
            require_room(self._directory, ROOM + holes(self._folder))
            self._call(shard.flush)
            write_seal(self._seal, Seal(ENGINE, self._dimension, contents(self._folder)))
            self._sealed = True

    def close(self) -> None:
        """Settle and let go of the files. What cannot be settled is built again at the next start."""
        with self._writing:
            try:
                self.settle()
            except (ProvisoError, OSError) as error:
                logger.warning("The vector store is built again at the next start. %s", error)
            finally:
                if self._shard is not None:
                    with suppress(StoreUnavailable):
                        self._call(self._shard.close)
                self._lock.release()

    def _open(self) -> None:
        seal = read_seal(self._seal)
        if seal is None:
            raise StoreNotClosed(
                str(self._folder),
                "the vector store was being written when its process ended.",
                "The next start builds it again from the catalogue.",
            )
        if seal.engine != ENGINE or seal.files != contents(self._folder):
            other = "of another version" if seal.engine != ENGINE else "damaged"
            raise _unusable(self._folder, f"the vector store is {other}.")
        # The engine writes to some of its files when it opens them.
        self._sealed = True
        self._unseal()
        self._dimension = seal.dimension
        shard = self._call(lambda: engine.EdgeShard.load(str(self._folder)))
        self._shard = shard
        # Takes the space of what was deleted; now, because a search would have to wait for it.
        if shard.info().points_count:
            self._compact(shard)
        self._contracts = self._call(lambda: contracts_in(shard))

    def _compact(self, shard: engine.EdgeShard) -> None:
        size = sum(path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        try:
            require_room(self._directory, ROOM + size, reserve=True)
        except StorageFull:
            return
        self._call(shard.optimize)

    def _write(self, operation: engine.UpdateOperation, size: int = 0) -> None:
        shard = self._shard
        if shard is not None:
            self._unseal(size)
            self._call(lambda: shard.update(operation))

    def _unseal(self, size: int = 0) -> None:
        """Make ready for writing ``size`` bytes of points."""
        looked_at = not self._sealed and self._reserved >= size
        if not looked_at:
            self._reserved, self._holes = RESERVED, holes(self._folder)
        require_room(self._directory, ROOM + self._holes + 2 * size, reserve=not looked_at)
        self._reserved -= size
        if self._sealed:
            self._seal.unlink(missing_ok=True)
            self._sealed = False

    def _found(
        self,
        shard: engine.EdgeShard,
        vector: NDArray[np.float32],
        limit: int,
        scope: engine.Filter | None = None,
        without: Collection[str] = (),
    ) -> tuple[Hit, ...]:
        """The nearest within ``scope``, leaving out the chunks ``without``."""
        request = engine.QueryRequest(
            limit=limit + len(without),
            query=engine.Query.Nearest(vector.tolist()),
            filter=scope,
            params=engine.SearchParams(exact=True),
        )
        points = [(str(point.id), point.score) for point in self._call(lambda: shard.query(request))]
        return ranked(point for point in points if point[0] not in without)[:limit]

    def _found_without(
        self, shard: engine.EdgeShard, vector: NDArray[np.float32], limit: int, others: frozenset[str]
    ) -> tuple[Hit, ...]:
        if not others:
            return self._found(shard, vector, limit)
        request = engine.ScrollRequest(
            limit=limit + 1,
            filter=engine.Filter(must=[any_of(others)]),
            with_payload=False,
            with_vector=False,
        )
        records, _ = self._call(lambda: shard.scroll(request))
        if len(records) <= limit:
            # So few that it is quicker to find them too than to look at every point for its contract.
            return self._found(shard, vector, limit, without={str(record.id) for record in records})
        return self._found(shard, vector, limit, engine.Filter(must_not=[any_of(others)]))

    def _pages(self, *, contents: bool) -> Iterator[list[engine.Record]]:
        shard = self._shard
        offset: engine.PointId | None = None
        while shard is not None:
            request = engine.ScrollRequest(
                offset=offset, limit=PAGE, with_payload=contents, with_vector=contents
            )
            records, offset = self._call(partial(shard.scroll, request))
            yield records
            if offset is None:
                return

    def _call(self, request: Callable[[], Result]) -> Result:
        try:
            return request()
        except BaseException as error:
            # The engine's failures are plain exceptions; a panic in it is none that "except Exception" would see.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            self._failed = True
            require_room(self._directory, ROOM + holes(self._folder))
            raise _unusable(self._folder, f"search is unavailable ({type(error).__name__}).") from error


def _held(directory: Path) -> FileLock:
    lock = FileLock(directory / "lock", blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusy(
            str(directory), "is open in another process.", "Stop that process and try again."
        ) from None
    return lock


def _unusable(folder: Path, reason: str) -> StoreUnavailable:
    return StoreUnavailable(str(folder), reason, "Run proviso doctor --repair.")
