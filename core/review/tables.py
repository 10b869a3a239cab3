"""The tables of reviews in the workbench's file."""

# Pending cells have no row. A reviewer's words are rows that are only ever added.
REVIEW_TABLES = """
CREATE TABLE question_sets (
    name TEXT PRIMARY KEY COLLATE NOCASE, content TEXT NOT NULL, actor TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE TABLE reviews (
    review_id TEXT PRIMARY KEY, at TEXT NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE TABLE review_cells (
    review_id TEXT NOT NULL REFERENCES reviews (review_id) ON DELETE CASCADE,
    contract_id TEXT NOT NULL, question INTEGER NOT NULL, status TEXT NOT NULL,
    cell TEXT NOT NULL, ledger TEXT NOT NULL,
    PRIMARY KEY (review_id, contract_id, question)
) STRICT;
CREATE TABLE review_confirmations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    review_id TEXT NOT NULL REFERENCES reviews (review_id) ON DELETE CASCADE,
    contract_id TEXT NOT NULL, question INTEGER NOT NULL, kind TEXT NOT NULL,
    actor TEXT NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX review_confirmations_of ON review_confirmations (review_id, contract_id, question);
"""
