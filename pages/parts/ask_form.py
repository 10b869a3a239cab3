"""Where a question is put: the question box, its scope and its limits, and examples to begin with."""

from collections import Counter
from dataclasses import replace

import streamlit as st

from core.conversation.key_terms import leans_on_earlier
from core.plural import plural
from core.records import Contract, Inquiry
from pages.parts.filter_form import filter_form
from pages.parts.follow_up import begin
from pages.parts.markup import one_line
from pages.parts.pipeline_choice import pipeline_choice
from pages.parts.state import session
from pages.parts.wiring import Services

EXAMPLES = (
    "What is the cap on the supplier's liability?",
    "Which law governs the agreement?",
    "Can either party terminate for convenience, and with how much notice?",
    "May the agreement be assigned without consent?",
    "How long do confidentiality obligations last?",
    "Does anything renew automatically?",
)

# The figures are those of training/RUNS.md, where the default was chosen.
MINIMUM_HELP = (
    "A passage that scores below is never kept. If none reaches it, there is no answer. The default, 0.02, costs fewer"
    " than 1 in 100 answered questions their passage and keeps nothing for 17 in 100 that have no answer; 0.05 costs 4"
    " in 100 and keeps nothing for 55 in 100, 0.10 costs 12 and keeps nothing for 83 (measured on contracts that the"
    " models were not trained on)."
)


def question_box(contracts: tuple[Contract, ...], services: Services) -> None:
    """Draw the form; a question sent becomes the session's current turn, or a follow-up to it."""
    with st.form("question", clear_on_submit=True, border=False):
        field, send = st.columns([9, 1], vertical_alignment="bottom", gap="small")
        question = field.text_input(
            "Question about your contracts",
            placeholder="Ask about a clause, a right, a deadline, an amount",
            max_chars=1000,
            key="question_text",
            label_visibility="collapsed",
        )
        sent = send.form_submit_button("Ask", type="primary", width="stretch", key="ask")
    like = _limits(contracts, services)
    if like is None:
        st.html('<p class="hint" role="alert">No contract meets the filter. Widen it to ask.</p>')
        return
    if sent and question.strip():
        _put(replace(like, question=question.strip()), services)
    elif sent:
        st.html('<p class="hint" role="alert">Type a question first.</p>')
    if not session().turns:
        _examples(like)


def _put(inquiry: Inquiry, services: Services) -> None:
    remembered = session()
    turn = remembered.turn
    if turn is None or not leans_on_earlier(inquiry.question):
        remembered.ask(inquiry)
        return
    scope = inquiry.contract_ids or turn.inquiry.contract_ids
    begin(inquiry.question, turn, replace(inquiry, contract_ids=scope), services)


def _limits(contracts: tuple[Contract, ...], services: Services) -> Inquiry | None:
    """The scope and the limits as an inquiry without a question; None where no contract is left to search."""
    settings = services.settings
    left, middle, right = st.columns([3, 1.2, 1.2], gap="small", vertical_alignment="top")
    with middle.popover("Filter", width="stretch", help="By party, governing law, type and date"):
        conditions = filter_form(contracts)
    met = tuple(contract for contract in contracts if conditions.meets(contract))
    names = option_names(met)
    scope = left.multiselect(
        "Contracts to search",
        list(names),
        format_func=lambda contract_id: names.get(contract_id, ""),
        placeholder=_placeholder(len(met), len(contracts)),
        key="scope",
        label_visibility="collapsed",
    )
    with right.popover("Search settings", width="stretch"):
        candidates = st.slider(
            "Candidates",
            20,
            200,
            settings.candidates,
            10,
            help="How many passages the first search proposes. Each of them is scored; more takes longer.",
            key="candidates",
        )
        keep = st.slider(
            "Passages kept",
            1,
            10,
            min(settings.keep, 10),
            help="How many of the best passages the answer may rest on. Nothing else is used for it.",
            key="keep",
        )
        minimum = st.slider(
            "Minimum relevance",
            0.0,
            1.0,
            settings.minimum_relevance,
            0.01,
            help=MINIMUM_HELP,
            key="minimum",
        )
    pipeline = pipeline_choice(services)
    within = _scope(tuple(scope), met, contracts)
    return None if within is None else Inquiry("-", within, candidates, keep, minimum, pipeline=pipeline)


def _placeholder(met: int, all_of_them: int) -> str:
    if met == all_of_them:
        return f"Searching all: {plural(met, 'contract')}. Choose some to narrow the search"
    return f"Searching the {met} of {plural(all_of_them, 'contract')} that meet the filter"


def _scope(
    chosen: tuple[str, ...], met: tuple[Contract, ...], contracts: tuple[Contract, ...]
) -> tuple[str, ...] | None:
    """What is searched: the chosen ones, else all that meet the filter; () is every contract, None is none."""
    within = {contract.contract_id for contract in met}
    kept = tuple(contract_id for contract_id in chosen if contract_id in within)
    if kept or len(met) == len(contracts):
        return kept
    return tuple(contract.contract_id for contract in met) or None


def option_names(contracts: tuple[Contract, ...]) -> dict[str, str]:
    """What contracts are called in a list to choose from, by id; like titles are told apart."""
    titles = Counter(contract.profile.title for contract in contracts)
    return {
        contract.contract_id: one_line(contract.profile.title)
        if titles[contract.profile.title] == 1
        else one_line(f"{contract.profile.title} ({contract.file_name}, {contract.contract_id[:6]})", 300)
        for contract in contracts
    }


def _examples(inquiry: Inquiry) -> None:
    st.html('<h2 class="quiet">Questions to begin with</h2>')
    columns = st.columns(3, gap="small")
    for number, question in enumerate(EXAMPLES):
        columns[number % 3].button(
            question,
            key=f"example_{number}",
            width="stretch",
            on_click=_ask_example,
            args=(question, inquiry),
        )


def _ask_example(question: str, like: Inquiry) -> None:
    session().ask(replace(like, question=question))
