"""``proviso doctor --repair``: put right what can be, from the catalogue or, without one, from the originals."""

import functools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from core.audit.actor import system_user
from core.errors import CatalogueUnusable
from core.library_checks import damaged_originals, orphaned, unfinished
from core.settings import Settings
from core.storage.aside import move_aside
from core.storage.database import CATALOGUE, CATALOGUE_FILE, open_database
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.lock import hold
from core.storage.originals import Originals
from core.storage.sqlite_file import Database
from ingest.intake import Announce
from ingest.open_library import open_library
from ingest.open_trail import open_trail

ROLE = "proviso doctor --repair"
SIDE_FILES = ("", "-wal", "-shm")


def repair_library(settings: Settings) -> Iterator[str]:
    """Repair the library of ``settings``; yields what was done, a sentence each.

    Raises:
        StoreBusy: another process holds the library.
        StoreUnavailable: the local vector store cannot be used.
        AuditUnavailable: a stored file that is to be queued could not be logged; it is not queued.
        StorageFull: there is no room.
        CatalogueUnusable: the catalogue is of a newer Proviso.
    """
    directory = settings.directory
    announce = functools.partial(open_trail(settings).offered, system_user())
    with hold(directory, ROLE):
        if directory.stat().st_mode & 0o077:
            directory.chmod(0o700)
            yield "The data directory is now closed to others."
        yield from _replace_catalogue(directory, announce)
    with open_library(settings, ROLE) as library:
        yield from library.recovered
        yield from _repair_originals(library, announce)


def _replace_catalogue(directory: Path, announce: Announce) -> Iterator[str]:
    """A new catalogue in place of one that cannot be read, with every stored file queued to be read again."""
    path = directory / CATALOGUE_FILE
    try:
        open_database(directory).check()
        return
    except CatalogueUnusable:
        if _schema(path) > 0:
            # It belongs to a newer Proviso, or to somebody else: nothing is wrong with the file.
            raise
    names = _file_names(path)
    for suffix in SIDE_FILES:
        side = path.with_name(path.name + suffix)
        if side.exists():
            yield f"{side.name} is damaged and was moved to {move_aside(side)}."
    jobs = Jobs(Database(path, CATALOGUE))
    ids = sorted(Originals(directory / "originals").ids())
    for contract_id in ids:
        file_name = names.get(contract_id, f"{contract_id[:12]}.pdf")
        announce(contract_id, file_name, "")
        jobs.enqueue(contract_id, file_name)
    yield f"A new catalogue was made. {len(ids)} stored files wait to be read again, by the app or proviso ingest."


def _repair_originals(library: Library, announce: Announce) -> Iterator[str]:
    names = {contract.contract_id: contract.file_name for contract in library.catalogue.contracts()}
    missing, changed = damaged_originals(library.catalogue, library.originals)
    for contract_id in changed:
        aside = library.originals.set_aside(contract_id)
        yield f"The stored copy of {names[contract_id]} has changed; it was moved to {aside}."
    for contract_id in missing + changed:
        yield f"{names[contract_id]} has no stored copy. Add the same file again to put it back."
    for contract_id in orphaned(library.catalogue, library.jobs, library.originals):
        announce(contract_id, f"{contract_id[:12]}.pdf", "")
        library.jobs.enqueue(contract_id, f"{contract_id[:12]}.pdf")
        yield f"The stored file {contract_id[:12]} had never been queued; it is now."
    for path in unfinished(library.originals):
        path.unlink(missing_ok=True)
        yield f"Removed the unfinished file {path.name}."


def _schema(path: Path) -> int:
    return int(str(_asked(path, "PRAGMA user_version")[0][0])) if _readable(path) else 0


def _readable(path: Path) -> bool:
    found = _asked(path, "PRAGMA quick_check(1)")
    return bool(found) and found[0][0] == "ok"


def _file_names(path: Path) -> dict[str, str]:
    """The file names that can still be read from a damaged catalogue, by contract id."""
    return {str(row[0]): str(row[1]) for row in _asked(path, "SELECT contract_id, file_name FROM contracts")}


def _asked(path: Path, question: str) -> list[tuple[object, ...]]:
    if not path.exists():
        return []
    connection = sqlite3.connect(path)
    rows: list[tuple[object, ...]] = []
    try:
        rows.extend(connection.execute(question))
    except sqlite3.DatabaseError:
        pass
    finally:
        connection.close()
    return rows
