"""The crowding guard on the page: says what takes most of the places, and offers the best of each contract."""

from dataclasses import replace

import streamlit as st

from core.explain.crowding import Crowd, Crowding, crowding
from core.plural import plural
from core.records import Finding, Inquiry, Selection
from pages.parts.markup import one_line, safe
from pages.parts.state import session

LABEL = "Best of each contract"


def crowding_notice(finding: Finding) -> None:
    """Draw a notice where one contract or one text crowds the kept places; nothing otherwise."""
    found = crowding(finding.inquiry, finding.ranking)
    if not found:
        return
    words = f'<p role="note">{" ".join(safe(sentence(one)) for one in found)}</p>'
    with st.container(key="crowding"):
        if not any(one.best_of_each_helps for one in found):
            st.html(words)
            return
        left, right = st.columns([4, 1], vertical_alignment="center", gap="medium")
        left.html(words)
        right.button(
            LABEL,
            key="best_of_each",
            type="tertiary",
            on_click=_ask_again,
            args=(finding.inquiry,),
            help="Ask again and keep only the best passage of each contract.",
        )


def sentence(found: Crowding) -> str:
    """What is crowded, in one or two sentences."""
    count = len(found.ranks)
    places = f"{count} of the {found.kept} kept passages"
    if found.kind is Crowd.CONTRACT:
        return (
            f"{places} come from one contract, {one_line(found.contract_title, 80)}."
            f" {plural(found.elsewhere, 'other contract')}"
            f" {'has' if found.elsewhere == 1 else 'have'} passages above the minimum and no place."
        )
    return f"{places} say nearly the same words."


def _ask_again(inquiry: Inquiry) -> None:
    remembered = session()
    turn = remembered.turn
    changed = replace(inquiry, selection=Selection.BEST_OF_EACH)
    if turn is None:
        remembered.ask(changed)
    else:
        # A follow-up stays one.
        remembered.ask(changed, turn.follows, turn.rewritten)
