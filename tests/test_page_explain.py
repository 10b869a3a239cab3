"""The Ask page's doubts about a decision: margin, what if, why this score, crowding, and silence."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.audit.log import AuditLog
from core.explain.occlusion import explain
from core.explain.silence_records import SilenceReport
from core.explain.what_if import with_override
from core.records import Override, Selection
from core.search import Search
from pages.parts.both_answers import both_html
from pages.parts.explain_state import Explained, Panel
from pages.parts.state import KEY
from pages.parts.what_if_view import choice_fault, exported_choice
from pages.parts.why_view import level, shown_places, why_html
from pages.parts.wiring import Services, provide
from tests.fakes import OverlapScorer, add_contract
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, FullDisk, ask, opened, provided, screen
from tests.stub_endpoint import StubEndpoint, says
from tests.test_answer_changes import answer


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def entries(directory: Path) -> list[dict[str, object]]:
    return [json.loads(row.entry) for row in AuditLog(directory / "audit.sqlite3").rows()]


def asked(services: Services):  # type: ignore[no-untyped-def]  # noqa: ANN201
    add_contract(services.library, "Supply", CLAUSES)
    return ask(opened())


def test_near_misses_are_flagged_and_summed_up(services: Services) -> None:
    shown = screen(asked(services))
    # One clause scores 0.731, the six others 0.269 each: four of these are kept, two are not.
    assert "<b>2 near misses</b>" in shown
    assert "<b>4 only just kept</b>" in shown
    assert shown.count('<i class="near">near miss</i>') == 2
    assert shown.count('class="near" title=') == 4


def test_no_near_miss_where_the_margin_is_nothing(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"near_miss_margin": 0.0, "keep": 1}) as services:
        assert "near miss" not in screen(asked(services))


def changed(app, take_out: int = 0, reason: str = "It was amended."):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    app = app.button(key="panel_what_if").click().run()
    ranking = app.session_state[KEY].turn.finding.ranking
    app.multiselect(key="promoted_1").set_value([ranking.discarded[0].candidate.chunk.chunk_id])
    if take_out:
        app.multiselect(key="removed_1").set_value([ranking.kept[take_out - 1].candidate.chunk.chunk_id])
    app.text_input(key="reason_1").set_value(reason)
    return app.button(key="what_if_send").click().run()


def test_a_reader_swaps_a_passage_and_sees_both_answers(services: Services, tmp_path: Path) -> None:
    app = changed(asked(services), take_out=1)
    assert not app.exception
    shown = screen(app)
    assert 'aria-label="Both answers"' in shown
    assert "From the reranker\u2019s choice" in shown
    assert "The answer changes:" in shown
    assert "Reason given: \u201cIt was amended.\u201d" in shown
    assert shown.count("promoted by a reader") == 1
    assert shown.count("removed by a reader") == 1
    turn = app.session_state[KEY].turn
    what_if = app.session_state[KEY].explained.what_ifs[1]
    assert turn.finding.override is None
    sixth = turn.finding.ranking.discarded[0].candidate.chunk
    assert sixth.chunk_id in {passage.chunk_id for passage in what_if.finding.evidence.passages}
    assert len(what_if.finding.evidence.passages) == 5
    record = json.loads(exported_choice(what_if, services, "ann"))
    assert record["override"]["reason"] == "It was amended."
    assert [one["verdict"] for one in record["kept"]].count("promoted by a reader") == 1
    actions = [entry["action"] for entry in entries(tmp_path)][:-1]
    assert actions == ["question", "answer", "override", "answer"]
    override = entries(tmp_path)[2]
    assert (override["promoted"], override["reason"]) == ([sixth.chunk_id], "It was amended.")


def test_the_model_is_asked_again_with_the_readers_passages_alone(tmp_path: Path) -> None:
    with StubEndpoint([says("The cap is one million [1]."), says("There is none [1].")]) as stub:
        endpoint = {"chat_model": "stub", "openai_base_url": stub.base_url}
        with provided(tmp_path, settings=endpoint) as services:
            app = changed(asked(services), take_out=1)
            assert "There is none" in screen(app)
            finding = app.session_state[KEY].explained.what_ifs[1].finding
    sent = stub.requests[1].user_message
    assert len(stub.requests) == 2
    assert all(one.text in sent for one in finding.evidence.passages)
    kept_out = [one.candidate.chunk.text for one in finding.ranking.discarded]
    assert len(kept_out) == 2
    assert not [text for text in kept_out if text in sent]


def test_a_reader_may_have_a_refused_question_answered(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"minimum_relevance": 0.9}) as services:
        app = changed(asked(services))
        shown = screen(app)
        assert "No answer in these contracts" in shown
        assert "The answer changes: 1 sentence came in; 0 sources no longer cited, 1 newly cited." in shown
        assert app.session_state[KEY].explained.what_ifs[1].finding.evidence.passages[0].number == 1


def test_an_override_that_could_not_be_logged_is_not_made(services: Services) -> None:
    app = asked(services)
    provide(replace(services, trail=replace(services.trail, log=FullDisk())))
    app = changed(app, take_out=1)
    assert "cannot take override." in screen(app)
    assert 'aria-label="Both answers"' not in screen(app)


@pytest.mark.parametrize(
    ("take_out", "reason", "said"),
    [
        pytest.param(0, "Because.", "at most 5 passages: take out 1 kept passage as well", id="too many"),
        pytest.param(1, "  ", "Give a reason", id="no reason"),
    ],
)
def test_a_choice_that_cannot_be_is_explained(
    services: Services, tmp_path: Path, take_out: int, reason: str, said: str
) -> None:
    app = changed(asked(services), take_out, reason)
    assert said in screen(app)
    assert app.session_state[KEY].explained.what_ifs == {}
    assert [entry["action"] for entry in entries(tmp_path)] == ["question", "answer"]


def test_a_choice_of_nothing_is_explained() -> None:
    assert choice_fault(5, 0, 0, 5, "because") == "Choose a passage to put in or to take out."
    assert choice_fault(5, 1, 1, 5, "because") == ""


def test_why_this_score_is_shown_for_a_kept_and_a_discarded_passage(services: Services) -> None:
    app = asked(services)
    first = app.session_state[KEY].turn.finding.ranking.kept[0].candidate.chunk
    app = app.button(key=f"why_{first.chunk_id}").click().run()
    shown = screen(app)
    assert 'aria-label="Why this score"' in shown
    # The clause holds the two words of the question that count; without it the logit falls from 1 to -1.
    assert (
        "It depends most on \u201cThe cap on liability is one million dollars\u201d: without these words, 0.269."
        in shown
    )
    assert "<td>-2.00</td><td>0.269</td>" in shown
    assert len(app.session_state[KEY].explained.known) == 1
    app = app.button(key="why_discarded").click().run()
    assert len(app.session_state[KEY].explained.known) == 2


def test_why_this_score_stands_in_the_inspector_too(services: Services) -> None:
    app = asked(services)
    app.switch_page("pages/2_Rerank_inspector.py")
    app = app.run()
    app = app.button(key="why_left").click().run()
    assert not app.exception
    assert 'aria-label="Why this score"' in screen(app)


def test_crowding_offers_the_best_of_each_contract(services: Services) -> None:
    add_contract(services.library, "Loud", [f"The cap on liability in case {at}." for at in range(6)])
    add_contract(services.library, "Quiet", ["The cap."])
    app = ask(opened())
    shown = screen(app)
    assert "5 of the 5 kept passages come from one contract, Loud." in shown
    assert "1 other contract has passages above the minimum and no place." in shown
    assert "5 of the 5 kept passages say nearly the same words." in shown
    app = app.button(key="best_of_each").click().run()
    turn = app.session_state[KEY].turn
    assert turn.inquiry.selection is Selection.BEST_OF_EACH
    assert {one.candidate.contract_title for one in turn.finding.ranking.kept} == {"Loud", "Quiet"}
    shown = screen(app)
    assert "2 of 7 candidates kept, one of each contract" in shown
    assert "Discarded: a better passage of the same contract is kept." in shown
    assert not [button for button in app.button if button.key == "best_of_each"]
    # The second card is the second passage, whatever its rank.
    assert 'id="passage-2" aria-label="Passage 2"' in shown


def test_what_each_contract_says_at_most(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"minimum_relevance": 0.9}) as services:
        add_contract(services.library, "Lease", ["Rent is due monthly."])
        app = asked(services)
        assert "No answer in these contracts" in screen(app)
        app = app.button(key="panel_silence").click().run()
        shown = screen(app)
        assert "No passage of 2 contracts reaches the minimum relevance of 0.90." in shown
        assert "This is evidence that the contracts are silent, not proof of it" in shown
        assert "<tr><th>Lease<small>Lease.pdf</small></th>" in shown
        assert "<tr><th>Supply<small>Supply.pdf</small></th>" in shown
        assert entries(tmp_path)[-1]["action"] == "each contract searched"
        assert entries(tmp_path)[-1]["outcome"] == "silent"
        made = app.session_state[KEY].explained.reports[1]
        app = app.run()
        assert app.session_state[KEY].explained.reports[1] is made


def test_a_report_that_could_not_be_logged_is_not_shown(services: Services) -> None:
    app = asked(services)
    provide(replace(services, trail=replace(services.trail, log=FullDisk())))
    shown = screen(app.button(key="panel_silence").click().run())
    assert "cannot take each contract searched." in shown
    assert "<tr><th>" not in shown


def test_hostile_text_is_shown_as_text(services: Services) -> None:
    add_contract(services.library, HOSTILE, [f"The cap on liability. {HOSTILE}", *CLAUSES])
    app = changed(ask(opened()), take_out=1, reason=HOSTILE)
    shown = screen(app)
    app = app.button(key="panel_silence").click().run()
    shown += screen(app)
    first = app.session_state[KEY].turn.finding.ranking.kept[0]
    shown += why_html(first, explain(QUESTION, first.candidate.chunk, OverlapScorer()))
    other = answer((HOSTILE, ((1, "x"),)))
    finding = app.session_state[KEY].turn.finding
    shown += both_html(finding, other, finding, answer((f"{HOSTILE} more", ((1, "y"),))))
    assert "Reason given: \u201c&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "<img" not in shown


def test_a_passage_of_the_readers_choice_is_numbered_from_one(services: Services) -> None:
    app = asked(services)
    finding = app.session_state[KEY].turn.finding
    first, *others = (one.candidate.chunk.chunk_id for one in finding.ranking.kept)
    override = Override((), (first,), "because", "ann", "2026-11-25T09:00:00+00:00")
    after = with_override(finding, override, services.library.snapshot())
    html = both_html(finding, answer(("A [1].", ())), after, answer(("A [1].", ())))
    assert [f'id="after-{number}"' in html for number in (1, 4, 5)] == [True, True, False]
    assert [passage.chunk_id for passage in after.evidence.passages] == others


def test_places_follow_the_words_through_other_white_space() -> None:
    text = "one\n\ntwo  three"
    assert shown_places(text, "one\ntwo three", [(0, 3), (5, 8), (10, 15), (15, 15)]) == [
        (0, 3),
        (4, 7),
        (8, 13),
        (13, 13),
    ]


@pytest.mark.parametrize(
    ("drop", "style"),
    [(2.0, "h3"), (0.7, "h2"), (0.3, "h1"), (0.04, ""), (0.1, ""), (-0.5, "against"), (-0.1, "")],
)
def test_the_heat_is_a_share_of_the_largest_drop(drop: float, style: str) -> None:
    assert level(drop, 2.0) == style


def never_made() -> SilenceReport:
    raise AssertionError


def test_a_session_forgets_what_belongs_to_forgotten_turns() -> None:
    explained = Explained()
    explained.toggle(1, Panel.WHAT_IF)
    explained.toggle(2, Panel.SILENCE)
    explained.silences[1] = Search(lambda _: never_made())
    explained.forget_others({2})
    assert explained.panels == {2: Panel.SILENCE}
    assert explained.silences == {}
    explained.toggle(2, Panel.SILENCE)
    assert explained.panels == {}
