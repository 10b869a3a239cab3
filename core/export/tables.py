"""The candidates of a question as rows: the same columns in every spreadsheet and CSV file."""

from dataclasses import dataclass
from typing import Final

from core.found_by import found_words
from core.records import Finding, Judged

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and its width in a workbook, in characters."""

    heading: str
    width: int


COLUMNS: Final = (
    Column("Rank", 7),
    Column("Citation", 9),
    Column("Verdict", 16),
    Column("Contract", 34),
    Column("First page", 10),
    Column("Last page", 10),
    Column("Heading", 34),
    Column("Passage", 80),
    Column("Relevance", 11),
    Column("Logit", 10),
    Column("Dense rank", 11),
    Column("Dense score", 12),
    Column("BM25 rank", 11),
    Column("BM25 score", 12),
    Column("Fused rank", 11),
    Column("Fused score", 12),
    Column("End not read", 12),
    Column("Chunk id", 38),
    Column("Contract id", 20),
    Column("Found by", 24),
)


def candidate_rows(finding: Finding) -> list[tuple[Value, ...]]:
    """One row for every candidate by final rank, in the order of ``COLUMNS``; a leg that missed it is empty."""
    numbers = {passage.chunk_id: passage.number for passage in finding.evidence.passages}
    return [_row(judged, numbers.get(judged.candidate.chunk.chunk_id)) for judged in finding.ranking.all]


def _row(judged: Judged, number: int | None) -> tuple[Value, ...]:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    dense, bm25 = candidate.dense, candidate.bm25
    return (
        judged.rank,
        number,
        judged.verdict.value,
        candidate.contract_title,
        chunk.page_start,
        chunk.page_end,
        chunk.heading,
        chunk.text,
        judged.relevance,
        judged.logit,
        dense.rank if dense else None,
        dense.score if dense else None,
        bm25.rank if bm25 else None,
        bm25.score if bm25 else None,
        candidate.fused_rank,
        candidate.fused_score,
        "yes" if judged.truncated else "no",
        chunk.chunk_id,
        chunk.contract_id,
        found_words(candidate),
    )
