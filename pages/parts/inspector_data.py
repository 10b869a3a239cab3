"""A ranking as a table, and what other orders would have kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from core.found_by import found_words
from core.page_words import pages
from core.records import Judged, Ranking, Verdict
from pages.parts.markup import one_line

SNIPPET = 240


def table(ranking: Ranking) -> pd.DataFrame:
    """Every candidate with all ranks and scores, one a row, in the order of the final rank."""
    return pd.DataFrame([_row(judged) for judged in ranking.all])


def _row(judged: Judged) -> dict[str, object]:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    return {
        "final": judged.rank,
        "relevance": judged.relevance,
        "verdict": judged.verdict.value,
        "contract": one_line(candidate.contract_title, SNIPPET),
        "heading": one_line(chunk.heading, SNIPPET),
        "pages": pages(chunk.page_start, chunk.page_end),
        "fused": candidate.fused_rank,
        "change": candidate.fused_rank - judged.rank,
        "found by": one_line(found_words(candidate), SNIPPET),
        "dense": candidate.dense.rank if candidate.dense else None,
        "bm25": candidate.bm25.rank if candidate.bm25 else None,
        "logit": judged.logit,
        "fused score": candidate.fused_score,
        "cosine": candidate.dense.score if candidate.dense else None,
        "BM25 score": candidate.bm25.score if candidate.bm25 else None,
        "passage": one_line(chunk.text, SNIPPET),
        "kept": judged.verdict is Verdict.KEPT,
        "truncated": judged.truncated,
        "scored by": judged.scored_by.value,
    }


@dataclass(frozen=True, slots=True)
class Alternative:
    """What one order alone would keep, and how many of it the reranker kept as well."""

    name: str
    kept: tuple[Judged, ...]
    shared: int


def alternatives(ranking: Ranking, keep: int) -> tuple[Alternative, ...]:
    """The first ``keep`` candidates by the reranker, by fused rank, by BM25 alone and by dense rank alone."""
    reranked = tuple(ranking.kept)
    names = {judged.candidate.chunk.chunk_id for judged in reranked}

    def alternative(name: str, kept: tuple[Judged, ...]) -> Alternative:
        return Alternative(name, kept, sum(one.candidate.chunk.chunk_id in names for one in kept))

    return (
        alternative("Reranked", reranked),
        alternative("Fused rank alone", _first(ranking.all, keep, lambda one: one.candidate.fused_rank)),
        alternative("BM25 alone", _first(ranking.all, keep, _bm25_rank)),
        alternative("Dense alone", _first(ranking.all, keep, _dense_rank)),
    )


def _first(judged: Sequence[Judged], keep: int, rank: Callable[[Judged], int | None]) -> tuple[Judged, ...]:
    ranked = sorted((place, one.rank, one) for one in judged if (place := rank(one)) is not None)
    return tuple(one for _, _, one in ranked[:keep])


def _bm25_rank(judged: Judged) -> int | None:
    return judged.candidate.bm25.rank if judged.candidate.bm25 else None


def _dense_rank(judged: Judged) -> int | None:
    return judged.candidate.dense.rank if judged.candidate.dense else None


def movers(ranking: Ranking, count: int = 5) -> tuple[tuple[Judged, ...], tuple[Judged, ...]]:
    """The candidates that reranking moved up most, and those that it moved down most."""

    def change(judged: Judged) -> int:
        return judged.candidate.fused_rank - judged.rank

    ordered = sorted(ranking.all, key=lambda judged: (-change(judged), judged.rank))
    risers = tuple(judged for judged in ordered[:count] if change(judged) > 0)
    fallers = tuple(judged for judged in reversed(ordered[-count:]) if change(judged) < 0)
    return risers, fallers
