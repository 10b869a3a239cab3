"""The dense leg's store through qdrant-client: a Qdrant server, or its local mode in this process."""

import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from qdrant_client import QdrantClient, models
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ApiException

from core.errors import ProvisoError, StoreBusy, StoreUnavailable
from core.records import Hit
from core.settings import Settings
from core.storage.disk import is_full, storage_full
from core.storage.qdrant_server import WAITS, QdrantServer, passing
from core.storage.vector_index import BATCH, PAGE, StoredPoint, ranked

Result = TypeVar("Result")
ALREADY_OPEN = "already accessed by another instance"

# A proxy's HTML raises a JSON error (a ValueError) outside the client's own family.
FAILURES = (
    QdrantException,
    ApiException,
    ValueError,
    OSError,
    RuntimeError,
    AssertionError,
    AttributeError,
    sqlite3.Error,
)

# Local mode warns that it searches exactly, has no payload indexes and is meant to stay small.
warnings.filterwarnings("ignore", message=".*[Ll]ocal mode", category=UserWarning)
warnings.filterwarnings("ignore", message=".*local Qdrant", category=UserWarning)


def connect(directory: Path) -> QdrantClient:
    """Local mode in ``directory``.

    Raises:
        StoreUnavailable: it cannot be opened.
        StoreBusy: another program has it open.
        StorageFull: there is no room to create it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return QdrantClient(path=str(directory))
    except Exception as error:
        # Local mode raises whatever its files provoke: JSON, SQLite, pickle and runtime errors.
        raise cannot_open(directory, error, busy=ALREADY_OPEN in str(error)) from error


def cannot_open(directory: Path, error: Exception, *, busy: bool) -> ProvisoError:
    """What a user is told of a vector store in ``directory`` that does not open: full, in use, or damaged."""
    if is_full(error, directory):
        return storage_full(directory.parent)
    if busy:
        return StoreBusy(str(directory), "is open in another process.", "Stop that process and try again.")
    return StoreUnavailable(
        str(directory),
        f"the vector store cannot be opened ({type(error).__name__}).",
        "Run proviso doctor --repair.",
    )


def server_of(settings: Settings) -> QdrantServer:
    """The server that the settings name."""
    return QdrantServer(settings.qdrant_url.strip(), settings.qdrant_api_key, settings.qdrant_timeout)


def open_server(settings: Settings, collection: str) -> "QdrantVectors":
    """The vector index on the server that the settings name; nothing is sent before it is used."""
    server = server_of(settings)
    return QdrantVectors(server.connect(), collection, server)


class QdrantVectors:
    """One Qdrant collection behind ``VectorIndex``.

    In local mode every call is serialised, reads too, because it is not thread-safe.

    Args:
        client: local or remote.
        collection: its name carries the fingerprint of everything that shapes the vectors.
        server: what the client is connected to; None for local mode.
        directory: where local mode keeps it; None for a server.
    """

    def __init__(
        self,
        client: QdrantClient,
        collection: str,
        server: QdrantServer | None = None,
        directory: Path | None = None,
    ) -> None:
        self._client = client
        self.server = server
        self.directory = directory
        self._collection = collection
        self._lock = threading.RLock()
        self._exists = False

    @property
    def remote(self) -> bool:
        """True for a server."""
        return self.server is not None

    @property
    def keeps_checksums(self) -> bool:
        """True for a server, which has some of its own."""
        return self.server is not None

    def upsert(self, contract_id: str, chunk_ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Write the vectors, shape (len(chunk_ids), dimension), of one contract; repeating it is harmless."""
        self.prepare(vectors.shape[1])
        points = [
            models.PointStruct(id=chunk_id, vector=vector.tolist(), payload={"contract_id": contract_id})
            for chunk_id, vector in zip(chunk_ids, vectors, strict=True)
        ]
        for begin in range(0, len(points), BATCH):
            batch = points[begin : begin + BATCH]
            self._call(partial(self._client.upsert, self._collection, batch, wait=True))

    def delete(self, contract_id: str) -> None:
        """Remove every vector of one contract."""
        if not self._present():
            return
        selector = models.FilterSelector(filter=_of_contracts([contract_id]))
        self._call(lambda: self._client.delete(self._collection, selector, wait=True))

    def search(
        self, vector: NDArray[np.float32], limit: int, contract_ids: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The ``limit`` chunks nearest to ``vector`` by cosine, ties broken by chunk id."""
        if not self._present():
            return ()
        scope = _of_contracts(contract_ids) if contract_ids is not None else None
        points = self._call(
            lambda: (
                self._client.query_points(
                    self._collection,
                    query=vector.tolist(),
                    query_filter=scope,
                    limit=limit,
                    with_payload=False,
                    # A clause must not be missed to an approximation that saves ten milliseconds.
                    search_params=models.SearchParams(exact=True),
                ).points
            )
        )
        return ranked((str(point.id), point.score) for point in points)

    def chunk_ids(self) -> set[str]:
        """The ids of all stored vectors."""
        ids: set[str] = set()
        if not self._present():
            return ids
        offset: models.ExtendedPointId | None = None
        while True:
            records, offset = self._page(offset)
            ids.update(str(record.id) for record in records)
            if offset is None:
                return ids

    def points(self) -> Iterator[tuple[StoredPoint, ...]]:
        """Everything that is stored, a page at a time, to be compared with the catalogue."""
        offset: models.ExtendedPointId | None = None
        while self._present():
            records, offset = self._page(offset, contents=True)
            yield tuple(_stored(record) for record in records)
            if offset is None:
                return

    def discard(self, chunk_ids: Sequence[str]) -> None:
        """Remove single vectors that belong to no contract."""
        if chunk_ids:
            selector = models.PointIdsList(points=list(chunk_ids))
            self._call(lambda: self._client.delete(self._collection, selector, wait=True))

    def settle(self) -> None:
        """Nothing to do: both wait for their disk with every request."""

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            self._client.close()

    def count(self) -> int:
        """The number of stored vectors, asked afresh: a server may have lost its collection meanwhile."""
        self._exists = False
        if not self._present():
            return 0
        return self._call(lambda: self._client.count(self._collection, exact=True).count)

    def prepare(self, dimension: int) -> None:
        """Make the collection for vectors of this dimension. One of another dimension cannot be searched with
        today's encoder; its name says that it is this library's, so that it is dropped and made anew.
        """
        if self._present() and (self.server is None or self._call(self._dimension) == dimension):
            return
        self._call(lambda: self._create(dimension))
        # On a server the index keeps scoped questions fast; local mode ignores it.
        self._call(
            lambda: self._client.create_payload_index(
                self._collection, "contract_id", models.PayloadSchemaType.KEYWORD
            )
        )
        self._present()

    def _present(self) -> bool:
        if not self._exists:
            self._exists = self._call(lambda: self._client.collection_exists(self._collection))
            if self._exists and self.directory is not None:
                self._call(lambda: _write_without_waiting(self._client, self._collection))
        return self._exists

    def _dimension(self) -> int:
        parameters = self._client.get_collection(self._collection).config.params.vectors
        return parameters.size if isinstance(parameters, models.VectorParams) else 0

    def _create(self, dimension: int) -> None:
        # May be repeated after a fault that came too late to stop the first attempt.
        if self._client.collection_exists(self._collection):
            if self.server is None or self._dimension() == dimension:
                return
            self._client.delete_collection(self._collection)
        parameters = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        self._client.create_collection(self._collection, vectors_config=parameters)

    def _page(
        self, offset: "models.ExtendedPointId | None", contents: bool = False
    ) -> "tuple[list[models.Record], models.ExtendedPointId | None]":
        return self._call(
            lambda: self._client.scroll(
                self._collection, limit=PAGE, offset=offset, with_payload=contents, with_vectors=contents
            )
        )

    def _call(self, request: Callable[[], Result]) -> Result:
        if self.server is not None:
            return self._call_server(request, self.server)
        with self._lock:
            try:
                return request()
            except FAILURES as error:
                if self.directory is not None and is_full(error, self.directory):
                    raise storage_full(self.directory.parent) from error
                raise StoreUnavailable(
                    "The vector store (Qdrant)",
                    f"search is unavailable ({type(error).__name__}).",
                    "Run proviso doctor.",
                ) from error

    def _call_server(self, request: Callable[[], Result], server: QdrantServer) -> Result:
        for wait in (*WAITS, None):
            try:
                return request()
            except FAILURES as error:
                # Told below, outside of this block: what the server said, perhaps with the key in it, must not
                # travel along as the context of the new exception.
                failure, again = server.explain(error), passing(error)
            if wait is None or not again:
                break
            time.sleep(wait)
        self._exists = False
        raise failure


def _of_contracts(contract_ids: Collection[str]) -> models.Filter:
    match = models.MatchAny(any=sorted(contract_ids))
    return models.Filter(must=[models.FieldCondition(key="contract_id", match=match)])


def _stored(record: "models.Record") -> StoredPoint:
    contract_id = (record.payload or {}).get("contract_id")
    try:
        vector = np.asarray(record.vector, dtype=np.float32)
    except (TypeError, ValueError):
        vector = np.empty(0, dtype=np.float32)
    return StoredPoint(str(record.id), contract_id if isinstance(contract_id, str) else "", vector)


def _write_without_waiting(client: QdrantClient, collection: str) -> None:
    # Local mode waits for the disk after every single point: 10,000 of them take minutes on a busy disk. The
    # catalogue waits for the disk and holds every vector, so what a power cut takes from here is put back at
    # the next start. Where the client is built otherwise, writing is slower and nothing else.
    collections = getattr(getattr(client, "_client", None), "collections", {})
    connection = getattr(getattr(collections.get(collection), "storage", None), "storage", None)
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = NORMAL")
