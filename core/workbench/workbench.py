"""The SQLite file in which the work of readers is kept.

Its own file beside the catalogue: the catalogue can be made again from the contracts, this cannot.
"""

from pathlib import Path

from core.errors import CatalogueUnusable
from core.health import Check
from core.review.tables import REVIEW_TABLES
from core.storage.sqlite_file import Database, FileKind
from core.workbench import decision_store, labels

WORKBENCH_FILE = "workbench.sqlite3"
# Each store adds its tables here, CREATE TABLE statements that end with a semicolon and a newline.
TABLES: tuple[str, ...] = (decision_store.SCHEMA, labels.SCHEMA, REVIEW_TABLES)

WORKBENCH = FileKind(
    "workbench",
    "".join(TABLES),
    1,
    "It holds decisions, labels and reviews. Put a backup in its place, or move it away to begin a new one.",
)


def open_workbench(directory: Path) -> Database:
    """The workbench's file in a data directory, created when it is not there; safe to share between threads.

    Raises:
        CatalogueUnusable: it is damaged, or of a later schema.
        StorageFull: there is no room to create it.
    """
    return Database(directory / WORKBENCH_FILE, WORKBENCH)


def check_workbench(directory: Path) -> Check:
    """The finding of ``proviso doctor`` on the workbench; none is made where there is none."""
    if not (directory / WORKBENCH_FILE).is_file():
        return Check("workbench", True, "not begun")
    try:
        workbench = open_workbench(directory)
        workbench.check()
    except CatalogueUnusable as error:
        return Check("workbench", False, str(error))
    workbench.close()
    return Check("workbench", True, "no damage in the file")
