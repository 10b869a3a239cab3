"""What was found in a contract's text beside its passages: defined terms and cross-references.

Everything here can be made again from the catalogue's text; a contract that has none of today's version is due.
"""

import json
from dataclasses import astuple, dataclass

from core.records import CrossReference, DefinedTerm
from core.storage.sqlite_file import Database


@dataclass(frozen=True, slots=True)
class ContractNotes:
    """The defined terms and the cross-references of one contract, both in the order of its text."""

    terms: tuple[DefinedTerm, ...] = ()
    references: tuple[CrossReference, ...] = ()


class Annotations:
    """Reads and writes the notes of contracts; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, contract_id: str, notes: ContractNotes, contract_type: str, version: str) -> None:
        """Store what was found in a contract; one that is gone meanwhile is left alone.

        ``contract_type`` fills an empty field of a contract that nobody corrected by hand.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO annotations SELECT contract_id, ?, ?, ? FROM contracts WHERE contract_id = ?",
                (
                    version,
                    json.dumps([astuple(term) for term in notes.terms]),
                    json.dumps([astuple(reference) for reference in notes.references]),
                    contract_id,
                ),
            )
            connection.execute(
                "UPDATE contracts SET contract_type = ? WHERE contract_id = ? AND contract_type = '' AND edited = 0",
                (contract_type, contract_id),
            )

    def due(self, version: str) -> tuple[str, ...]:
        """Ids of the visible contracts that have no notes of this version."""
        rows = self._database.connection.execute(
            "SELECT c.contract_id FROM contracts c LEFT JOIN annotations a USING (contract_id)"
            " WHERE c.state = 'ready' AND a.version IS NOT ? ORDER BY c.added_at, c.contract_id",
            (version,),
        )
        return tuple(row["contract_id"] for row in rows)

    def exist(self, contract_id: str) -> bool:
        """Whether a contract has notes, of whatever version."""
        row = self._database.connection.execute(
            "SELECT 1 FROM annotations WHERE contract_id = ?", (contract_id,)
        )
        return row.fetchone() is not None

    def of(self, contract_id: str) -> ContractNotes:
        """The notes of a contract, empty ones where there are none yet."""
        row = self._database.connection.execute(
            "SELECT terms, cross_references FROM annotations WHERE contract_id = ?", (contract_id,)
        ).fetchone()
        if row is None:
            return ContractNotes()
        return ContractNotes(
            tuple(DefinedTerm(*term) for term in json.loads(row["terms"])),
            tuple(CrossReference(*reference) for reference in json.loads(row["cross_references"])),
        )
