"""Stage 2: judge every candidate against the exact question, keep the best, and seal them as Evidence.

This is the only module that builds ``Evidence``.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from core.models import Progress, Scorer, ignore_progress
from core.records import (
    Candidate,
    Evidence,
    Inquiry,
    Judged,
    Passage,
    Ranking,
    ScoredBy,
    Selection,
    Verdict,
)

KEPT_VERDICTS = frozenset({Verdict.KEPT, Verdict.PROMOTED})


def rerank(
    inquiry: Inquiry,
    candidates: Sequence[Candidate],
    scorer: Scorer,
    on_scored: Progress = ignore_progress,
) -> Ranking:
    """Score every candidate jointly with the question; keep the best that reach the minimum relevance, or the
    best of each contract where the inquiry selects so.

    Ranks count from 1 by falling logit (logits do not saturate as relevance does), ties broken by chunk id. What
    the first look alone has scored, because it stands no chance, ranks below all that the cross-encoder read.
    ``on_scored`` is told how many candidates that were not scored before are scored, and how many there are.
    """
    texts = [candidate.chunk.situated_text for candidate in candidates]
    # Where the cut is not between two ranks, every candidate is read at full depth.
    keep = inquiry.keep if inquiry.selection is Selection.BEST else None
    scores = scorer.score_pairs(inquiry.question, texts, on_scored, keep)
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
            verdict=Verdict.KEPT,
            scored_by=scored_by[index],
        )
        for rank, index in enumerate(order, start=1)
    ]
    return _divided(_selected(inquiry, judged))


def override(ranking: Ranking, promoted: Collection[str], removed: Collection[str], keep: int) -> Ranking:
    """The ranking as a reader changed it: verdicts say who decided, ranks and scores stay what they were.

    Args:
        ranking: what the reranker decided.
        promoted: chunk ids of discarded passages that take a place.
        removed: chunk ids of kept passages that lose theirs.
        keep: the most passages that may be kept.

    Raises:
        ValueError: a promoted passage is not discarded, a removed one not kept, or more than ``keep`` are left.
    """
    _check_ids("promoted", promoted, ranking.discarded, "discarded")
    _check_ids("removed", removed, ranking.kept, "kept")
    verdicts = dict.fromkeys(promoted, Verdict.PROMOTED) | dict.fromkeys(removed, Verdict.REMOVED)
    changed = _divided(
        [replace(one, verdict=verdicts.get(one.candidate.chunk.chunk_id, one.verdict)) for one in ranking.all]
    )
    if len(changed.kept) > keep:
        raise ValueError(f"{len(changed.kept)} passages would be kept, and only {keep} may be.")
    return changed


def select_evidence(inquiry: Inquiry, ranking: Ranking) -> Evidence:
    """The kept passages, numbered by rank, with nothing of the rest."""
    return Evidence(
        question=inquiry.question,
        keep=inquiry.keep,
        passages=tuple(passage_of(number, judged) for number, judged in enumerate(ranking.kept, start=1)),
    )


def _selected(inquiry: Inquiry, by_rank: Sequence[Judged]) -> list[Judged]:
    """The candidates in the order of their rank, each with the verdict of the inquiry's rule."""
    decided: list[Judged] = []
    kept: list[str] = []
    for one in by_rank:
        contract_id = one.candidate.chunk.contract_id
        if one.relevance < inquiry.minimum_relevance:
            verdict = Verdict.BELOW_MINIMUM
        elif inquiry.selection is Selection.BEST_OF_EACH and contract_id in kept:
            verdict = Verdict.SAME_CONTRACT
        elif len(kept) >= inquiry.keep:
            verdict = Verdict.BEYOND_KEEP
        else:
            verdict = Verdict.KEPT
            kept.append(contract_id)
        decided.append(replace(one, verdict=verdict))
    return decided


def _divided(judged: Sequence[Judged]) -> Ranking:
    return Ranking(
        kept=tuple(one for one in judged if one.verdict in KEPT_VERDICTS),
        discarded=tuple(one for one in judged if one.verdict not in KEPT_VERDICTS),
    )


def _check_ids(change: str, chunk_ids: Collection[str], among: Sequence[Judged], state: str) -> None:
    known = {one.candidate.chunk.chunk_id for one in among}
    strange = [chunk_id for chunk_id in chunk_ids if chunk_id not in known]
    if strange:
        raise ValueError(f"The passage to be {change} is not {state}: {strange[0]!r}.")


def passage_of(number: int, judged: Judged) -> Passage:
    """A candidate as the passage of this number."""
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
