"""From the outcomes of single questions to the figures of a report, as plain data for JSON."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from evals.measures import (
    area_under_curve,
    bootstrap,
    hit_at,
    ndcg_at,
    quantiles,
    reciprocal_rank,
)
from evals.run import BM25, DENSE, HYBRID, RERANKED, SYSTEMS, Outcome

JsonObject = dict[str, Any]
MINIMA = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
NDCG_DEPTH = 10


def quality(outcomes: Sequence[Outcome], keep: int, seed: int) -> list[JsonObject]:
    """For each system the measures over the questions with an answer, with 95 % confidence intervals."""
    answered = [one for one in outcomes if not one.question.silent]
    if not answered:
        return []
    return [
        {"system": system, "questions": len(answered)}
        | {
            name: asdict(bootstrap([measure(one, system) for one in answered], seed))
            for name, measure in _measures(keep).items()
        }
        for system in SYSTEMS
    ]


def gain_of_reranking(outcomes: Sequence[Outcome], keep: int, seed: int) -> JsonObject:
    """Reranked minus hybrid, question by question, with 95 % confidence intervals of the mean difference."""
    answered = [one for one in outcomes if not one.question.silent]
    if not answered:
        return {}
    return {
        name: asdict(bootstrap([measure(one, RERANKED) - measure(one, HYBRID) for one in answered], seed))
        for name, measure in _measures(keep).items()
    }


def by_category(outcomes: Sequence[Outcome], keep: int) -> list[JsonObject]:
    """For each category how often the kept hold a right chunk without and with reranking, and where the first
    right chunk moved up (``better``) or down (``worse``).
    """
    categories: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if not outcome.question.silent:
            categories.setdefault(outcome.question.category, []).append(outcome)
    return [
        {
            "category": category,
            "questions": len(group),
            "found_among_candidates": sum(one.rank(HYBRID) is not None for one in group),
            "hit_hybrid": sum(hit_at(one.rank(HYBRID), keep) for one in group),
            "hit_reranked": sum(hit_at(one.rank(RERANKED), keep) for one in group),
            "better": sum(_moved(one) > 0 for one in group),
            "worse": sum(_moved(one) < 0 for one in group),
        }
        for category, group in sorted(categories.items())
    ]


def minima(outcomes: Sequence[Outcome], keep: int, values: Sequence[float] = MINIMA) -> list[JsonObject]:
    """What each minimum relevance costs and saves.

    ``hit`` is the share of answered questions with a right chunk among the kept, ``false_evidence`` the share
    of silent questions with anything kept, ``passages`` and ``passages_silent`` the mean number kept.
    """
    answered = [one for one in outcomes if not one.question.silent]
    silent = [one for one in outcomes if one.question.silent]
    return [
        {
            "minimum_relevance": value,
            "hit": _mean([not one.right.isdisjoint(one.kept(keep, value)) for one in answered]),
            "passages": _mean([len(one.kept(keep, value)) for one in answered]),
            "false_evidence": _mean([bool(one.kept(keep, value)) for one in silent]),
            "passages_silent": _mean([len(one.kept(keep, value)) for one in silent]),
        }
        for value in sorted(set(values))
    ]


def separation(outcomes: Sequence[Outcome]) -> JsonObject:
    """How well the best relevance tells answered from silent questions: area under the curve, quantiles."""
    present = [one.best_relevance for one in outcomes if not one.question.silent]
    absent = [one.best_relevance for one in outcomes if one.question.silent]
    if not present or not absent:
        return {}
    return {
        "answered": len(present),
        "silent": len(absent),
        "area_under_curve": area_under_curve(present, absent),
        "best_relevance_answered_10_50_90": list(quantiles(present)),
        "best_relevance_silent_10_50_90": list(quantiles(absent)),
    }


def timings(outcomes: Sequence[Outcome]) -> JsonObject:
    """Median and 90th percentile of the seconds that each step took."""
    if not outcomes:
        return {}
    steps = (BM25, DENSE, "retrieve", "rerank")
    return {
        step: dict(
            zip(
                ("median", "p90"),
                quantiles([one.seconds[step] for one in outcomes], (0.5, 0.9)),
                strict=True,
            )
        )
        for step in steps
    }


def details(outcome: Outcome) -> JsonObject:
    """One question with the rank of its first right chunk in every system, for looking at single cases."""
    question = outcome.question
    return {
        "id": question.question_id,
        "category": question.category,
        "question": question.question,
        "scope": list(question.scope),
        "right": sorted(outcome.right),
        "ranks": {system: outcome.rank(system) for system in SYSTEMS},
        "reranked": list(outcome.ranked[RERANKED]),
        "relevances": [round(relevance, 5) for relevance in outcome.relevances],
        "seconds": {step: round(seconds, 4) for step, seconds in outcome.seconds.items()},
    }


def _measures(keep: int) -> dict[str, Callable[[Outcome, str], float]]:
    return {
        "hit@1": lambda one, system: hit_at(one.rank(system), 1),
        f"hit@{keep}": lambda one, system: hit_at(one.rank(system), keep),
        "MRR": lambda one, system: reciprocal_rank(one.rank(system)),
        f"nDCG@{NDCG_DEPTH}": lambda one, system: ndcg_at(one.ranked[system], one.right, NDCG_DEPTH),
        "found": lambda one, system: float(one.rank(system) is not None),
    }


def _moved(outcome: Outcome) -> float:
    return reciprocal_rank(outcome.rank(RERANKED)) - reciprocal_rank(outcome.rank(HYBRID))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
