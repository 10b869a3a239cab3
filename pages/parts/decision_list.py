"""The list of decisions: search, filters, pages."""

import streamlit as st

from core.plural import plural
from core.records import AnswerKind
from core.workbench.decision_store import DecisionFilter, DecisionSummary
from pages.parts.filter_form import iso_day
from pages.parts.markup import label, one_line, safe
from pages.parts.state import session
from pages.parts.wiring import Services

ON_A_PAGE = 25
NO_ANSWER = "none"
EVERY = "any answer"


def filter_fields(actor: str) -> DecisionFilter:
    """Draw the search and give what is looked for."""
    words, kind, since, until = st.columns([4, 2, 1.5, 1.5], gap="small", vertical_alignment="bottom")
    wanted = words.text_input("Words of the question, or a contract", key="history_words", max_chars=200)
    answer = kind.selectbox(
        "Answer", [EVERY, *(one.value for one in AnswerKind), NO_ANSWER], key="history_answer"
    )
    begin = since.date_input("Since", None, format="YYYY-MM-DD", key="history_since")
    end = until.date_input("Until", None, format="YYYY-MM-DD", key="history_until")
    return DecisionFilter(
        actor=actor,
        words=wanted,
        answer_kind="" if answer in (EVERY, None) else answer,
        since=iso_day(begin),
        until=iso_day(end),
        limit=ON_A_PAGE,
    )


def decision_list(wanted: DecisionFilter, services: Services) -> None:
    """Draw the decisions that fit, newest first, a page at a time; a click opens one."""
    count = services.decisions.count(wanted)
    if not count:
        st.html('<p class="hint">No question on record fits.</p>')
        return
    pages = -(-count // ON_A_PAGE)
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page, of {pages}", 1, pages, 1, key="history_page", width=140))
    st.html(f'<p class="hint">{plural(count, "question")} on record</p>')
    shown = DecisionFilter(
        wanted.actor,
        wanted.words,
        wanted.answer_kind,
        wanted.since,
        wanted.until,
        ON_A_PAGE,
        (page - 1) * ON_A_PAGE,
    )
    for one in services.decisions.find(shown):
        with st.container(border=True, gap=None, key=f"decision_{one.decision_id}"):
            st.button(
                label(one.question, 160),
                key=f"open_{one.decision_id}",
                type="tertiary",
                on_click=_open,
                args=(one.decision_id,),
            )
            st.html(_facts(one))


def _facts(one: DecisionSummary) -> str:
    parts = [when(one.at), one.decision_id, one.kind.value, f"answer: {one.answer_kind}"]
    if one.sent:
        parts.append("text left this machine")
    kept = one_line("; ".join(one.kept), 160)
    spans = "".join(f"<span>{safe(part)}</span>" for part in parts)
    return f'<p class="ranks">{spans}</p><p class="hint">{safe(kept) or "nothing kept"}</p>'


def when(at: str) -> str:
    """A time of the record as it is read: ``2026-01-02 03:04 UTC``."""
    return f"{at[:10]} {at[11:16]} UTC"


def _open(decision_id: str) -> None:
    session().opened_decision = decision_id
