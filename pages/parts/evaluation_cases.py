"""Wins and losses of the reranker beside each other, question by question, with the passages."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.page_words import pages
from core.plural import plural
from evals.report import Case, Excerpt, Movement, Section
from pages.parts.markup import marked, one_line, safe
from pages.parts.panels import guard

EVERY: Final = "Every category"
# More than this nobody reads at once; a category narrows the choice.
MOST_SHOWN: Final = 40


@st.fragment
def cases(section: Section) -> None:
    """Draw them; choosing a category redraws them alone."""
    with guard():
        st.html('<h2 class="column">Question by question</h2>')
        names = sorted({case.category for case in section.cases})
        category = st.selectbox(
            "Category", [EVERY, *names], format_func=lambda name: one_line(name, 110), key="category"
        )
        left, right = st.columns(2, gap="medium")
        left.html(column_html("Moved up", arranged(section.cases, Movement.WIN, category or EVERY)))
        right.html(column_html("Moved down", arranged(section.cases, Movement.LOSS, category or EVERY)))
        missed = arranged(section.cases, Movement.MISSED, category or EVERY)
        if missed:
            st.html(column_html("Not among the candidates", missed))


def arranged(all_cases: Sequence[Case], movement: Movement, category: str) -> list[Case]:
    """Those that moved this way, the largest change of the reciprocal rank first."""
    wanted = [case for case in all_cases if case.movement is movement and category in (EVERY, case.category)]
    return sorted(wanted, key=lambda case: (-_change(case), case.question_id))


def column_html(heading: str, shown: Sequence[Case]) -> str:
    """A list of cases, each to be opened."""
    more = len(shown) - MOST_SHOWN
    note = f", the {MOST_SHOWN} that moved most are listed" if more > 0 else ""
    items = "".join(_case_html(case) for case in shown[:MOST_SHOWN])
    body = (
        f'<div class="discarded" role="list" tabindex="0" aria-label="{safe(heading)}">{items}</div>'
        if items
        else '<p class="hint">None.</p>'
    )
    return (
        f'<h3 class="quiet">{safe(heading)} <small>{plural(len(shown), "question")}{note}</small></h3>{body}'
    )


def _case_html(case: Case) -> str:
    win = case.movement is Movement.WIN
    rival_heading = "Stood first before" if win else "Stands first now"
    passages = _excerpt_html("Right passage", case.right, case.question)
    if case.movement is not Movement.MISSED:
        passages += _excerpt_html(rival_heading, case.rival, case.question)
    return (
        '<details class="passage" role="listitem"><summary>'
        f'<span class="number">{_ranks(case)}</span>'
        f'<span class="name"><b>{safe(case.question)}</b><span>{safe(case.category)}</span></span></summary>'
        f'<div class="pair">{passages or "<p>The report holds no passages for this question.</p>"}</div></details>'
    )


def _excerpt_html(heading: str, excerpt: Excerpt | None, question: str) -> str:
    if excerpt is None:
        return ""
    place = pages(excerpt.page_start, excerpt.page_end) if excerpt.page_start else ""
    where = " \u203a ".join(part for part in (excerpt.heading, place) if part)
    return (
        f'<article><h3 class="quiet">{safe(heading)} <small>{_numbers(excerpt)}</small></h3>'
        f"<b>{safe(excerpt.title)}</b> <span>{safe(where)}</span>"
        f'<div class="text">{marked(excerpt.text, question)}</div></article>'
    )


def _numbers(excerpt: Excerpt) -> str:
    if excerpt.relevance is None or excerpt.rank_before is None or excerpt.rank_after is None:
        return ""
    return f"{excerpt.rank_before} \u2192 {excerpt.rank_after}, relevance {excerpt.relevance:.3f}"


def _ranks(case: Case) -> str:
    if case.rank_before is None or case.rank_after is None:
        return "\u2013"
    return f"{case.rank_before} \u2192 {case.rank_after}"


def _change(case: Case) -> float:
    if case.rank_before is None or case.rank_after is None:
        return 0.0
    return abs(1.0 / case.rank_after - 1.0 / case.rank_before)
