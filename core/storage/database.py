"""The SQLite file behind the catalogue and the jobs: its tables and how it is opened.

The catalogue is the source of truth. Both indexes can be rebuilt from it without reading a PDF or running a
model again: it holds the text, the chunks and the vectors.
"""

from pathlib import Path

from core.storage.sqlite_file import Database, FileKind, damaged

CATALOGUE_FILE = "catalogue.sqlite3"
SCHEMA_VERSION = 4

SCHEMA = """
CREATE TABLE contracts (
    contract_id TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    title TEXT NOT NULL,
    parties TEXT NOT NULL,
    date TEXT NOT NULL,
    governing_law TEXT NOT NULL,
    warnings TEXT NOT NULL,
    text TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staging', 'ready', 'deleting')),
    edited INTEGER NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE TABLE pages (
    contract_id TEXT NOT NULL REFERENCES contracts ON DELETE CASCADE,
    number INTEGER NOT NULL,
    label TEXT NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    source TEXT NOT NULL,
    confidence REAL,
    runs TEXT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (contract_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE chunks (
    chunk_id TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    heading_path TEXT NOT NULL,
    kind TEXT NOT NULL,
    page_start INTEGER NOT NULL,
    page_end INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (contract_id, ordinal)
) STRICT;
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled')),
    cancel INTEGER NOT NULL DEFAULT 0,
    step TEXT NOT NULL DEFAULT 'waiting',
    progress REAL NOT NULL DEFAULT 0,
    report TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, job_id);
"""
# The text leaves the row of its contract: what is read of a row would otherwise be read through all of its text.
VERSION_2 = """
CREATE TABLE texts (
    contract_id TEXT PRIMARY KEY REFERENCES contracts ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;
INSERT INTO texts SELECT contract_id, text FROM contracts;
ALTER TABLE contracts DROP COLUMN text;
CREATE INDEX contracts_by_state ON contracts (state, contract_id, title);
ALTER TABLE contracts ADD COLUMN contract_type TEXT NOT NULL DEFAULT '';
ALTER TABLE contracts ADD COLUMN page_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contracts ADD COLUMN chunk_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contracts ADD COLUMN special_pages TEXT NOT NULL DEFAULT '[]';
UPDATE contracts SET
    page_count = (SELECT count(*) FROM pages p WHERE p.contract_id = contracts.contract_id),
    chunk_count = (SELECT count(*) FROM chunks k WHERE k.contract_id = contracts.contract_id),
    special_pages = (SELECT json_group_array(json_array(number, source)) FROM pages p
        WHERE p.contract_id = contracts.contract_id AND source <> 'text');
CREATE TABLE annotations (
    contract_id TEXT PRIMARY KEY REFERENCES contracts ON DELETE CASCADE,
    version TEXT NOT NULL,
    terms TEXT NOT NULL,
    cross_references TEXT NOT NULL
) STRICT;
"""
# ``sequence`` rises with every row written, so that a change of any kind of fact can be noticed.
VERSION_3 = """
CREATE TABLE derived (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id TEXT NOT NULL REFERENCES contracts ON DELETE CASCADE,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, contract_id)
) STRICT;
"""
# By a key of what was asked, for each contract that holds it: a contract that is indexed again asks nothing twice, one
# that is deleted takes its texts along (``Catalogue.remove``).
VERSION_4 = """
CREATE TABLE model_texts (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    text TEXT NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (kind, key, contract_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX model_texts_by_contract ON model_texts (contract_id, kind);
"""

CATALOGUE = FileKind(
    "catalogue",
    SCHEMA + VERSION_2 + VERSION_3 + VERSION_4,
    SCHEMA_VERSION,
    "The contracts' files in the folder originals beside it are kept. Put a backup of the catalogue in its place, or"
    " run proviso doctor --repair, which reads every stored file again; corrections made by hand are lost then.",
    upgrades=(VERSION_2, VERSION_3, VERSION_4),
)


def open_database(directory: Path) -> Database:
    """The catalogue's file in a data directory, created when the directory is new.

    Raises:
        CatalogueUnusable: it is damaged, of a later schema, or gone while originals are still there. An empty
            catalogue in its place would say "no contracts" where there are some.
        StorageFull: there is no room to create it.
    """
    path = directory / CATALOGUE_FILE
    if not (path.exists() and path.stat().st_size) and _holds_files(directory / "originals"):
        raise damaged(path, "it is empty" if path.exists() else "it is missing", CATALOGUE)
    return Database(path, CATALOGUE)


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())
