"""A kept cell as the finding that it was, so that it can be looked at like any other question."""

from collections.abc import Collection, Mapping
from typing import Protocol

from core.records import Candidate, Chunk, Finding, Hit, Inquiry, Judged, Ranking, Verdict
from core.review.fill import inquiry_of
from core.review.records import Cell, LedgerLine, Review
from core.stage2_rerank import select_evidence


class Chunks(Protocol):
    """Gives passages by their ids."""

    def chunks(self, chunk_ids: Collection[str]) -> Mapping[str, Chunk]:
        """Those that may still be shown."""
        ...


def finding_of(review: Review, cell: Cell, ledger: tuple[LedgerLine, ...], shelf: Chunks) -> Finding | None:
    """What the search of a cell found, every rank and score as it was.

    None when a passage is gone, because its contract was deleted or indexed again: what is left must not pass
    for the whole.
    """
    chunks = shelf.chunks([line.chunk_id for line in ledger])
    if not ledger or len(chunks) != len(ledger):
        return None
    inquiry = inquiry_of(review, cell.place)
    title = {one.contract_id: one.title for one in review.contracts}[cell.place.contract_id]
    kept = {passage.chunk_id for passage in cell.kept}
    judged = [_judged(line, chunks[line.chunk_id], title, _verdict(line, kept, inquiry)) for line in ledger]
    ranking = Ranking(
        tuple(one for one in judged if one.verdict is Verdict.KEPT),
        tuple(one for one in judged if one.verdict is not Verdict.KEPT),
    )
    return Finding(inquiry, ranking, select_evidence(inquiry, ranking), (), 1, cell.cautions)


def _judged(line: LedgerLine, chunk: Chunk, title: str, verdict: Verdict) -> Judged:
    candidate = Candidate(
        chunk,
        title,
        _hit(line.chunk_id, line.dense_rank, line.dense_score),
        _hit(line.chunk_id, line.bm25_rank, line.bm25_score),
        line.fused_rank,
        line.fused_score,
    )
    return Judged(candidate, line.logit, line.relevance, line.rank, line.truncated, verdict)


def _verdict(line: LedgerLine, kept: Collection[str], inquiry: Inquiry) -> Verdict:
    if line.chunk_id in kept:
        return Verdict.KEPT
    return Verdict.BELOW_MINIMUM if line.relevance < inquiry.minimum_relevance else Verdict.BEYOND_KEEP


def _hit(chunk_id: str, rank: int | None, score: float | None) -> Hit | None:
    return None if rank is None or score is None else Hit(chunk_id, rank, score)
