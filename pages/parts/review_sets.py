"""Question sets: look at them, copy, edit, import, export and remove them."""

import pandas as pd
import streamlit as st

from core.review.question_files import as_toml, cleaned, read_toml
from core.review.records import (
    LONGEST_DESCRIPTION,
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_QUESTION,
    QuestionSet,
    ReviewQuestion,
)
from pages.parts.markup import file_name, one_line
from pages.parts.panels import guard
from pages.parts.review_new import set_html
from pages.parts.state import actor, session
from pages.parts.wiring import Services

ORDER, LABEL, TEXT = "Place", "Label", "Question"


def question_sets(services: Services) -> None:
    """Draw the set that is chosen and what can be done with it."""
    remembered = session()
    if remembered.set_to_remove:
        name, remembered.set_to_remove = remembered.set_to_remove, ""
        services.reviews.remove_set(name, actor())
    by_name = {one.name: one for one in services.reviews.sets.all()}
    wanted, remembered.set_to_show = remembered.set_to_show, ""
    if wanted in by_name:
        st.session_state["set_shown"] = wanted
    if st.session_state.get("set_shown") not in by_name:
        st.session_state.pop("set_shown", None)
    own = {one.name for one in services.reviews.sets.own()}
    name = st.selectbox(
        "Question set to look at",
        list(by_name),
        format_func=lambda name: (
            f"{one_line(name)}{' (own set)' if name in own else ' (comes with Proviso)'}"
        ),
        key="set_shown",
    )
    question_set = by_name[name]
    with st.container(horizontal=True, gap="small"):
        if st.button("Copy", key="copy_set", help="Your own set with the same questions, to be changed"):
            _copy(question_set, services)
        st.download_button(
            "Export as TOML",
            as_toml(question_set),
            file_name=file_name(f"{question_set.name}.toml", "questions.toml"),
            mime="application/toml",
            on_click="ignore",
            key="export_set",
        )
        if name in own and st.button("Remove", key="remove_set"):
            _confirm_removal(name)
    if name in own:
        _editor(question_set, services)
    else:
        st.html(set_html(question_set))
        st.html('<p class="hint">This set comes with Proviso and stays as it is. Copy it to change it.</p>')
    _import(services)


def edited(name: str, description: str, table: pd.DataFrame) -> QuestionSet:
    """The set that an edited table describes, its questions in the order of their places.

    A row without label and question is left out; one without a place comes last.

    Raises:
        InvalidQuestionSet: it cannot be used; the message names the value.
    """
    placed = table.assign(**{ORDER: pd.to_numeric(table[ORDER], errors="coerce")})
    placed = placed.sort_values(ORDER, kind="stable", na_position="last")
    rows = [(_cell(label), _cell(text)) for label, text in zip(placed[LABEL], placed[TEXT], strict=True)]
    questions = tuple(ReviewQuestion(label, text) for label, text in rows if label or text)
    return QuestionSet(cleaned(name), cleaned(description), questions)


def _cell(value: object) -> str:
    return cleaned(value) if isinstance(value, str) else ""


def _copy(question_set: QuestionSet, services: Services) -> None:
    free = services.reviews.sets.free_name(f"{question_set.name[: LONGEST_NAME - 12]}, copy")
    copy = QuestionSet(free, question_set.description, question_set.questions)
    services.reviews.save_set(copy, actor())
    session().set_to_show = copy.name
    st.rerun()


def _editor(question_set: QuestionSet, services: Services) -> None:
    questions = question_set.questions
    rows = pd.DataFrame(
        {
            ORDER: [float(number) for number in range(1, len(questions) + 1)],
            LABEL: [question.label for question in questions],
            TEXT: [question.text for question in questions],
        }
    )
    key = f"{question_set.name}_{hash(question_set)}"
    with st.form("edit_set", border=True):
        left, right = st.columns([1, 2], gap="small")
        name = left.text_input("Name", question_set.name, max_chars=LONGEST_NAME, key=f"set_name_{key}")
        description = right.text_input(
            "Description",
            question_set.description,
            max_chars=LONGEST_DESCRIPTION,
            key=f"set_description_{key}",
        )
        table = st.data_editor(
            rows,
            num_rows="dynamic",
            hide_index=True,
            width="stretch",
            key=f"set_table_{key}",
            column_config={
                ORDER: st.column_config.NumberColumn(
                    width="small", help="Questions are sorted by it; 2.5 comes between 2 and 3"
                ),
                LABEL: st.column_config.TextColumn(width="medium", max_chars=LONGEST_LABEL),
                TEXT: st.column_config.TextColumn(width="large", max_chars=LONGEST_QUESTION),
            },
            alt="Questions of the set",
        )
        saved = st.form_submit_button("Save", type="primary", key="save_set")
    if saved:
        with guard():
            changed = edited(name, description, table)
            services.reviews.save_set(changed, actor(), replacing=question_set.name)
            session().set_to_show = changed.name
            st.rerun()


@st.dialog("Remove this question set?")
def _confirm_removal(name: str) -> None:
    st.html("<p>It is removed for everybody. Reviews that were begun with it keep it as it was.</p>")
    with st.container(horizontal=True, gap="small"):
        remove = st.button("Remove", key="confirm_remove_set", type="primary", on_click=_order, args=(name,))
        keep = st.button("Keep it", key="keep_set")
    if remove or keep:
        st.rerun()


def _order(name: str) -> None:
    session().set_to_remove = name


def _import(services: Services) -> None:
    with (
        st.expander("Import a set from a TOML file"),
        st.form("import_set", clear_on_submit=True, border=False),
    ):
        given = st.file_uploader("TOML file", type=["toml"], key="set_file")
        if st.form_submit_button("Import", key="import_set_button") and given is not None:
            with guard():
                read = read_toml(given.getvalue())
                services.reviews.save_set(read, actor())
                session().set_to_show = read.name
                st.rerun()
