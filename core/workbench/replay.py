"""A decision run again, compared with what was: the same ranking, or exactly what differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.audit.trail import AuditedModels
from core.records import Answer, Finding, Judged
from core.workbench.decision import Decision, Searched

# Two runs of one model on one processor give the same logits; another batch moves them by less than this.
TOLERANCE: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is no longer as it was, in words. ``decisive`` is one that changes what is kept."""

    subject: str
    before: str
    now: str
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between a decision and the same question today.

    ``ranking`` and ``kept`` are about candidates, ``setting`` about models, index and contracts, ``answer`` about the
    words of the answer.
    """

    setting: tuple[Difference, ...]
    ranking: tuple[Difference, ...]
    answer: tuple[Difference, ...] = ()

    @property
    def same_ranking(self) -> bool:
        """True when every candidate has its rank and its score, within the tolerance, and the same are kept."""
        return not self.ranking

    @property
    def verdict(self) -> str:
        """The outcome in a few words."""
        if self.same_ranking:
            return "same ranking"
        kept = any(difference.decisive for difference in self.ranking)
        return "other passages are kept" if kept else "same passages kept, other ranks or scores"


def compare(
    before: Decision,
    now: Finding,
    models: AuditedModels,
    contracts: Searched,
    answer: Answer | None = None,
    tolerance: float = TOLERANCE,
) -> Comparison:
    """What differs.

    Args:
        before: the decision on record.
        now: the finding of the same question today.
        models: that take part today.
        contracts: in scope today.
        answer: today's answer; None compares no answers.
        tolerance: by which a logit may differ.
    """
    return Comparison(
        (
            *_settings(before, models),
            *_modules(before.finding, now),
            *_contracts(before.searched, contracts),
        ),
        tuple(_ranking(before.finding, now, tolerance)),
        tuple(_answers(before.answer, answer)),
    )


def _settings(before: Decision, models: AuditedModels) -> Iterator[Difference]:
    pairs = (
        ("index (chunker and encoder)", before.models.library_fingerprint, models.library_fingerprint),
        ("encoder", before.models.encoder.fingerprint, models.encoder.fingerprint),
        ("reranker", before.models.reranker.fingerprint, models.reranker.fingerprint),
        ("answering model", before.models.answerer.name, models.answerer.name),
        ("model service", before.models.endpoint or "none", models.endpoint or "none"),
    )
    for subject, old, new in pairs:
        if old != new:
            yield Difference(subject, old[:16], new[:16])


def _modules(before: Finding, now: Finding) -> Iterator[Difference]:
    old, new = (", ".join(step.module for step in one.trace) for one in (before, now))
    # A record of before pipelines were traced says nothing of its modules.
    if not old:
        return
    if old != new:
        yield Difference("modules of the pipeline", old, new)
    for subject, then, today in (
        ("wordings searched beside the question", before.formulations, now.formulations),
        ("notes of the pipeline", before.notes, now.notes),
    ):
        if then != today:
            yield Difference(subject, " | ".join(then) or "none", " | ".join(today) or "none")


def _contracts(before: Searched, now: Searched) -> Iterator[Difference]:
    if before.digest == now.digest:
        return
    if all(len(one.contract_ids) == one.count for one in (before, now)):
        added = sorted(set(now.contract_ids) - set(before.contract_ids))
        removed = sorted(set(before.contract_ids) - set(now.contract_ids))
        if removed:
            yield Difference("contracts removed", ", ".join(removed), "not in the library")
        if added:
            yield Difference("contracts added", "not in the library", ", ".join(added))
        return
    yield Difference("contracts searched", str(before.count), str(now.count))


def _ranking(before: Finding, now: Finding, tolerance: float) -> Iterator[Difference]:
    old, new = _by_id(before), _by_id(now)
    kept_before = {one.candidate.chunk.chunk_id for one in before.ranking.kept}
    kept_now = {one.candidate.chunk.chunk_id for one in now.ranking.kept}
    for chunk_id in [*old, *(one for one in new if one not in old)]:
        decisive = (chunk_id in kept_before) is not (chunk_id in kept_now)
        was, is_now = old.get(chunk_id), new.get(chunk_id)
        if was is None or is_now is None:
            one = was or is_now
            assert one is not None  # noqa: S101 - a chunk of either ranking is in one of them
            yield Difference(_name(one), _standing(was), _standing(is_now), decisive)
        elif was.rank != is_now.rank or abs(was.logit - is_now.logit) > tolerance or decisive:
            yield Difference(_name(was), _standing(was), _standing(is_now), decisive)


def _answers(before: Answer | None, now: Answer | None) -> Iterator[Difference]:
    if now is None:
        return
    if before is None:
        yield Difference("answer", "none on record", now.kind.value)
    elif before.text.strip() != now.text.strip() or before.kind is not now.kind:
        yield Difference("answer", f"{before.kind.value}: {before.text}", f"{now.kind.value}: {now.text}")


def _by_id(finding: Finding) -> Mapping[str, Judged]:
    return {one.candidate.chunk.chunk_id: one for one in finding.ranking.all}


def _name(one: Judged) -> str:
    chunk = one.candidate.chunk
    return f"{one.candidate.contract_title}, p. {chunk.page_start}, {chunk.heading or chunk.chunk_id[:8]}"


def _standing(one: Judged | None) -> str:
    return "no candidate" if one is None else f"rank {one.rank}, logit {one.logit:.4f}, {one.verdict.value}"
