"""The newest comparison of pipelines that ``proviso eval --pipelines`` saved, as tables."""

import streamlit as st

from evals.pipelines.conclusions import about, conclusions, failures
from evals.pipelines.files import load, pipelines_directory
from evals.pipelines.records import PipelineReport
from evals.pipelines.tables import Grid, grids
from evals.report_files import saved_reports
from pages.parts.markup import one_line, safe
from pages.parts.panels import guard, strip
from pages.parts.wiring import Services

HINT = (
    "The same questions through several pipelines, each followed by the reranker: what helps, what harms, what makes no"
    " difference, and what it takes."
)
COMMAND = "At the command line: <code>proviso eval --pipelines all</code>."


def pipeline_table(services: Services) -> None:
    """The comparison to show, with a choice among several; only a hint where there is none."""
    st.html(f'<h2 class="column">Pipelines compared</h2><p class="hint">{HINT} {COMMAND}</p>')
    by_name = {path.stem: path for path in saved_reports(pipelines_directory(services.settings))}
    if not by_name:
        return
    with guard():
        name = next(iter(by_name))
        if len(by_name) > 1:
            name = st.selectbox(
                "Comparison", list(by_name), format_func=lambda stem: one_line(stem, 110), key="comparison"
            )
        st.html(comparison_html(load(by_name[name])))


def comparison_html(report: PipelineReport) -> str:
    """The overview and what it says; the single groups of questions below, folded."""
    overview, *single = grids(report)
    said = "".join(f"<li>{safe(line)}</li>" for line in (*conclusions(report), *failures(report)))
    return (
        f"{_table(overview)}<ul>{said}</ul>"
        '<details class="about"><summary>Every measure, group by group</summary>'
        f"{''.join(map(_table, single))}</details>{strip((*about(report), *report.notes))}"
    )


def _table(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in grid.columns)
    rows = "".join(
        f'<tr><th scope="row">{safe(name)}</th>{"".join(f"<td>{safe(cell)}</td>" for cell in cells)}</tr>'
        for name, *cells in grid.rows
    )
    return (
        f'<div class="figures" tabindex="0" role="region" aria-label="{safe(grid.title)}"><table>'
        f"<caption>{safe(grid.title)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
