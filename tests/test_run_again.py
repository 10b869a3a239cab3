"""A decision asked again on a real library: the same, and what is said when contracts or choices are gone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.audit.log import AuditLog
from core.explain.what_if import with_override
from core.records import Finding, Inquiry, Override
from core.workbench.decision import Decision, DecisionKind
from core.workbench.decision_store import DecisionFilter
from core.workbench.recorder import Context
from core.workbench.run_again import Replayed, run_again
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, QUESTION, provided

ANN = "ann"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        add_contract(given.library, "Supply", CLAUSES)
        yield given


def decided(services: Services, inquiry: Inquiry, changed: Override | None = None) -> Decision:
    """A question and its answer on record."""
    finding = services.searcher.find(inquiry)
    if changed is not None:
        finding = with_override(finding, changed, services.library.snapshot())
    recorder = services.recorder
    decision_id = recorder.found(finding, Context(ANN), services.library.catalogue.ready_titles())
    recorder.answer(decision_id, finding.evidence, services.answerer(ANN))
    return services.decisions.get(decision_id)


def again(services: Services, before: Decision, *, answering: bool = True) -> Replayed:
    writer = services.answerer(ANN) if answering else None
    return run_again(before, services.searcher, services.trail, services.recorder, ANN, writer)


def ids(finding: Finding) -> list[str]:
    return [one.chunk_id for one in finding.evidence.passages]


def test_nothing_changed_is_the_same_ranking_and_the_same_answer(services: Services) -> None:
    before = decided(services, Inquiry(QUESTION))
    comparison = again(services, before).comparison
    assert (comparison.setting, comparison.ranking, comparison.answer) == ((), (), ())


def test_a_replay_is_in_the_log_and_among_the_decisions(services: Services, tmp_path: Path) -> None:
    before = decided(services, Inquiry(QUESTION))
    replay = services.decisions.get(again(services, before).decision_id)
    assert (replay.kind, replay.parent) == (DecisionKind.REPLAY, before.decision_id)
    assert replay.answer is not None
    actions = [json.loads(row.entry)["action"] for row in AuditLog(tmp_path / "audit.sqlite3").rows()]
    assert actions == ["answer", "question", "answer"]


def test_the_choice_of_a_reader_is_made_again(services: Services) -> None:
    plain = services.searcher.find(Inquiry(QUESTION))
    last = plain.ranking.discarded[-1].candidate.chunk.chunk_id
    first = plain.ranking.kept[0].candidate.chunk.chunk_id
    before = decided(
        services, Inquiry(QUESTION), Override((last,), (first,), "It is that one.", ANN, "2026-01-02")
    )
    replay = again(services, before)
    assert replay.comparison.verdict == "same ranking"
    assert last in ids(replay.finding)
    assert first not in ids(replay.finding)


def test_a_choice_that_cannot_be_made_any_more_is_a_difference(services: Services) -> None:
    before = decided(services, Inquiry(QUESTION))
    gone = Override((), ("0" * 36,), "That one.", ANN, "2026-01-02")
    comparison = again(services, replace(before, finding=replace(before.finding, override=gone))).comparison
    assert comparison.ranking[0].subject == "the reader's choice"
    assert comparison.verdict == "other passages are kept"


def test_a_contract_of_the_scope_that_is_gone_is_named_alone(services: Services) -> None:
    lease = add_contract(services.library, "Lease", ["The cap on liability is the rent."])
    before = decided(services, Inquiry(QUESTION, (lease,)))
    services.library.delete(lease)
    comparison = again(services, before, answering=False).comparison
    assert [(one.subject, one.before) for one in comparison.setting] == [("contracts removed", lease[:12])]
    assert [one.now for one in comparison.ranking] == ["no candidate"]


def test_a_contract_that_came_is_named_and_so_is_what_it_moved(services: Services) -> None:
    before = decided(services, Inquiry(QUESTION))
    lease = add_contract(services.library, "Lease", ["The cap on liability: the cap is the rent."])
    comparison = again(services, before, answering=False).comparison
    assert [(one.subject, one.now) for one in comparison.setting] == [("contracts added", lease[:12])]
    assert any(one.before == "no candidate" and one.decisive for one in comparison.ranking)


def test_the_constant_of_the_fusion_is_that_of_the_day(services: Services) -> None:
    before = replace(decided(services, Inquiry(QUESTION)), rrf_k=7)
    fused = {
        one.candidate.chunk.chunk_id: one.candidate for one in again(services, before).finding.ranking.all
    }
    best = min(fused.values(), key=lambda one: one.fused_rank)
    assert best.dense is not None
    assert best.bm25 is not None
    assert best.fused_score == pytest.approx(1 / (7 + best.dense.rank) + 1 / (7 + best.bm25.rank))


def test_where_no_decisions_are_kept_a_replay_is_none_either(services: Services) -> None:
    before = decided(services, Inquiry(QUESTION))
    recorder = replace(services.recorder, store=None)
    replay = run_again(before, services.searcher, services.trail, recorder, ANN, services.answerer(ANN))
    assert replay.decision_id == ""
    assert services.decisions.count(DecisionFilter()) == 1
