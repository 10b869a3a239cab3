"""What a comparison says in words: where each pipeline helps, where it harms, and what helps nowhere."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from evals.measures import Interval
from evals.pipelines.records import CANDIDATES, PipelineReport, QuestionGroup, Verdict, verdict_of


def conclusions(report: PipelineReport) -> tuple[str, ...]:
    """A sentence for each pipeline but the baseline and one on the reranker itself, by the headline measure of every
    whole group of questions; what the candidates hold more or less of is said too.
    """
    groups = [group for group in report.groups if not group.part_of]
    if not groups:
        return ()
    base = report.baseline
    reranker = {group.name: group.of(base).reranking[group.headline] for group in groups}
    others = (one.name for one in report.pipelines if one.name != base)
    return (
        *(f"{_against(name, base, groups)}{_candidates(name, groups)}" for name in others),
        f"{_sentence('The reranker', f'the order of {base} without it', reranker)}.",
    )


def difference_in_words(difference: Interval) -> str:
    """``better +0.031``, ``worse -0.120``, ``no different``."""
    verdict = verdict_of(difference)
    return verdict if verdict is Verdict.SAME else f"{verdict} {difference.mean:+.3f}"


def _against(name: str, baseline: str, groups: Sequence[QuestionGroup]) -> str:
    differences = {group.name: group.of(name).difference[group.headline] for group in groups}
    same = [group.name for group in groups if group.of(name).same == 1]
    return _sentence(name, baseline, differences, same)


def _candidates(name: str, groups: Sequence[QuestionGroup]) -> str:
    """What the reranker is given more of, or less, than by the baseline; it may or may not keep it."""
    parts = []
    for group in groups:
        for measure, difference in group.of(name).difference.items():
            verdict = verdict_of(difference)
            if measure in CANDIDATES and verdict is not Verdict.SAME:
                more = "more" if verdict is Verdict.BETTER else "less"
                parts.append(f"{more} on {group.name} ({difference.mean:+.3f})")
    return f"; its candidates hold {', '.join(parts)}." if parts else "."


def _sentence(
    name: str, against: str, differences: Mapping[str, Interval], same: Collection[str] = ()
) -> str:
    """``same`` names the groups on which there was nothing to differ in."""
    by_verdict: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for group, difference in differences.items():
        verdict = verdict_of(difference)
        alike = " (the same candidates)" if group in same else ""
        figure = alike if verdict is Verdict.SAME else f" ({difference.mean:+.3f})"
        by_verdict[verdict].append(f"{group}{figure}")
    said = "; ".join(f"{verdict} on {', '.join(names)}" for verdict, names in by_verdict.items() if names)
    helps = "" if by_verdict[Verdict.BETTER] else " does not help"
    return f"{name}{helps} against {against}: {said}"


def failures(report: PipelineReport) -> Iterator[str]:
    """A line for each pipeline that the model service failed."""
    for cost in report.costs:
        if cost.failed:
            yield (
                f"{cost.pipeline}: the model service failed, or took no tools, in {cost.failed} questions;"
                " they were asked without it; run the command again to ask them once more."
            )


def about(report: PipelineReport) -> Iterator[str]:
    """What the figures rest on, a line each."""
    used = report.environment
    service = f"model service at {report.endpoint}" if report.endpoint else "no model service"
    yield f"Made at {report.created_at}, seed {report.seed}, {service}."
    yield (
        f"{used.candidates} candidates, {used.keep} kept; reranker {used.reranker.weights[:12]}"
        f" ({used.reranker.backend}), encoder {used.encoder.weights[:12]} ({used.encoder.backend});"
        f" {used.machine.processor}, {used.machine.cores} cores."
    )
