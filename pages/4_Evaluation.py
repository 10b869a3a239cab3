"""Evaluation: what ``proviso eval`` saved: pipelines beside each other, where reranking helped and where it harmed."""

import streamlit as st

from core.plural import plural
from evals.report import Report, Section
from evals.report_files import evaluations_directory, load, saved_reports
from pages.parts.evaluation_cases import cases
from pages.parts.evaluation_charts import abstention_chart, reliability_chart
from pages.parts.evaluation_tables import about_html, abstention_html, figures_html, summary_html
from pages.parts.frame import frame
from pages.parts.markup import one_line
from pages.parts.own_judgements import REPORT, own_judgements
from pages.parts.panels import empty_panel, strip
from pages.parts.pipeline_table import pipeline_table
from pages.parts.wiring import Services


def chosen_report(services: Services) -> Report | None:
    """The report to show: the newest, or another that was chosen."""
    files = saved_reports(evaluations_directory(services.settings))
    if not files:
        empty_panel(
            "No evaluation yet",
            "Run proviso eval for the sample contracts, or proviso eval FOLDER for your own contracts with a"
            " questions.jsonl. Its report appears here.",
        )
        return None
    by_name = {path.stem: path for path in files}
    name = st.selectbox("Report", list(by_name), format_func=lambda stem: one_line(stem, 110), key=REPORT)
    return load(by_name[name])


def chosen_section(report: Report) -> Section | None:
    """The kind of questions to show."""
    by_name = {section.name: section for section in report.sections}
    if not by_name:
        empty_panel("Nothing was asked", "No question of this evaluation could be used; see its notes.")
        return None
    if len(by_name) == 1:
        return report.sections[0]
    name = st.selectbox("Questions", list(by_name), format_func=lambda one: one_line(one, 110), key="section")
    return by_name[name]


def draw(report: Report, section: Section) -> None:
    """Everything about one kind of questions."""
    st.html(summary_html(section))
    if section.quality:
        st.html(figures_html(section))
    charts(report, section)
    if section.cases:
        cases(section)


def charts(report: Report, section: Section) -> None:
    """Whether relevance can be trusted: the reliability diagram and the curve of the minimum relevance."""
    left, right = st.columns(2, gap="large")
    if section.calibrations:
        with left:
            error = section.calibrations[0].expected_calibration_error
            over = plural(section.calibrations[0].passages, "kept passage")
            st.html(
                f'<h2 class="column">Reliability <small>expected calibration error {error:.3f},'
                f" {over}</small></h2>"
            )
            chart = reliability_chart(section.calibrations)
            st.altair_chart(chart, width="stretch", alt="Relevance against the share of right passages")
    if section.minima:
        with right:
            st.html('<h2 class="column">Minimum relevance <small>what it costs and saves</small></h2>')
            curve = abstention_chart(section.minima, report.environment.minimum_relevance)
            st.altair_chart(curve, width="stretch", alt="Errors by minimum relevance")
            st.html(abstention_html(section, report.environment.minimum_relevance))


with frame("Evaluation") as services:
    st.html('<h1 class="page">Evaluation</h1>')
    pipeline_table(services)
    own_judgements(services)
    report = chosen_report(services)
    if report is not None:
        section = chosen_section(report)
        if section is not None:
            draw(report, section)
        st.html(strip(report.notes) + about_html(report))
