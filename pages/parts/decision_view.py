"""One decision as it was: question, answer, evidence, what left the building; and the same question asked again."""

import streamlit as st

from core.plural import plural
from core.workbench.decision import FOLLOW_UP_SENT, Decision
from core.workbench.replay import Comparison, Difference
from pages.parts.answer_view import answer_html
from pages.parts.decision_list import when
from pages.parts.evidence_view import evidence
from pages.parts.export_menu import export_decision
from pages.parts.markup import label, safe
from pages.parts.replay_run import replayed
from pages.parts.state import actor, session
from pages.parts.trace_view import notes_html
from pages.parts.wiring import Services

MOST_DIFFERENCES = 60


def decision_view(decision_id: str, services: Services) -> None:
    """Draw everything about a decision of this reader.

    Raises:
        UnknownDecision: it is not on record, or somebody else's.
    """
    st.button("Back to the list", key="close_decision", on_click=_close)
    decision = services.decisions.get(decision_id, actor=actor())
    finding = decision.finding
    st.html(
        f'<h2 class="question">{safe(finding.inquiry.question)}</h2>{_facts(decision)}{notes_html(finding)}'
    )
    if decision.answer is not None:
        follow_up = any(one.purpose == FOLLOW_UP_SENT for one in decision.sent)
        st.html(answer_html(decision.answer, finding, decision.models.endpoint, follow_up=follow_up))
    else:
        st.html('<p class="hint">No answer is on record: it was not finished, or not asked for.</p>')
    _actions(decision, services)
    _left_the_building(decision)
    evidence(finding, services, decision.models.endpoint)


def _facts(decision: Decision) -> str:
    parts = [
        when(decision.at),
        f"decision {decision.decision_id}",
        decision.actor,
        f"Proviso {decision.version}",
        f"reranker {decision.models.reranker.name} {decision.models.reranker.fingerprint[:12]}",
        plural(decision.searched.count, "contract") + " searched",
        f"pipeline {decision.finding.inquiry.pipeline}",
    ]
    if decision.parent:
        parts.append(f"{decision.kind.value} to {decision.parent}")
    typed = f'<p class="hint">Typed: \u201c{safe(decision.typed)}\u201d</p>' if decision.typed else ""
    override = decision.finding.override
    changed = (
        f'<p class="hint">Changed by a reader: \u201c{safe(override.reason)}\u201d</p>' if override else ""
    )
    return f'{typed}{changed}<p class="ranks">{"".join(f"<span>{safe(part)}</span>" for part in parts)}</p>'


def _actions(decision: Decision, services: Services) -> None:
    with st.container(horizontal=True, gap="small", key="decision_actions"):
        again = st.button("Ask again and compare", key="replay", type="primary")
        to_ask = st.button("Open on the Ask page", key="decision_to_ask")
        export_decision(decision, services)
        delete = st.button("Delete from the record", key="delete_decision", type="tertiary")
    if to_ask:
        session().reopen(decision.finding, decision.answer, decision.decision_id)
        st.switch_page("app.py")
    if delete:
        services.trail.forgotten(actor(), decision.decision_id)
        services.decisions.delete(decision.decision_id)
        _close()
        st.rerun()
    if again:
        st.html(comparison_html(replayed(decision, services).comparison))


def comparison_html(comparison: Comparison) -> str:
    """What differs today, or that nothing does."""
    lines = "".join(_difference(one) for one in (*comparison.setting, *comparison.ranking)[:MOST_DIFFERENCES])
    more = len(comparison.setting) + len(comparison.ranking) - MOST_DIFFERENCES
    rest = f'<p class="hint">and {more} more differences</p>' if more > 0 else ""
    table = (
        f"<table><thead><tr><th>What</th><th>Then</th><th>Now</th></tr></thead><tbody>{lines}</tbody></table>"
    )
    return (
        f'<section class="panel compared" role="status"><h2>{safe(comparison.verdict.capitalize())}</h2>'
        f"{table if lines else '<p>Every candidate has the rank and the score it had.</p>'}{rest}</section>"
    )


def _difference(one: Difference) -> str:
    kind = ' class="decisive"' if one.decisive else ""
    return f"<tr{kind}><td>{safe(one.subject)}</td><td>{safe(one.before)}</td><td>{safe(one.now)}</td></tr>"


def _left_the_building(decision: Decision) -> None:
    if not decision.sent:
        st.html('<p class="hint">What left the building: nothing. All of this happened on this machine.</p>')
        return
    for one in decision.sent:
        with st.expander(
            f"What left the building: {label(one.purpose)}, to {label(one.host)}, {when(one.at or decision.at)}"
        ):
            for message in one.messages:
                st.code(message, language=None, wrap_lines=True)


def _close() -> None:
    session().opened_decision = ""
