"""Stage 1: propose candidates. Dense and BM25 hits, fused by rank; nothing here reaches the generator."""

from collections.abc import Collection, Mapping
from typing import Protocol

from core.fuse import reciprocal_rank_fusion
from core.models import Encoder
from core.records import Candidate, Chunk, Hit, Inquiry
from core.storage.tokens import tokenize


class Shelf(Protocol):
    """A consistent view of the library for one question (``core.storage.library.Snapshot``)."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Title of every contract that may be shown, by id."""
        ...

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The chunks nearest to the question's vector."""
        ...

    def bm25(self, tokens: list[str], limit: int, contract_ids: Collection[str] | None) -> tuple[Hit, ...]:
        """The chunks with the best BM25 scores."""
        ...

    def chunks(self, chunk_ids: Collection[str]) -> Mapping[str, Chunk]:
        """The chunks with these ids that may be shown."""
        ...


def retrieve(inquiry: Inquiry, shelf: Shelf, encoder: Encoder, rrf_k: int = 60) -> tuple[Candidate, ...]:
    """The best ``inquiry.candidates`` chunks of both legs, by fused rank.

    Raises:
        StoreUnavailable: the dense leg cannot be searched; there is no silent keyword-only result.
    """
    scope = inquiry.contract_ids or None
    dense = shelf.dense(inquiry.question, encoder, inquiry.candidates, scope)
    bm25 = shelf.bm25(tokenize(inquiry.question), inquiry.candidates, scope)
    fused = reciprocal_rank_fusion((dense, bm25), rrf_k)
    chunks = shelf.chunks([hit.chunk_id for hit in fused[: inquiry.candidates]])
    if len(chunks) < min(inquiry.candidates, len(fused)):
        # Some were deleted meanwhile: those behind them move up.
        chunks = shelf.chunks([hit.chunk_id for hit in fused])
    visible = [hit for hit in fused if hit.chunk_id in chunks][: inquiry.candidates]
    dense_hits = {hit.chunk_id: hit for hit in dense}
    bm25_hits = {hit.chunk_id: hit for hit in bm25}
    return tuple(
        Candidate(
            chunk=chunks[hit.chunk_id],
            contract_title=shelf.titles[chunks[hit.chunk_id].contract_id],
            dense=dense_hits.get(hit.chunk_id),
            bm25=bm25_hits.get(hit.chunk_id),
            fused_rank=rank,
            fused_score=hit.score,
        )
        for rank, hit in enumerate(visible, start=1)
    )
