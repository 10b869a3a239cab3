"""The catalogue: every contract with its pages, chunks and vectors, and which of them may be shown.

A contract is invisible while it is ``staging`` or ``deleting``; one UPDATE to ``ready`` makes it visible.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray

from core.records import Chunk, ChunkKind, Contract, ContractText, Page, Profile, TextRun, TextSource, WordBox
from core.storage.sqlite_file import Database

COLUMNS = (
    "SELECT contract_id, file_name, title, parties, date, governing_law, contract_type, warnings, added_at,"
    " page_count, chunk_count, special_pages FROM contracts"
)
READY = f"{COLUMNS} WHERE state = 'ready'"
STAGING = f"{COLUMNS} WHERE state = 'staging'"

# What every question asks. CROSS JOIN keeps the order of the tables: left to itself SQLite may go through all
# contracts and their chunks; the states are named one by one, because only then their index is used.
OF_CHUNKS = (
    "FROM json_each(?) wanted CROSS JOIN chunks k ON k.chunk_id = wanted.value"
    " CROSS JOIN contracts c ON c.contract_id = k.contract_id WHERE c.state = 'ready'"
)
CHUNKS_BY_ID = f"SELECT k.* {OF_CHUNKS}"
CONTRACTS_BY_CHUNK = f"SELECT k.chunk_id, k.contract_id {OF_CHUNKS}"
INVISIBLE_CHUNKS = (
    "SELECT count(*) FROM contracts CROSS JOIN chunks USING (contract_id)"
    " WHERE state IN ('staging', 'deleting')"
)


class Catalogue:
    """Reads and writes contracts; safe to share between threads.

    ``changes`` rises whenever something may be due to be derived from a contract.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes = 0

    @property
    def database(self) -> Database:
        """Where it is stored, for transactions that span the catalogue and the jobs."""
        return self._database

    def stage(
        self,
        contract: ContractText,
        profile: Profile,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
        fingerprint: str,
    ) -> None:
        """Store a contract in full, still invisible, in place of whatever stands under its id.

        What the user corrected by hand is kept. ``vectors`` has shape (len(chunks), dimension), in the order
        of ``chunks``.
        """
        with self._database.transaction() as connection:
            corrected = connection.execute(
                COLUMNS + " WHERE contract_id = ? AND edited = 1", (contract.contract_id,)
            ).fetchone()
            if corrected is not None:
                profile = _profile(corrected)
            connection.execute("DELETE FROM contracts WHERE contract_id = ?", (contract.contract_id,))
            connection.execute(
                "INSERT INTO contracts"
                " (contract_id, file_name, title, parties, date, governing_law, contract_type, warnings,"
                " fingerprint, edited, page_count, chunk_count, special_pages, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'staging')",
                (
                    contract.contract_id,
                    contract.file_name,
                    profile.title,
                    json.dumps(profile.parties),
                    profile.date,
                    profile.governing_law,
                    profile.contract_type,
                    json.dumps(contract.warnings),
                    fingerprint,
                    int(corrected is not None),
                    len(contract.pages),
                    len(chunks),
                    json.dumps(
                        [
                            (page.number, page.source)
                            for page in contract.pages
                            if page.source is not TextSource.TEXT
                        ]
                    ),
                ),
            )
            connection.execute("INSERT INTO texts VALUES (?, ?)", (contract.contract_id, contract.text))
            connection.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_page_row(contract.contract_id, page) for page in contract.pages],
            )
            connection.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_chunk_row(chunk, vector) for chunk, vector in zip(chunks, vectors, strict=True)],
            )

    def publish(self, contract_id: str) -> None:
        """Make a staged contract visible: the commit point of adding one."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE contracts SET state = 'ready' WHERE contract_id = ? AND state = 'staging'",
                (contract_id,),
            )
        self.changes += 1

    def hide(self, contract_id: str) -> None:
        """Make a contract invisible at once: the commit point of deleting one."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE contracts SET state = 'deleting' WHERE contract_id = ?", (contract_id,)
            )

    def remove(self, contract_id: str) -> None:
        """Drop the rows of an invisible contract, and what a model service wrote of it."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM model_texts WHERE contract_id = ? AND contract_id NOT IN"
                " (SELECT contract_id FROM contracts WHERE state = 'ready')",
                (contract_id,),
            )
            connection.execute(
                "DELETE FROM contracts WHERE contract_id = ? AND state <> 'ready'", (contract_id,)
            )

    def correct(self, contract_id: str, profile: Profile) -> None:
        """Replace what is shown about a contract by what the user says; what was derived from it is due again."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM derived WHERE contract_id = ?", (contract_id,))
            connection.execute(
                "UPDATE contracts SET title = ?, parties = ?, date = ?, governing_law = ?, contract_type = ?,"
                " edited = 1 WHERE contract_id = ?",
                (
                    profile.title,
                    json.dumps(profile.parties),
                    profile.date,
                    profile.governing_law,
                    profile.contract_type,
                    contract_id,
                ),
            )
        self.changes += 1

    def contracts(self) -> tuple[Contract, ...]:
        """Every visible contract, in the order of its title."""
        rows = self._database.connection.execute(READY + " ORDER BY title COLLATE NOCASE, contract_id")
        return tuple(_contract(row) for row in rows)

    def contract(self, contract_id: str) -> Contract | None:
        """One visible contract, or None."""
        row = self._database.connection.execute(READY + " AND contract_id = ?", (contract_id,)).fetchone()
        return None if row is None else _contract(row)

    def staged(self, contract_id: str, fingerprint: str) -> Contract | None:
        """A contract that is stored in full by today's chunker and encoder and not visible yet, or None."""
        row = self._database.connection.execute(
            STAGING + " AND contract_id = ? AND fingerprint = ?", (contract_id, fingerprint)
        ).fetchone()
        return None if row is None else _contract(row)

    def state(self, contract_id: str) -> str:
        """``staging``, ``ready`` or ``deleting``; empty when there is no contract of this id."""
        row = self._database.connection.execute(
            "SELECT state FROM contracts WHERE contract_id = ?", (contract_id,)
        ).fetchone()
        return "" if row is None else str(row["state"])

    def ready_titles(self) -> dict[str, str]:
        """Title of every visible contract by id: the snapshot that one question works on."""
        rows = self._database.connection.execute(
            "SELECT contract_id, title FROM contracts WHERE state = 'ready'"
        )
        return {row["contract_id"]: row["title"] for row in rows}

    def invisible(self) -> dict[str, str]:
        """State of every contract whose adding or deleting has not finished, by id."""
        rows = self._database.connection.execute(
            "SELECT contract_id, state FROM contracts WHERE state IN ('staging', 'deleting')"
        )
        return {row["contract_id"]: row["state"] for row in rows}

    def invisible_chunks(self) -> int:
        """Number of chunks that an index may hold and nobody may see."""
        count = self._database.connection.execute(INVISIBLE_CHUNKS).fetchone()[0]
        return int(count)

    def searchable_chunks(self, fingerprint: str) -> int:
        """Number of visible chunks that today's chunker and encoder prepared."""
        count = self._database.connection.execute(
            "SELECT count(*) FROM chunks JOIN contracts USING (contract_id)"
            " WHERE state = 'ready' AND fingerprint = ?",
            (fingerprint,),
        ).fetchone()[0]
        return int(count)

    def is_current(self, contract_id: str, fingerprint: str) -> bool:
        """True when this contract is visible and was prepared by today's chunker and encoder."""
        row = self._database.connection.execute(
            "SELECT 1 FROM contracts WHERE contract_id = ? AND fingerprint = ? AND state = 'ready'",
            (contract_id, fingerprint),
        ).fetchone()
        return row is not None

    def outdated(self, fingerprint: str) -> tuple[Contract, ...]:
        """Visible contracts that another chunker or encoder prepared."""
        rows = self._database.connection.execute(READY + " AND fingerprint <> ?", (fingerprint,))
        return tuple(_contract(row) for row in rows)

    def chunks(self, chunk_ids: Collection[str]) -> dict[str, Chunk]:
        """The chunks with these ids, of visible contracts only."""
        rows = self._database.connection.execute(CHUNKS_BY_ID, (json.dumps(list(chunk_ids)),))
        return {row["chunk_id"]: _chunk(row) for row in rows}

    def contracts_of(self, chunk_ids: Collection[str]) -> dict[str, str]:
        """The contract of each of these chunks, of visible contracts only."""
        rows = self._database.connection.execute(CONTRACTS_BY_CHUNK, (json.dumps(list(chunk_ids)),))
        return {row["chunk_id"]: row["contract_id"] for row in rows}

    def chunks_of(self, contract_id: str) -> tuple[Chunk, ...]:
        """All chunks of a contract in reading order."""
        rows = self._database.connection.execute(
            "SELECT * FROM chunks WHERE contract_id = ? ORDER BY ordinal", (contract_id,)
        )
        return tuple(_chunk(row) for row in rows)

    def vectors_of(self, contract_id: str) -> NDArray[np.float32]:
        """The vectors of a contract's chunks in reading order, shape (chunks, dimension)."""
        rows = self._database.connection.execute(
            "SELECT vector FROM chunks WHERE contract_id = ? ORDER BY ordinal", (contract_id,)
        )
        return np.stack([np.frombuffer(row["vector"], dtype=np.float32) for row in rows])

    def vectors(self, chunk_ids: Collection[str]) -> dict[str, tuple[str, NDArray[np.float32]]]:
        """Contract id and vector of these chunks, by chunk id; unknown ids are left out."""
        rows = self._database.connection.execute(
            "SELECT chunk_id, contract_id, vector FROM chunks"
            " WHERE chunk_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(chunk_ids)),),
        )
        return {
            row["chunk_id"]: (row["contract_id"], np.frombuffer(row["vector"], dtype=np.float32))
            for row in rows
        }

    def chunk_contracts(self, fingerprint: str) -> Iterator[tuple[str, str]]:
        """(chunk id, contract id) of every visible chunk that today's chunker and encoder prepared."""
        rows = self._database.connection.execute(
            "SELECT k.chunk_id, k.contract_id FROM chunks k JOIN contracts c USING (contract_id)"
            " WHERE c.state = 'ready' AND c.fingerprint = ? ORDER BY c.added_at, k.contract_id, k.ordinal",
            (fingerprint,),
        )
        for row in rows:
            yield row["chunk_id"], row["contract_id"]

    def pages(self, contract_id: str, first: int = 1, last: int | None = None) -> tuple[Page, ...]:
        """The pages of a contract in order: all, or those from ``first`` to ``last``."""
        rows = self._database.connection.execute(
            "SELECT * FROM pages WHERE contract_id = ? AND number >= ? AND number <= coalesce(?, number)"
            " ORDER BY number",
            (contract_id, first, last),
        )
        return tuple(_page(row) for row in rows)

    def text(self, contract_id: str) -> str:
        """The text of a contract, empty when there is none of this id."""
        row = self._database.connection.execute(
            "SELECT text FROM texts WHERE contract_id = ?", (contract_id,)
        ).fetchone()
        return "" if row is None else str(row["text"])


def _page_row(contract_id: str, page: Page) -> tuple[object, ...]:
    runs = json.dumps([list(asdict(run).values()) for run in page.runs])
    words = json.dumps([list(asdict(word).values()) for word in page.words])
    return (
        contract_id,
        page.number,
        page.label,
        page.start,
        page.end,
        page.source,
        page.confidence,
        runs,
        words,
    )


def _page(row: sqlite3.Row) -> Page:
    return Page(
        row["number"],
        row["label"],
        row["start"],
        row["end"],
        TextSource(row["source"]),
        tuple(TextRun(*run) for run in json.loads(row["runs"])),
        tuple(WordBox(*word) for word in json.loads(row["words"])),
        row["confidence"],
    )


def _chunk_row(chunk: Chunk, vector: NDArray[np.float32]) -> tuple[object, ...]:
    return (
        chunk.chunk_id,
        chunk.contract_id,
        chunk.ordinal,
        chunk.start,
        chunk.end,
        chunk.text,
        chunk.context,
        json.dumps(chunk.heading_path),
        chunk.kind,
        chunk.page_start,
        chunk.page_end,
        vector.astype(np.float32).tobytes(),
    )


def _chunk(row: sqlite3.Row) -> Chunk:
    return Chunk(
        row["chunk_id"],
        row["contract_id"],
        row["ordinal"],
        row["start"],
        row["end"],
        row["text"],
        tuple(json.loads(row["heading_path"])),
        ChunkKind(row["kind"]),
        row["page_start"],
        row["page_end"],
        row["context"],
    )


def _profile(row: sqlite3.Row) -> Profile:
    return Profile(
        row["title"],
        tuple(json.loads(row["parties"])),
        row["date"],
        row["governing_law"],
        row["contract_type"],
    )


def _contract(row: sqlite3.Row) -> Contract:
    special = [(int(number), TextSource(source)) for number, source in json.loads(row["special_pages"])]
    contract = Contract(
        row["contract_id"],
        row["file_name"],
        _profile(row),
        row["page_count"],
        row["chunk_count"],
        warnings=tuple(json.loads(row["warnings"])),
        added_at=row["added_at"],
    )
    return replace(
        contract,
        unread_pages=tuple(sorted(number for number, source in special if source is TextSource.NONE)),
        ocr_pages=tuple(sorted(number for number, source in special if source is TextSource.OCR)),
    )
