"""Open the library that the settings describe, whole and in step, whatever happened to the last process."""

import hashlib
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreUnavailable
from core.models import EncoderSource
from core.settings import Settings
from core.storage.catalogue import Catalogue
from core.storage.database import Database
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.lock import hold
from core.storage.originals import Originals
from core.storage.tokens import TOKENIZER_VERSION
from core.storage.vector_index import VectorIndex, connect, server_of
from ingest.split import CHUNKER_VERSION

logger = logging.getLogger(__name__)


def fingerprint_of(settings: Settings) -> str:
    """Short hash of everything that shapes chunks and vectors; another value means another collection."""
    parts = (CHUNKER_VERSION, EncoderSource(settings.encoder).identity)
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:16]


@contextmanager
def open_library(settings: Settings, role: str) -> Iterator[Library]:
    """Hold the data directory, recover what a crash left, and give the library.

    Args:
        settings: where the data is and which models prepare it.
        role: who holds it, told to any other process that asks (``the app``, ``proviso ingest``).

    Raises:
        StoreBusy: another process holds the data directory.
        StoreUnavailable: the local vector store cannot be used. A Qdrant server that is away is no error here;
            questions say so.
        ModelUnavailable: the bundled encoder is not the original one.
    """
    directory = settings.directory
    with hold(directory, role):
        library = _assemble(settings, directory)
        library.recover()
        try:
            yield library
        finally:
            library.close()


def read_catalogue(settings: Settings) -> Catalogue:
    """The catalogue alone, for reading while another process holds the library."""
    return Catalogue(Database(settings.directory / "catalogue.sqlite3"))


def _assemble(settings: Settings, directory: Path) -> Library:
    fingerprint = fingerprint_of(settings)
    database = Database(directory / "catalogue.sqlite3")
    return Library(
        catalogue=Catalogue(database),
        jobs=Jobs(database),
        originals=Originals(directory / "originals"),
        vectors=_open_vectors(settings, directory / "qdrant", _collection(settings, directory, fingerprint)),
        keyword_file=directory / "bm25" / f"{fingerprint}_{TOKENIZER_VERSION}.npz",
        fingerprint=fingerprint,
    )


def _collection(settings: Settings, directory: Path, fingerprint: str) -> str:
    if not settings.qdrant_url.strip():
        return f"chunks_{fingerprint}"
    # Libraries that share a server must not take each other's vectors for orphans.
    identity = directory / "library_id"
    if not identity.exists():
        identity.write_text(uuid.uuid4().hex, encoding="utf-8")
    return f"chunks_{fingerprint}_{identity.read_text(encoding='utf-8').strip()}"


def _open_vectors(settings: Settings, path: Path, collection: str) -> VectorIndex:
    try:
        return VectorIndex(connect(settings, path), collection, server_of(settings))
    except StoreUnavailable:
        # The catalogue holds every vector, so a damaged store costs a rebuild and nothing else.
        aside = path.with_name(f"qdrant.damaged-{time.time_ns()}")
        logger.warning("The vector store in %s is damaged; moved to %s and rebuilt.", path, aside.name)
        path.rename(aside)
        return VectorIndex(connect(settings, path), collection, server_of(settings))
