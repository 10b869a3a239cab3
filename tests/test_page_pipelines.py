"""Pipelines on the Ask page: chosen, compared, used; wordings edited; notes and finds shown; hostile text."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.audit.log import AuditLog
from core.compare_pipelines import compare_pipelines
from core.records import Layer, Part, TraceStep, Wording
from core.search import Search
from core.workbench.decision import DecisionKind
from core.workbench.decision_store import DecisionFilter
from pages.parts.compare_view import alone_html, table_html
from pages.parts.explain_state import MOST_COMPARED, Explained
from pages.parts.pipeline_choice import option
from pages.parts.state import KEY, Session
from pages.parts.trace_view import notes_html, searched_html, trace_html
from pages.parts.wiring import Services
from pages.parts.wordings import given
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, HOSTILE, QUESTION, FullDisk, ask, opened, provided, screen


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        add_contract(given.library, "Supply", CLAUSES)
        yield given


def remembered(app: AppTest) -> Session:
    session: Session = app.session_state[KEY]
    return session


def run_with(app: AppTest, *names: str) -> AppTest:
    if not [one for one in app.multiselect if one.key == f"run_with_{remembered(app).current}"]:
        app = app.button(key="panel_run_with").click().run()
    app.multiselect(key=f"run_with_{remembered(app).current}").set_value(list(names))
    return app.button(key="run_with_send").click().run()


def test_every_pipeline_is_offered_with_what_it_does(services: Services) -> None:
    app = opened()
    offered = app.selectbox(key="pipeline").options
    assert offered == [option(services.recipes[name], "") for name in sorted(services.recipes)]
    assert f"lexical: {services.recipes['lexical'].description}" in offered


@pytest.mark.usefixtures("services")
def test_other_pipelines_run_and_stand_side_by_side() -> None:
    app = run_with(ask(opened()), "lexical", "naive")
    assert not app.exception
    shown = screen(app)
    assert 'aria-label="Pipelines side by side"' in shown
    for name in ("hybrid", "lexical", "naive"):
        assert f'<th scope="col">{name}<small>' in shown
    runs = remembered(app).explained.runs[1]
    lexical, naive = runs.done["lexical"].finding, runs.done["naive"].finding
    assert lexical is not None
    assert naive is not None
    # One clause holds a word of the question; the dense leg ranks all seven.
    assert (len(lexical.ranking.all), len(naive.ranking.all)) == (1, 7)
    assert [one.inquiry.pipeline for one in (lexical, naive)] == ["lexical", "naive"]
    assert "not a candidate" in shown
    assert "Kept, rank 1" in shown
    assert len(remembered(app).turns) == 1


def test_each_run_is_on_record_and_in_the_audit_log_once(services: Services, tmp_path: Path) -> None:
    app = run_with(ask(opened()), "lexical")
    app = app.run()
    listed = services.decisions.find(DecisionFilter())
    assert sorted(one.kind for one in listed) == [DecisionKind.COMPARISON, DecisionKind.QUESTION]
    (compared,) = (one for one in listed if one.kind is DecisionKind.COMPARISON)
    assert compared.parent == remembered(app).turns[0].decision_id
    assert services.decisions.get(compared.decision_id).finding.inquiry.pipeline == "lexical"
    entries = [row.entry for row in AuditLog(tmp_path / "audit.sqlite3").rows()]
    assert sum('"action":"question"' in entry for entry in entries) == 2
    assert ['"pipeline":"lexical"' in entry for entry in entries if '"action":"question"' in entry] == [
        False,
        True,
    ]


def test_a_chosen_finding_is_the_one_that_is_answered(services: Services) -> None:
    app = run_with(ask(opened()), "lexical")
    app = app.button(key="use_lexical").click().run()
    assert not app.exception
    first, second = remembered(app).turns
    assert (first.inquiry.pipeline, second.inquiry.pipeline) == ("hybrid", "lexical")
    assert second.finding is remembered(app).explained.runs[1].done["lexical"].finding
    assert second.answer is not None
    assert first.answer is not None
    kept = services.decisions.get(second.decision_id)
    assert (kept.kind, kept.answer) == (DecisionKind.COMPARISON, second.answer)
    assert kept.finding.inquiry.pipeline == "lexical"
    assert 'aria-label="Answer"' in screen(app)


@pytest.mark.usefixtures("services")
def test_what_ran_already_is_not_run_again() -> None:
    app = run_with(ask(opened()), "lexical")
    before = remembered(app).explained.runs[1].done["lexical"]
    app = run_with(app, "lexical", "naive")
    assert remembered(app).explained.runs[1].done["lexical"] is before
    assert set(remembered(app).explained.runs[1].done) == {"lexical", "naive"}


def test_nothing_runs_without_a_choice(services: Services) -> None:
    app = run_with(ask(opened()))
    assert "Choose a pipeline first." in screen(app)
    assert services.decisions.count(DecisionFilter()) == 1


def test_a_run_that_cannot_be_logged_is_not_shown(services: Services) -> None:
    app = ask(opened())
    object.__setattr__(services.trail, "log", FullDisk())
    app = run_with(app, "lexical")
    assert "The audit log" in screen(app)
    assert "Pipelines side by side" not in screen(app)
    assert services.decisions.count(DecisionFilter()) == 1


def test_giving_up_keeps_what_is_there() -> None:
    explained = Explained()
    explained.run_with(1, ("lexical", "naive"))
    runs = explained.runs[1]
    assert runs.next == "lexical"
    runs.search = Search(lambda _: pytest.fail("it is never begun"))
    runs.cancel()
    assert (runs.wanted, runs.next) == ((), "")
    assert runs.search is None


def test_only_the_latest_comparisons_are_remembered() -> None:
    explained = Explained()
    for number in range(1, MOST_COMPARED + 3):
        explained.run_with(number, ("lexical",))
    assert list(explained.runs) == list(range(3, MOST_COMPARED + 3))


def wordings(app: AppTest) -> AppTest:
    return app.button(key="panel_wordings").click().run()


@pytest.mark.usefixtures("services")
def test_a_wording_is_added_changed_and_taken_out_again() -> None:
    app = wordings(ask(opened()))
    app.text_area(key="wording_1_new_1").set_value("  the law\nof Ohio ")
    app = app.button(key="wordings_send").click().run()
    second = remembered(app).turns[1]
    assert second.inquiry.formulations == ("the law of Ohio",)
    assert second.finding is not None
    assert second.finding.wordings == (Wording("the law of Ohio", "reader"),)
    assert "<q>the law of Ohio</q> <small>the reader; its meaning and its words</small>" in screen(app)
    law = next(one for one in second.finding.ranking.all if "law of Ohio" in one.candidate.chunk.text)
    assert ("bm25", "reader") in {(one.module, one.origin) for one in law.candidate.found_by}

    app = wordings(app)
    app.text_area(key="wording_2_1").set_value("ninety days")
    app.text_area(key="wording_2_new_1").set_value("port of Hull")
    app = app.button(key="wordings_send").click().run()
    assert remembered(app).turns[2].inquiry.formulations == ("ninety days", "port of Hull")

    app = wordings(app)
    app = app.button(key="wordings_alone").click().run()
    last = remembered(app).turns[3]
    assert last.finding is not None
    assert (last.inquiry.formulations, last.finding.wordings) == ((QUESTION,), ())


def test_what_is_left_in_the_fields_is_searched_once() -> None:
    assert given(["a  b", "", None, " \n", "a b", "c\u202ed"]) == ("a b", "cd")


def test_notes_wordings_and_messages_are_shown_as_text(services: Services) -> None:
    finding = ask(opened()).session_state[KEY].turn.finding
    long = f"{HOSTILE} {'long ' * 60}"
    step = TraceStep(Layer.PRE_RETRIEVAL, "rewrite", HOSTILE, long, 0.5, 2, 1234, (HOSTILE, "two"))
    finding = replace(
        finding,
        trace=(step, *finding.trace),
        notes=(HOSTILE, "Only Supply was searched."),
        wordings=(Wording(HOSTILE, "rewrite"), Wording(long, "hypothetical_clause", bm25=False)),
    )
    finding = replace(finding, parts=(Part(HOSTILE, finding.inquiry.question), Part("2", "Which law?")))
    assert "Searched and judged in 2 parts: " in searched_html(finding, services.recipes)
    assert "; Which law?</p>" in searched_html(finding, services.recipes)
    trace = trace_html(finding, "model.example")
    assert "<td>2 calls, about 1,234 tokens</td>" in trace
    assert "What rewrite sent to model.example: 2 messages, word for word" in trace
    assert "<pre>two</pre>" in trace
    searched = searched_html(finding, services.recipes)
    assert services.recipes["hybrid"].description in searched
    assert "hypothetical clause; its meaning alone" in searched
    other = compare_pipelines([finding, replace(finding, inquiry=replace(finding.inquiry, pipeline="naive"))])
    everything = (
        trace
        + searched
        + notes_html(finding)
        + table_html(other, services.recipes, "model.example")
        + alone_html(other)
    )
    assert "Only Supply was searched." in everything
    assert "<script" not in everything
    assert "<img" not in everything


@pytest.mark.usefixtures("services")
def test_notes_stand_above_the_answer() -> None:
    app = ask(opened())
    turn = remembered(app).turns[0]
    assert turn.finding is not None
    remembered(app).update(replace(turn, finding=replace(turn.finding, notes=("Only Supply was searched.",))))
    shown = screen(app.run())
    assert shown.count("Only Supply was searched.") == 1
    assert shown.index("Only Supply was searched.") < shown.index('aria-label="Answer"')


@pytest.mark.usefixtures("services")
def test_a_card_names_the_modules_that_found_it() -> None:
    shown = screen(ask(opened()))
    assert "<span>Dense <b>1</b></span><span>BM25 <b>1</b></span>" in shown
    assert "How it was found: 2 ways" in shown
    assert (
        "<td>dense</td><td>What is the cap on liability?</td><td>the question itself</td><td>1</td>" in shown
    )
    assert '<span class="by">Found by dense' in shown


def test_the_inspector_asks_with_the_pipeline_of_the_settings(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"pipeline": "lexical"}) as services:
        add_contract(services.library, "Supply", CLAUSES)
        app = opened("pages/2_Rerank_inspector.py")
        app.text_input(key="inspect_text").set_value(QUESTION)
        app = app.button(key="inspect_send").click().run()
        assert not app.exception
        assert remembered(app).turns[0].inquiry.pipeline == "lexical"
        assert "Pipeline lexical" in screen(app)
        assert list(app.dataframe[0].value["found by"]) == ["BM25 1"]
