"""Stage 2: judge every candidate against the exact question, keep the best, and seal them as Evidence.

Where a question was taken apart, the candidates found for a part are judged against its words too, and the best of each
part is kept first. This is the only module that builds ``Evidence``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from core.models import Progress, Scorer, ignore_progress
from core.records import (
    Candidate,
    Evidence,
    Inquiry,
    Judged,
    Part,
    Passage,
    Ranking,
    ScoredBy,
    Selection,
    Verdict,
)
from core.similarity import of_candidates, similarities

KEPT_VERDICTS = frozenset({Verdict.KEPT, Verdict.PROMOTED})
# How many candidates of a part are read with its words, the best found first. Of 85 questions that need several
# passages 39 % of these are kept with 10, 37 % with 40: without its context a part fits whatever uses its words.
MOST_OF_PART: Final = 10
# A part whose best passage has less than one chance in ten of being right takes no place from the others.
LEAST_OF_PART: Final = 0.1


def rerank(
    inquiry: Inquiry,
    candidates: Sequence[Candidate],
    scorer: Scorer,
    on_scored: Progress = ignore_progress,
    parts: Sequence[Part] = (),
) -> Ranking:
    """Score every candidate jointly with the question; keep the best that reach the minimum relevance, or the
    best of each contract where the inquiry selects so. The scorer is told what the dense leg said of each.

    Of a question in several parts a candidate has the best of its logits, over the question and the parts it was found
    for, and the best passage of each part is kept before any other.

    Ranks count from 1 by falling logit (logits do not saturate as relevance does), ties broken by chunk id. What
    the first look alone has scored, because it stands no chance, ranks below all that the cross-encoder read.
    ``on_scored`` is told how many candidates that were not scored before are scored, and how many there are.
    """
    # Where the cut is not between two ranks, every candidate is read at full depth.
    keep = inquiry.keep if inquiry.selection is Selection.BEST and not parts else None
    judge = partial(_scored, scorer, on_scored, similarities(candidates))
    whole = judge(inquiry.question, candidates, keep)
    of_parts = {part.name: _of_part(part, inquiry, whole, judge) for part in parts}
    best = _best_of(whole, of_parts.values())
    order = sorted(
        best,
        key=lambda one: (one.scored_by is ScoredBy.FIRST_LOOK, -one.logit, one.candidate.chunk.chunk_id),
    )
    by_rank = [replace(one, rank=rank) for rank, one in enumerate(order, start=1)]
    first = _first_of_parts(inquiry, of_parts) if inquiry.selection is Selection.BEST else frozenset()
    return _divided(_selected(inquiry, by_rank, first))


def _scored(
    scorer: Scorer,
    on_scored: Progress,
    alike: Mapping[str, float],
    wording: str,
    candidates: Sequence[Candidate],
    keep: int | None,
) -> list[Judged]:
    """The candidates in their order, each with what the scorer says of it; ranks and verdicts are not theirs yet."""
    texts = [candidate.chunk.situated_text for candidate in candidates]
    scores = scorer.score_pairs(wording, texts, on_scored, keep, of_candidates(alike, candidates))
    return [
        Judged(
            candidate=candidate,
            logit=float(scores.logits[index]),
            relevance=float(scores.relevance[index]),
            rank=0,
            truncated=bool(scores.truncated[index]),
            verdict=Verdict.KEPT,
            scored_by=ScoredBy.FIRST_LOOK if scores.by_first_look[index] else ScoredBy.CROSS_ENCODER,
        )
        for index, candidate in enumerate(candidates)
    ]


def _of_part(
    part: Part,
    inquiry: Inquiry,
    whole: Sequence[Judged],
    judge: Callable[[str, Sequence[Candidate], int | None], list[Judged]],
) -> Sequence[Judged]:
    """The candidates found for a part, or lying in its contract, judged by its words."""
    contracts = frozenset(part.contract_ids)
    ranks = {
        index: min((found.rank for found in one.candidate.found_by if found.part == part.name), default=None)
        for index, one in enumerate(whole)
    }
    if part.text == inquiry.question:
        return [
            one
            for index, one in enumerate(whole)
            if ranks[index] is not None or one.candidate.chunk.contract_id in contracts
        ]
    found = sorted((rank, index) for index, rank in ranks.items() if rank is not None)[:MOST_OF_PART]
    candidates = [whole[index].candidate for _, index in found]
    return [replace(one, wording=part.text) for one in judge(part.text, candidates, None)]


def _best_of(whole: Sequence[Judged], of_parts: Collection[Sequence[Judged]]) -> list[Judged]:
    """For each candidate the judgement with the highest logit; on a tie that of the question."""
    best = {one.candidate.chunk.chunk_id: one for one in whole}
    for part in of_parts:
        for one in part:
            if one.logit > best[one.candidate.chunk.chunk_id].logit:
                best[one.candidate.chunk.chunk_id] = one
    return list(best.values())


def _first_of_parts(inquiry: Inquiry, of_parts: Mapping[str, Sequence[Judged]]) -> frozenset[str]:
    """The chunk ids that get a place first: the best of each part, the surest parts first where they are too many."""
    least = max(inquiry.minimum_relevance, LEAST_OF_PART)
    tops = [
        max(part, key=lambda one: (one.logit, one.candidate.chunk.chunk_id))
        for part in of_parts.values()
        if part
    ]
    tops.sort(key=lambda one: (-one.logit, one.candidate.chunk.chunk_id))
    ids = dict.fromkeys(one.candidate.chunk.chunk_id for one in tops if one.relevance >= least)
    return frozenset(list(ids)[: inquiry.keep])


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


def _selected(inquiry: Inquiry, by_rank: Sequence[Judged], first: Collection[str]) -> list[Judged]:
    """The candidates in the order of their rank, each with the verdict of the inquiry's rule; those in ``first`` have
    their place already.
    """
    decided: list[Judged] = []
    kept: list[str] = []
    places, waiting = inquiry.keep - len(first), len(first)
    for one in by_rank:
        contract_id = one.candidate.chunk.contract_id
        if one.relevance < inquiry.minimum_relevance:
            verdict = Verdict.BELOW_MINIMUM
        elif inquiry.selection is Selection.BEST_OF_EACH and contract_id in kept:
            verdict = Verdict.SAME_CONTRACT
        elif one.candidate.chunk.chunk_id in first:
            verdict = Verdict.KEPT
            waiting -= 1
        elif places > 0:
            verdict = Verdict.KEPT
            places -= 1
        else:
            verdict = Verdict.OTHER_PART if waiting else Verdict.BEYOND_KEEP
        if verdict is Verdict.KEPT:
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
