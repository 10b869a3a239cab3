"""The wordings of a question as fields: what a reader changes, removes and adds is searched in their place."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import streamlit as st

from core.found_by import written_by
from core.records import LONGEST_WORDING, MOST_WORDINGS, Finding, Wording
from core.redact import printable
from pages.parts.markup import label, one_line, safe
from pages.parts.state import Session, Turn

ADDED: Final = ("Another wording", "One more wording")
OFFER: Final = (
    "Each text below is searched beside the question, and what it finds joins the candidates. The reranker then judges"
    " every candidate against your question itself, so a wording can only bring a passage to light. Change a text,"
    " empty it to leave it out, or add one."
)


def wordings_panel(turn: Turn, finding: Finding, remembered: Session) -> None:
    """Draw the wordings as fields; sending them puts the question again, as one of its own."""
    st.html(f'<section><h2>Wordings searched beside the question</h2><p class="hint">{OFFER}</p></section>')
    shown = editable(finding)
    with st.form("wordings", border=False):
        texts = [
            st.text_area(
                f"Wording {number}, written by {label(written_by(wording))}",
                wording.text,
                max_chars=LONGEST_WORDING,
                height=_height(wording.text),
                key=f"wording_{turn.number}_{number}",
            )
            for number, wording in enumerate(shown, start=1)
        ]
        texts += [
            st.text_area(
                ADDED[number - 1],
                max_chars=LONGEST_WORDING,
                height=68,
                placeholder="Other words for the same thing, or the words of a clause that would answer it",
                key=f"wording_{turn.number}_new_{number}",
            )
            for number in range(1, min(len(ADDED), MOST_WORDINGS - len(shown)) + 1)
        ]
        with st.container(horizontal=True, gap="small"):
            send = st.form_submit_button("Search again with these", type="primary", key="wordings_send")
            alone = st.form_submit_button("Search with the question alone", key="wordings_alone")
    _derived(finding)
    if not (send or alone):
        return
    chosen = given(texts) if send else ()
    # The question among its own wordings stands for none beside it; () would have the pipeline write its own.
    inquiry = replace(turn.inquiry, formulations=chosen or (turn.inquiry.question,))
    remembered.ask(inquiry, turn.follows, turn.rewritten)
    st.rerun()


def editable(finding: Finding) -> tuple[Wording, ...]:
    """The wordings that a reader can give in place of those written, as many as can be given."""
    return tuple(wording for wording in finding.wordings if not wording.derived)[:MOST_WORDINGS]


def given(texts: Iterable[str | None]) -> tuple[str, ...]:
    """What was left in the fields, each once."""
    cleaned = (" ".join(printable(text or "").split()) for text in texts)
    return tuple(dict.fromkeys(text for text in cleaned if text))


def _height(text: str) -> int:
    return 68 if len(text) <= 120 else 120


def _derived(finding: Finding) -> None:
    """What modules made out of what they found, which is made anew with every search."""
    derived = [wording for wording in finding.wordings if wording.derived]
    if not derived:
        return
    items = "".join(
        f"<li>{safe(one_line(wording.text, 300))} <small>{safe(written_by(wording))}</small></li>"
        for wording in derived
    )
    st.html(
        '<p class="hint">Searched as well, with words that a module took from what it found. These are made anew with'
        f' every search:</p><ul class="derived">{items}</ul>'
    )
