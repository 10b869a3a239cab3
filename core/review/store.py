"""Reviews, their cells and what reviewers say of them, in the workbench's file."""

from collections.abc import Iterable

from core.review.records import (
    Cell,
    CellPlace,
    CellStatus,
    Confirmation,
    ConfirmationKind,
    Grid,
    LedgerLine,
    Review,
)
from core.review.stored import cell_json, cell_of, ledger_json, ledger_of, review_json, review_of
from core.storage.sqlite_file import Database

AT = "review_id = ? AND contract_id = ? AND question = ?"


class ReviewStore:
    """Reads and writes reviews; safe to share between threads. Everything raises what ``Database`` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, review: Review) -> None:
        """Keep a new review, without any cell."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO reviews VALUES (?, ?, ?)", (review.review_id, review.at, review_json(review))
            )

    def delete(self, review_id: str) -> None:
        """Remove a review with its cells and all that was said of them."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM reviews WHERE review_id = ?", (review_id,))

    def reviews(self) -> tuple[Review, ...]:
        """Every review, the newest first."""
        rows = self._database.connection.execute("SELECT content FROM reviews ORDER BY at DESC, review_id")
        return tuple(review_of(row["content"]) for row in rows)

    def review(self, review_id: str) -> Review | None:
        """One review, or None."""
        row = self._database.connection.execute(
            "SELECT content FROM reviews WHERE review_id = ?", (review_id,)
        ).fetchone()
        return None if row is None else review_of(row["content"])

    def put(self, review_id: str, cell: Cell, ledger: tuple[LedgerLine, ...]) -> None:
        """Keep a filled cell in place of what stood there; nothing happens when the review was deleted."""
        place = cell.place
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO review_cells"
                " SELECT review_id, ?, ?, ?, ?, ? FROM reviews WHERE review_id = ?",
                (
                    place.contract_id,
                    place.question,
                    cell.status,
                    cell_json(cell),
                    ledger_json(ledger),
                    review_id,
                ),
            )

    def clear(self, review_id: str, places: Iterable[CellPlace]) -> None:
        """Make these cells pending again; what reviewers said of them stays."""
        with self._database.transaction() as connection:
            connection.executemany(
                f"DELETE FROM review_cells WHERE {AT}",  # noqa: S608 - constants only
                [(review_id, place.contract_id, place.question) for place in places],
            )

    def filled(self, review_id: str) -> frozenset[CellPlace]:
        """The places of the cells that are filled, those that failed among them."""
        rows = self._database.connection.execute(
            "SELECT contract_id, question FROM review_cells WHERE review_id = ?", (review_id,)
        )
        return frozenset(CellPlace(row["contract_id"], row["question"]) for row in rows)

    def counts(self, review: Review) -> dict[CellStatus, int]:
        """How many cells of a review have each status."""
        rows = self._database.connection.execute(
            "SELECT status, count(*) AS cells FROM review_cells WHERE review_id = ? GROUP BY status",
            (review.review_id,),
        )
        found = {CellStatus(row["status"]): int(row["cells"]) for row in rows}
        found[CellStatus.PENDING] = review.size - sum(found.values())
        return {status: found.get(status, 0) for status in CellStatus}

    def cell(self, review_id: str, place: CellPlace) -> Cell | None:
        """One filled cell, or None."""
        row = self._database.connection.execute(
            f"SELECT cell FROM review_cells WHERE {AT}",  # noqa: S608 - constants only
            (review_id, place.contract_id, place.question),
        ).fetchone()
        return None if row is None else cell_of(row["cell"])

    def ledger(self, review_id: str, place: CellPlace) -> tuple[LedgerLine, ...]:
        """Every candidate of a filled cell by its rank; none where it is pending or failed."""
        row = self._database.connection.execute(
            f"SELECT ledger FROM review_cells WHERE {AT}",  # noqa: S608 - constants only
            (review_id, place.contract_id, place.question),
        ).fetchone()
        return () if row is None else ledger_of(row["ledger"])

    def grid(self, review: Review) -> Grid:
        """The whole review as it stands now."""
        rows = self._database.connection.execute(
            "SELECT cell FROM review_cells WHERE review_id = ?", (review.review_id,)
        )
        filled = {cell.place: cell for cell in (cell_of(row["cell"]) for row in rows)}
        cells = tuple(filled.get(place) or Cell(place) for place in review.places)
        return Grid(review, cells, self._counting(review.review_id))

    def confirm(self, review_id: str, said: Confirmation) -> None:
        """Add what a reviewer says of a cell; nothing happens when the review was deleted."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO review_confirmations"
                " (review_id, contract_id, question, kind, actor, at, text, note)"
                " SELECT review_id, ?, ?, ?, ?, ?, ?, ? FROM reviews WHERE review_id = ?",
                (
                    said.place.contract_id,
                    said.place.question,
                    said.kind,
                    said.actor,
                    said.at,
                    said.text,
                    said.note,
                    review_id,
                ),
            )

    def said_of(self, review_id: str, place: CellPlace) -> tuple[Confirmation, ...]:
        """All that reviewers ever said of a cell, the latest last."""
        return tuple(one for one in self._said(review_id) if one.place == place)

    def _counting(self, review_id: str) -> dict[CellPlace, Confirmation]:
        latest = {one.place: one for one in self._said(review_id)}
        return {place: one for place, one in latest.items() if one.kind is not ConfirmationKind.WITHDRAWN}

    def _said(self, review_id: str) -> tuple[Confirmation, ...]:
        rows = self._database.connection.execute(
            "SELECT * FROM review_confirmations WHERE review_id = ? ORDER BY number", (review_id,)
        )
        return tuple(
            Confirmation(
                CellPlace(row["contract_id"], row["question"]),
                ConfirmationKind(row["kind"]),
                row["actor"],
                row["at"],
                row["text"],
                row["note"],
            )
            for row in rows
        )
