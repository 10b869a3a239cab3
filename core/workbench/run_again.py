"""A decision on record run again: with its settings, on the library and the models of today."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from core.audit.trail import AuditTrail, find_on_record
from core.explain.what_if import OverrideRefused, with_override
from core.records import Answer, Finding
from core.search import Report, Searcher
from core.stage3_answer import Answerer
from core.workbench.decision import Decision, DecisionKind
from core.workbench.recorder import Context, Recorder, searched
from core.workbench.replay import Comparison, Difference, compare


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it. ``decision_id`` is that of the replay's own record, empty where decisions are not kept."""

    decision_id: str
    finding: Finding
    answer: Answer | None
    comparison: Comparison


def run_again(
    before: Decision,
    searcher: Searcher,
    trail: AuditTrail,
    recorder: Recorder,
    actor: str,
    answerer: Answerer | None = None,
    report: Report = lambda _: None,
) -> Replayed:
    """The question of ``before`` asked again, a reader's choice of passages included, and what differs.

    The replay is itself a question: it stands in the audit log and among the decisions.

    Args:
        before: the decision.
        searcher: over the library of today.
        trail: the audit log.
        recorder: of decisions.
        actor: who asks for it.
        answerer: answers again; None compares no answers.
        report: told how far the search is.

    Raises:
        ProvisoError: whatever keeps it from being asked.
    """
    inquiry = before.finding.inquiry
    finding = find_on_record(replace(searcher, rrf_k=before.rrf_k), trail, actor, inquiry, report)
    shelf = searcher.shelf()
    refused: tuple[Difference, ...] = ()
    if before.finding.override is not None:
        try:
            finding = with_override(finding, before.finding.override, shelf)
        except OverrideRefused as error:
            refused = (Difference("the reader's choice", "in force", f"not possible: {error.reason}", True),)
    decision_id = recorder.found(
        finding, Context(actor, DecisionKind.REPLAY, before.decision_id), shelf.titles
    )
    given = None if answerer is None else recorder.answer(decision_id, finding.evidence, answerer)
    contracts = searched(_in_scope(inquiry.contract_ids, shelf.titles))
    compared = compare(before, finding, trail.models, contracts, given)
    whole = replace(compared, ranking=(*refused, *compared.ranking))
    return Replayed(decision_id, finding, given, whole)


def _in_scope(scope: Collection[str], there: Collection[str]) -> list[str]:
    """The contracts that are searched today: of a scope, those that are still in the library."""
    return [one for one in scope if one in there] if scope else list(there)
