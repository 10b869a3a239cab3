"""What a comparison says in words: where each pipeline helps, where it harms, and what helps nowhere."""

from collections.abc import Iterator, Sequence

from evals.measures import Interval
from evals.pipelines.records import PipelineReport, QuestionGroup, Verdict, verdict_of


def conclusions(report: PipelineReport) -> tuple[str, ...]:
    """A sentence for each pipeline but the baseline, by the headline measure of every whole group of questions."""
    groups = [group for group in report.groups if not group.part_of]
    others = [one.name for one in report.pipelines if one.name != report.baseline]
    return tuple(_sentence(name, report.baseline, groups) for name in others) if groups else ()


def difference_in_words(difference: Interval) -> str:
    """``better +0.031``, ``worse -0.120``, ``no different``."""
    verdict = verdict_of(difference)
    return verdict if verdict is Verdict.SAME else f"{verdict} {difference.mean:+.3f}"


def _sentence(name: str, baseline: str, groups: Sequence[QuestionGroup]) -> str:
    by_verdict: dict[Verdict, list[str]] = {verdict: [] for verdict in Verdict}
    for group in groups:
        difference = group.of(name).difference[group.headline]
        verdict = verdict_of(difference)
        figure = "" if verdict is Verdict.SAME else f" ({difference.mean:+.3f})"
        by_verdict[verdict].append(f"{group.name}{figure}")
    parts = [f"{verdict} on {', '.join(names)}" for verdict, names in by_verdict.items() if names]
    if not by_verdict[Verdict.BETTER]:
        return f"{name} does not help against {baseline}: {'; '.join(parts)}."
    return f"{name} against {baseline}: {'; '.join(parts)}."


def failures(report: PipelineReport) -> Iterator[str]:
    """A line for each pipeline that the model service failed."""
    for cost in report.costs:
        if cost.failed:
            yield (
                f"{cost.pipeline}: the model service failed in {cost.failed} questions, which were asked without it;"
                " run the command again to ask them once more."
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
