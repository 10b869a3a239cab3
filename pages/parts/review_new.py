"""Begin a review: a question set, the contracts, who writes the answers, and what it will take."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from core.pipeline.describe import asks_model
from core.plural import plural
from core.records import Contract
from core.redact import printable_line
from core.review.open_desk import ANSWERED_FROM, MINIMUM_RELEVANCE, review_settings
from core.review.records import LONGEST_NAME, QuestionSet, ReviewSettings
from pages.parts.contract_table import matches
from pages.parts.filter_form import filter_form
from pages.parts.markup import label, one_line, safe
from pages.parts.panels import empty_panel
from pages.parts.pipeline_choice import pipeline_choice
from pages.parts.review_place import open_review
from pages.parts.state import actor
from pages.parts.wiring import Services

# The figures are those of benchmarks/review_cells.py.
MINIMUM_HELP = (
    "A contract in which no passage reaches it is silent on the question. Below the default, 0.05, lies the best"
    " passage for 1 in 100 questions that a contract answers, and for 1 in 5 that it does not answer."
)
ANSWERED_HELP = (
    "Below it, a passage is shown as weak. From the default, 0.30, on lie 7 in 10 questions that a contract answers,"
    " and 1 in 6 that it does not. So a weak cell often holds the answer, and only reading it tells."
)
EXTRACTS = "Extracts: the contracts\u2019 own words, on this machine"


def new_review(contracts: tuple[Contract, ...], services: Services) -> None:
    """Draw the form; starting puts the review on the screen."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        question_set = _question_set(services)
        chosen = _contracts(contracts)
        settings = _settings(services)
        name = st.text_input(
            "Name of the review",
            f"{question_set.name}, {datetime.now(UTC):%d %b %Y}"[:LONGEST_NAME],
            max_chars=LONGEST_NAME,
            key=f"review_name_{question_set.name}",
        )
        if not chosen:
            empty_panel("No contract matches", "Use other words or a wider filter.")
            return
        asks = asks_model(services.recipes[settings.pipeline])
        st.html(f'<p class="hint">{safe(estimate(len(chosen), question_set, settings, asks))}</p>')
        if st.button("Start the review", type="primary", key="start_review"):
            review = services.reviews.begin(printable_line(name), question_set, chosen, settings, actor())
            services.reviews.resume(review, actor())
            open_review(review.review_id)
            st.rerun()
    with right:
        st.html(set_html(question_set))


def estimate(contracts: int, question_set: QuestionSet, settings: ReviewSettings, asks: bool = False) -> str:
    """What a review will take, before it is begun; not escaped yet. ``asks`` says that the pipeline's modules ask the
    model service too, where there is one.
    """
    questions = len(question_set.questions)
    cells = contracts * questions
    extent = f"{plural(contracts, 'contract')} by {plural(questions, 'question')}: {plural(cells, 'cell')}."
    if not settings.model:
        return f"{extent} Nothing leaves this machine."
    search = " For the search the pipeline asks it as well, in every cell, without passages." if asks else ""
    return (
        f"{extent} At most {plural(cells, 'call')} to {settings.model} at {settings.endpoint}, each with the"
        f" question and up to {plural(settings.keep, 'passage')}; a silent cell sends nothing."
        f"{search}"
    )


def set_html(question_set: QuestionSet) -> str:
    """The questions of a set with their labels."""
    items = "".join(
        f"<li><b>{safe(question.label)}</b><span>{safe(question.text)}</span></li>"
        for question in question_set.questions
    )
    return (
        f'<section class="questionset" aria-label="Questions"><h2>{safe(question_set.name)}</h2>'
        f'<p class="hint">{safe(question_set.description)}</p><ol>{items}</ol></section>'
    )


def _question_set(services: Services) -> QuestionSet:
    by_name = {one.name: one for one in services.reviews.sets.all()}
    name = st.selectbox(
        "Question set",
        list(by_name),
        format_func=lambda name: f"{one_line(name)} ({plural(len(by_name[name].questions), 'question')})",
        key="review_set",
    )
    return by_name[name]


def _contracts(contracts: tuple[Contract, ...]) -> Sequence[Contract]:
    wanted = st.text_input(
        "Contracts",
        placeholder="All. Words of titles, parties, laws or files narrow it down",
        key="review_words",
    )
    with st.popover("Filter", help="By party, governing law, type and date"):
        conditions = filter_form(contracts, "review_filter")
    chosen = [one for one in contracts if matches(one, wanted) and conditions.meets(one)]
    with st.expander(f"{plural(len(chosen), 'contract')} of {len(contracts)}"):
        items = "".join(
            f"<li>{safe(one.profile.title)} <small>{safe(one.file_name)}</small></li>" for one in chosen
        )
        st.html(f'<ul class="chosen" tabindex="0" aria-label="Contracts chosen">{items}</ul>')
    return chosen


def _settings(services: Services) -> ReviewSettings:
    settings = services.settings
    pipeline = pipeline_choice(services, "review_pipeline")
    with st.expander("Limits between silent, weak and answered"):
        minimum = st.slider(
            "Minimum relevance", 0.0, 1.0, MINIMUM_RELEVANCE, 0.01, help=MINIMUM_HELP, key="review_minimum"
        )
        answered = st.slider(
            "Answered from relevance",
            0.0,
            1.0,
            ANSWERED_FROM,
            0.01,
            help=ANSWERED_HELP,
            key="review_answered",
        )
    model = False
    if settings.chat_configured:
        writer = label(f"Answers written by {settings.chat_model} at {services.chat_host}")
        model = st.radio("Answers", [EXTRACTS, writer], key="review_writer") == writer
    return review_settings(
        settings,
        minimum_relevance=minimum,
        answered_from=answered,
        model=model,
        host=services.chat_host,
        pipeline=pipeline,
    )
