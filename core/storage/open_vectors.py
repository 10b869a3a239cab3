"""Which engine keeps the vectors, and what becomes of a store that cannot be opened.

A server when one is configured. Without one Qdrant's own engine in this process; where that has no build for the
platform, qdrant-client's local mode. Whichever it is, the catalogue holds every vector: a store that is damaged, or
was made by another engine, is built again from it and nothing is embedded.
"""

import logging
import shutil
from importlib import import_module
from pathlib import Path

from core.errors import StoreNotClosed, StoreUnavailable
from core.settings import Settings
from core.storage.aside import DAMAGED, move_aside
from core.storage.vector_index import VectorIndex

logger = logging.getLogger(__name__)
EDGE_FOLDER = "vectors"
LOCAL_FOLDER = "qdrant"
EDGE_MODULE = "core.storage.edge_vectors"


def uses_server(settings: Settings) -> bool:
    """True when the settings name a Qdrant server."""
    return bool(settings.qdrant_url.strip())


def engine_name(settings: Settings) -> str:
    """What keeps the vectors with these settings, in words for a user."""
    if uses_server(settings):
        return "the Qdrant server that is configured"
    missing = _edge_missing()
    if not missing:
        return "Qdrant's own engine in this process (qdrant-edge-py)"
    return (
        f"qdrant-client's local mode, because qdrant-edge-py cannot be used on this machine ({missing});"
        " adding contracts and questions to some of them are slower"
    )


def open_vectors(settings: Settings, directory: Path, collection: str) -> VectorIndex:
    """The vector index that ``settings`` name: a server, or one in the data directory ``directory``.

    Raises:
        StoreNotClosed: the last process was killed while it wrote.
        StoreUnavailable: it is damaged.
        StoreBusy: another program has it open.
        StorageFull: there is no room to open or create it.
    """
    # qdrant-client takes two seconds to import: only where it is used.
    if uses_server(settings):
        from core.storage.qdrant_vectors import open_server

        return open_server(settings, collection)
    if _edge_missing():
        from core.storage.local_vectors import open_local_vectors

        logger.warning("The vectors are kept by %s.", engine_name(settings))
        return open_local_vectors(directory / LOCAL_FOLDER, collection)
    from core.storage.edge_vectors import EdgeVectors

    return EdgeVectors(directory / EDGE_FOLDER, collection)


def open_or_replace_vectors(settings: Settings, directory: Path, collection: str) -> VectorIndex:
    """As ``open_vectors``; an empty store takes the place of one that cannot be opened."""
    try:
        return open_vectors(settings, directory, collection)
    except StoreNotClosed as error:
        logger.warning("%s It is built again from the catalogue.", error.reason)
        shutil.rmtree(_place(directory, collection))
    except StoreUnavailable as error:
        aside = set_vectors_aside(directory, collection)
        logger.warning("%s It was moved to %s and is built again from the catalogue.", error.reason, aside)
    return open_vectors(settings, directory, collection)


def set_vectors_aside(directory: Path, collection: str) -> Path:
    """Move the store in this data directory aside, which must be closed; returns its new place."""
    return move_aside(_place(directory, collection))


def remove_unused(settings: Settings, directory: Path, collection: str) -> None:
    """Remove what another engine, chunker or encoder left in the data directory, once today's store is complete.

    With a server nothing is removed.
    """
    if uses_server(settings):
        return
    unused = LOCAL_FOLDER if _place(directory, collection).parent.name == EDGE_FOLDER else EDGE_FOLDER
    if (directory / unused).exists():
        logger.warning("The vectors are in a store of another make now; the old one is removed.")
        shutil.rmtree(directory / unused)
    for path in (directory / EDGE_FOLDER).glob("chunks_*"):
        if path.name not in (collection, f"{collection}.seal") and DAMAGED not in path.name:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _place(directory: Path, collection: str) -> Path:
    return directory / LOCAL_FOLDER if _edge_missing() else directory / EDGE_FOLDER / collection


def _edge_missing() -> str:
    """Why Qdrant's own engine cannot be used on this machine; empty when it can."""
    try:
        import_module(EDGE_MODULE)
    except ImportError as error:
        return str(error)
    return ""
