"""Open the library that the settings describe, whole and in step, whatever happened to the last process."""

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreUnavailable
from core.models import EncoderSource
from core.settings import Settings
from core.storage.catalogue import Catalogue
from core.storage.database import open_database
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.lock import hold
from core.storage.open_vectors import (
    open_or_replace_vectors,
    open_vectors,
    remove_unused,
    set_vectors_aside,
    uses_server,
)
from core.storage.originals import Originals
from core.storage.sqlite_file import Database
from core.storage.tokens import TOKENIZER_VERSION
from core.storage.vector_index import VectorIndex
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
        StorageFull: there is no room to start.
        CatalogueUnusable: the catalogue is damaged, missing, or of a newer Proviso.
    """
    with hold(settings.directory, role):
        database = open_database(settings.directory)
        database.check()
        library = _recovered(settings, database)
        remove_unused(settings, settings.directory, _collection(settings))
        for sentence in library.recovered:
            logger.warning("At start: %s", sentence)
        try:
            yield library
        finally:
            library.close()


@contextmanager
def examine_library(settings: Settings, role: str) -> Iterator[Library]:
    """Hold the data directory and give the library as it stands: nothing is repaired, nothing is written.

    Raises:
        As ``open_library``, and StoreUnavailable when the local vector store is damaged.
    """
    with hold(settings.directory, role):
        library = _assemble(settings, open_database(settings.directory), open_vectors)
        try:
            yield library
        finally:
            library.close(save=False)


def read_catalogue(settings: Settings) -> Catalogue:
    """The catalogue alone, for reading while another process holds the library.

    Raises:
        CatalogueUnusable: the catalogue is damaged, missing, or of a newer Proviso.
    """
    return Catalogue(open_database(settings.directory))


def _recovered(settings: Settings, database: Database) -> Library:
    library = _assemble(settings, database, open_or_replace_vectors)
    try:
        library.recover()
        return library
    except StoreUnavailable as error:
        library.close(save=False)
        if uses_server(settings):
            raise
        # It opens and cannot be used, for instance because it was made for vectors of another length.
        reason = error.reason
    except BaseException:
        library.close(save=False)
        raise
    aside = set_vectors_aside(settings.directory, _collection(settings))
    library = _assemble(settings, database, open_vectors)
    library.recover()
    library.recovered = (
        f"{reason} The vector store was moved to {aside} and built again.",
        *library.recovered,
    )
    return library


def _assemble(
    settings: Settings, database: Database, opener: Callable[[Settings, Path, str], VectorIndex]
) -> Library:
    directory = settings.directory
    fingerprint = fingerprint_of(settings)
    return Library(
        catalogue=Catalogue(database),
        jobs=Jobs(database),
        originals=Originals(directory / "originals"),
        keyword_file=directory / "bm25" / f"{fingerprint}_{TOKENIZER_VERSION}.json",
        vectors=opener(settings, directory, _collection(settings)),
        fingerprint=fingerprint,
    )


def _collection(settings: Settings) -> str:
    fingerprint = fingerprint_of(settings)
    if not uses_server(settings):
        return f"chunks_{fingerprint}"
    # Libraries that share a server must not take each other's vectors for orphans.
    identity = settings.directory / "library_id"
    if not (identity.exists() and identity.read_text(encoding="utf-8").strip()):
        identity.write_text(uuid.uuid4().hex, encoding="utf-8")
    return f"chunks_{fingerprint}_{identity.read_text(encoding='utf-8').strip()}"
