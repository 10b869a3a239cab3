"""Follow-ups: what was typed becomes a question that stands alone, shown and editable before it is searched."""

from dataclasses import replace

import streamlit as st

from core.choose_answerer import open_chat
from core.conversation.by_model import by_model
from core.conversation.key_terms import by_key_terms
from core.conversation.records import Rewriter, StandAlone, Thread
from core.errors import ProvisoError
from core.records import Inquiry
from core.search import Phase, Report, Search, Standing
from pages.parts.markup import safe
from pages.parts.panels import error_panel
from pages.parts.state import FollowUp, Session, Turn, actor, session
from pages.parts.watching import watched
from pages.parts.wiring import Services


def follow_up_box(turn: Turn, services: Services) -> None:
    """Where a follow-up to the question on the screen is typed."""
    with st.form("follow_up", clear_on_submit=True, border=False):
        field, send = st.columns([7, 1], vertical_alignment="bottom", gap="small")
        typed = field.text_input(
            "Follow-up to this question",
            placeholder="Ask a follow-up, such as: and who bears the cost?",
            max_chars=1000,
            key="follow_up_text",
            label_visibility="collapsed",
        )
        sent = send.form_submit_button("Follow up", width="stretch", key="follow_up_send")
    if sent and typed.strip():
        begin(typed.strip(), turn, turn.inquiry, services)
        st.rerun()


def begin(typed: str, turn: Turn, like: Inquiry, services: Services) -> None:
    """Have a follow-up to ``turn`` made into a question that stands alone; ``like`` has scope and settings."""
    remembered = session()
    titles = tuple(services.library.catalogue.ready_titles().items())
    thread = replace(remembered.thread(turn, titles), contract_ids=like.contract_ids)
    asking = actor()
    rewriting = Search(lambda report: _rewrite(typed, thread, services, asking, report)).start()
    remembered.follow_up = FollowUp(turn.number, like, rewriting)


def _rewrite(typed: str, thread: Thread, services: Services, asking: str, report: Report) -> StandAlone:
    report(Standing(Phase.REWRITE))
    if not services.chat_host:
        return by_key_terms(typed, thread)
    # On record before it leaves the machine.
    services.trail.rewriting(asking, typed)
    return by_model(typed, thread, open_chat(services.settings), services.settings.chat_model)


def proposal(follow_up: FollowUp, remembered: Session, services: Services) -> None:
    """Show the follow-up as it will be searched, to be changed, sent or given up."""
    alone = _rewritten(follow_up.rewriting, services)
    if alone is None:
        return
    earlier = next((turn for turn in remembered.turns if turn.number == follow_up.follows), None)
    st.html(_explanation(alone, earlier, services))
    with st.form("proposal", border=False):
        question = st.text_area(
            "Question to search", alone.question, max_chars=1000, height=80, key="proposal_text"
        )
        with st.container(horizontal=True, gap="small"):
            search = st.form_submit_button("Search", type="primary", key="proposal_send")
            as_typed = st.form_submit_button("Search as typed", key="proposal_as_typed")
            cancelled = st.form_submit_button("Cancel", type="tertiary", key="proposal_cancel")
    _sent_out(alone, services)
    if cancelled:
        _give_up()
    elif as_typed:
        remembered.ask(replace(follow_up.like, question=alone.typed), follow_up.follows)
    elif search and question.strip():
        settled = replace(alone, question=question.strip())
        inquiry = replace(follow_up.like, question=settled.question, contract_ids=alone.contract_ids)
        remembered.ask(inquiry, follow_up.follows, settled)
    if cancelled or as_typed or (search and question.strip()):
        st.rerun()


def _rewritten(rewriting: Search[StandAlone], services: Services) -> StandAlone | None:
    """What the follow-up became, waiting for it on the screen; None when it failed, which is said."""
    place = st.empty()
    with place.container():
        sentence = st.empty()
        st.button("Cancel", key="follow_up_give_up", type="tertiary", on_click=_give_up)
    at = f" at {services.chat_host}" if services.chat_host else ""
    try:
        alone = watched(rewriting, sentence, lambda _: f"Rewriting the follow-up{at}\u2026")
    except ProvisoError as error:
        with place.container():
            error_panel(error)
            st.button("Back", key="follow_up_back", on_click=_give_up)
        return None
    place.empty()
    return alone


def _give_up() -> None:
    session().follow_up = None


def _explanation(alone: StandAlone, earlier: Turn | None, services: Services) -> str:
    after = f" after <b>{safe(earlier.inquiry.question)}</b>" if earlier is not None else ""
    by = services.settings.chat_model if alone.rewriter is Rewriter.MODEL else Rewriter.TERMS.value
    titles = services.library.catalogue.ready_titles()
    scope = ", ".join(titles.get(contract_id, contract_id[:12]) for contract_id in alone.contract_ids)
    note = f" {safe(alone.note)}" if alone.note else ""
    return (
        f'<h1 class="question">{safe(alone.typed)}</h1>'
        f'<p class="hint">A follow-up{after}. It will be searched as the question below, made with {safe(by)}.'
        f" Change it as you like; nothing has been searched yet.{note}</p>"
        f'<p class="hint">Scope: {safe(scope or "every contract")}</p>'
    )


def _sent_out(alone: StandAlone, services: Services) -> None:
    if alone.sent:
        with st.expander(f"What was sent to {services.chat_host} for this"):
            st.code("\n\n".join(message.content for message in alone.sent), language=None, wrap_lines=True)


def follow_up_line(turn: Turn) -> str:
    """What was typed, as HTML, above a question that was a follow-up; empty for any other."""
    if not turn.follows:
        return ""
    if turn.rewritten is None or turn.rewritten.typed == turn.inquiry.question:
        return '<p class="hint">A follow-up, searched as it was typed.</p>'
    return f'<p class="hint">A follow-up. Typed: \u201c{safe(turn.rewritten.typed)}\u201d. Searched as below.</p>'
