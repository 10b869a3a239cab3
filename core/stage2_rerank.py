"""Stage 2: judge every candidate against the exact question, keep the best, and seal them as Evidence.

This is the only module that builds ``Evidence``.
"""

from collections.abc import Sequence

from core.models import Progress, Scorer, ignore_progress
from core.records import Candidate, Evidence, Inquiry, Judged, Passage, Ranking, ScoredBy, Verdict


def rerank(
    inquiry: Inquiry,
    candidates: Sequence[Candidate],
    scorer: Scorer,
    on_scored: Progress = ignore_progress,
) -> Ranking:
    """Score every candidate jointly with the question; keep the best that reach the minimum relevance.

    Ranks count from 1 by falling logit (logits do not saturate as relevance does), ties broken by chunk id. What
    the first look alone has scored, because it stands no chance, ranks below all that the cross-encoder read.
    ``on_scored`` is told how many candidates that were not scored before are scored, and how many there are.
    """
    texts = [candidate.chunk.situated_text for candidate in candidates]
    scores = scorer.score_pairs(inquiry.question, texts, on_scored, inquiry.keep)
    scored_by = [ScoredBy.FIRST_LOOK if alone else ScoredBy.CROSS_ENCODER for alone in scores.by_first_look]
    order = sorted(
        range(len(candidates)),
        key=lambda index: (
            scored_by[index] is ScoredBy.FIRST_LOOK,
            -float(scores.logits[index]),
            candidates[index].chunk.chunk_id,
        ),
    )
    judged = [
        Judged(
            candidate=candidates[index],
            logit=float(scores.logits[index]),
            relevance=float(scores.relevance[index]),
            rank=rank,
            truncated=bool(scores.truncated[index]),
            verdict=_verdict(rank, float(scores.relevance[index]), inquiry),
            scored_by=scored_by[index],
        )
        for rank, index in enumerate(order, start=1)
    ]
    return Ranking(
        kept=tuple(one for one in judged if one.verdict is Verdict.KEPT),
        discarded=tuple(one for one in judged if one.verdict is not Verdict.KEPT),
    )


def select_evidence(inquiry: Inquiry, ranking: Ranking) -> Evidence:
    """The kept passages, numbered by rank, with nothing of the rest."""
    return Evidence(
        question=inquiry.question,
        keep=inquiry.keep,
        passages=tuple(_passage(number, judged) for number, judged in enumerate(ranking.kept, start=1)),
    )


def _verdict(rank: int, relevance: float, inquiry: Inquiry) -> Verdict:
    if relevance < inquiry.minimum_relevance:
        return Verdict.BELOW_MINIMUM
    return Verdict.KEPT if rank <= inquiry.keep else Verdict.BEYOND_KEEP


def _passage(number: int, judged: Judged) -> Passage:
    chunk = judged.candidate.chunk
    return Passage(
        number=number,
        chunk_id=chunk.chunk_id,
        contract_id=chunk.contract_id,
        contract_title=judged.candidate.contract_title,
        heading=chunk.heading,
        page_start=chunk.page_start,
        page_end=chunk.page_end,
        text=chunk.text,
        relevance=judged.relevance,
    )
