"""The page Evaluation: what it says without a report, with one, after a choice, and of a damaged one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evals.pipelines.files import pipelines_directory
from evals.pipelines.files import save as save_comparison
from evals.report import Movement
from evals.report_files import evaluations_directory, save
from pages.parts.evaluation_cases import EVERY, MOST_SHOWN, arranged, column_html
from pages.parts.evaluation_charts import abstention_chart, error_rows, reliability_chart, reliability_rows
from pages.parts.wiring import Services
from tests.evals_kit import CASES, make_case, make_report, make_section
from tests.pages_kit import HOSTILE, opened, provided, screen
from tests.pipelines_kit import GROUPS, make_comparison

PAGE = "pages/4_Evaluation.py"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def test_without_a_report_it_says_how_to_make_one(services: Services) -> None:  # noqa: ARG001
    app = opened(PAGE)
    assert not app.exception
    assert "No evaluation yet" in screen(app)
    assert "proviso eval" in screen(app)


def test_a_report_is_shown_with_intervals_and_passages(services: Services) -> None:
    save(make_report(), evaluations_directory(services.settings))
    app = opened(PAGE)
    assert not app.exception
    shown = screen(app)
    assert 'role="alert"' not in shown
    assert "<td>0.500<small>0.250 to 0.750</small></td>" in shown
    assert "expected calibration error 0.125" in shown
    assert "area under the curve 0.875 (0.750 to 1.000)" in shown
    assert "At the default minimum of 0.05, 12.5% of the questions" in shown
    assert "25.0% of the questions without an answer keep something at 0.05" in shown
    assert "Moved up <small>1 question</small>" in shown
    assert "Stands first now" in shown
    assert "refused.pdf: empty" in shown
    assert "A note." in shown


def test_a_report_without_notes_and_cases_is_drawn_to_its_end(services: Services) -> None:
    bare = replace(make_section("", ()), quality=(), minima=(), separation=None, calibrations=())
    for sections, moment in (
        ((bare,), "2026-01-01"),
        ((), "2026-01-02"),
        ((make_section("", CASES),), "2026-01-03"),
    ):
        report = replace(make_report(), sections=sections, notes=(), created_at=moment)
        save(report, evaluations_directory(services.settings))
        app = opened(PAGE)
        assert 'role="alert"' not in screen(app)
        assert "What these figures rest on" in screen(app)


def test_another_report_and_another_section_can_be_chosen(services: Services) -> None:
    directory = evaluations_directory(services.settings)
    save(replace(make_report(names=("scoped", "named")), source="old"), directory)
    save(replace(make_report(), source="new", created_at="2026-02-02T03:04:05+00:00"), directory)
    app = opened(PAGE)
    assert app.selectbox(key="report").options == ["20260202030405-new", "20260102030405-old"]
    app = app.selectbox(key="report").set_value("20260102030405-old").run()
    assert app.selectbox(key="section").options == ["scoped", "named"]
    app = app.selectbox(key="section").set_value("named").run()
    assert not app.exception
    assert "<dd>old</dd>" in screen(app)


def test_cases_are_filtered_by_category(services: Services) -> None:
    others = (make_case("up too", 9, 1, category="Insurance"), *CASES)
    save(make_report(others), evaluations_directory(services.settings))
    app = opened(PAGE)
    assert "Moved up <small>2 questions</small>" in screen(app)
    app = app.selectbox(key="category").set_value("Insurance").run()
    assert "Moved up <small>1 question</small>" in screen(app)
    assert "Moved down <small>0 questions</small>" in screen(app)


def test_a_damaged_report_is_an_error_with_a_next_step(services: Services) -> None:
    directory = evaluations_directory(services.settings)
    directory.mkdir()
    (directory / "20260101-broken.json").write_text("{", encoding="utf-8")
    app = opened(PAGE)
    assert not app.exception
    assert "Delete the file, or run proviso eval again." in screen(app)
    assert app.selectbox(key="report").value == "20260101-broken"


def test_hostile_text_appears_literally(services: Services) -> None:
    case = make_case("up", 4, 1, category=f"Law {HOSTILE}", text=f"Clause {HOSTILE}")
    case = replace(case, question=f"Why {HOSTILE}?")
    report = make_report((case,), names=(f"part {HOSTILE}",))
    report = replace(report, source=f"source {HOSTILE}", notes=(f"note {HOSTILE}",))
    save(report, evaluations_directory(services.settings))
    app = opened(PAGE)
    assert not app.exception
    shown = screen(app)
    assert shown.count("&lt;script&gt;alert(1)") >= 4
    assert "<script" not in shown
    assert "<img" not in shown
    assert not app.markdown


def test_the_largest_movement_comes_first() -> None:
    cases = [make_case("a little", 3, 2), make_case("much", 50, 1), make_case("down", 1, 2)]
    assert [case.question_id for case in arranged(cases, Movement.WIN, EVERY)] == ["much", "a little"]
    assert [case.question_id for case in arranged(cases, Movement.LOSS, EVERY)] == ["down"]
    assert arranged(cases, Movement.WIN, "Insurance") == []


def test_a_long_list_says_that_it_is_cut() -> None:
    cases = [make_case(f"q{number}", 5, 1) for number in range(MOST_SHOWN + 2)]
    drawn = column_html("Moved up", cases)
    assert drawn.count("<details") == MOST_SHOWN
    assert f"{MOST_SHOWN + 2} questions, the {MOST_SHOWN} that moved most are listed" in drawn
    assert "None." in column_html("Moved up", [])


def test_the_charts_hold_the_bins_and_both_errors() -> None:
    section = make_section("", CASES)
    assert list(reliability_rows(section.calibrations)["right"]) == [0.0, 1.0]
    rows = error_rows(section.minima)
    assert list(rows["share"]) == [0.0, 1.0, 0.125, 0.25]
    assert "Mean relevance of the kept passages" in reliability_chart(section.calibrations).to_json()
    assert "silent, something kept" in abstention_chart(section.minima, 0.05).to_json()


def test_what_was_not_asked_is_not_drawn() -> None:
    minima = (replace(make_section("", CASES).minima[0], lost=None),)
    assert list(error_rows(minima)["error"]) == ["silent, something kept"]
    assert reliability_rows(()).empty


def test_pipelines_are_shown_beside_each_other(services: Services) -> None:
    save_comparison(make_comparison(), pipelines_directory(services.settings))
    app = opened(PAGE)
    assert not app.exception
    shown = screen(app)
    assert "<td>0.500 better +0.250</td>" in shown
    assert "naive does not help against hybrid" in shown
    assert "models.example" in shown
    # One comparison leaves nothing to choose, and it is no report of the reranker.
    assert [box.key for box in app.selectbox] == []
    assert "No evaluation yet" in shown


def test_without_a_comparison_the_page_says_how_to_make_one(services: Services) -> None:  # noqa: ARG001
    shown = screen(opened(PAGE))
    assert "proviso eval --pipelines all" in shown
    assert "<caption>Pipelines" not in shown


def test_another_comparison_can_be_chosen_and_a_damaged_one_is_an_error(services: Services) -> None:
    directory = pipelines_directory(services.settings)
    save_comparison(make_comparison(), directory)
    (directory / "20270101-pipelines.json").write_text("{", encoding="utf-8")
    app = opened(PAGE)
    assert not app.exception
    assert "run proviso eval --pipelines again" in screen(app)
    app = app.selectbox(key="comparison").set_value("20260102030405-pipelines").run()
    assert "naive does not help" in screen(app)


def test_hostile_text_in_a_comparison_appears_literally(services: Services) -> None:
    group = replace(GROUPS[0], name=f"group {HOSTILE}")
    report = replace(make_comparison((group,)), endpoint=HOSTILE, notes=(HOSTILE,))
    save_comparison(report, pipelines_directory(services.settings))
    app = opened(PAGE)
    assert not app.exception
    shown = screen(app)
    assert shown.count("&lt;script&gt;alert(1)") >= 3
    assert "<script" not in shown
    assert "<img" not in shown
