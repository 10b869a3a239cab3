"""The judgements that readers gave with their thumbs, and the reranker measured on them."""

import math
import threading
from pathlib import Path

import streamlit as st

from core.errors import ProvisoError
from core.plural import plural
from core.search import Cancelled, Phase, Report, Search, Standing
from core.workbench.labels import Label, LabelVerdict
from evals.evaluate import Models
from evals.own_labels import PatientScorer, measure_own
from evals.report_files import evaluations_directory, save
from pages.parts.markup import safe
from pages.parts.panels import error_panel, guard
from pages.parts.wiring import Services

HINT = (
    "The thumbs beside a passage say whether it answers the question. Measuring asks every judged question again and"
    " shows where the reranker put what you said answers it. Questions of readers go first."
)
SEED = 0
# Key of the page's choice of a report.
REPORT = "report"
LOOK_SECONDS = 2
_lock = threading.Lock()


def own_judgements(services: Services) -> None:
    """How many judgements there are, and a button that measures the reranker on them."""
    st.fragment(_draw, run_every=LOOK_SECONDS if services.measuring else None)(services)


def _draw(services: Services) -> None:
    with guard():
        given = services.labels.all()
        st.html(
            f'<h2 class="column">Your own judgements <small>{safe(counted(given))}</small></h2>'
            f'<p class="hint">{HINT} At the command line: <code>proviso labels --export FOLDER</code>.</p>'
        )
        if services.measuring and _under_way(services.measuring[0], services):
            return
        if any(label.verdict is LabelVerdict.ANSWERS for label in given) and st.button(
            "Measure on these", key="measure_own"
        ):
            measure_in_background(services)
            st.rerun()


def counted(given: tuple[Label, ...]) -> str:
    """How many judgements, of how many questions, by how many readers."""
    if not given:
        return "none yet"
    people = plural(len({label.actor for label in given}), "reader")
    questions = plural(len({label.question for label in given}), "question")
    return f"{plural(len(given), 'judgement')} of passages by {people}, of {questions}"


def measure_in_background(services: Services) -> None:
    """Begin to measure, unless it is under way; it goes on whether or not anybody looks."""

    def work(report: Report) -> Path:
        models = Models(services.models.encoder(), _patient(services))

        def progress(_: str, done: int, of: int) -> None:
            report(Standing(Phase.RERANK, done=done, of=of))

        report(Standing(Phase.LOADING))
        labels = services.labels.all()
        measured = measure_own(labels, services.library, models, services.settings, SEED, progress)
        return save(measured.report, evaluations_directory(services.settings))

    with _lock:
        if not services.measuring or services.measuring[0].wait(0.0) is None:
            services.measuring[:] = [Search(work, patience=math.inf).start()]


def _patient(services: Services) -> PatientScorer:
    return PatientScorer(services.models.scorer(), lambda: services.line.turn(patient=True))


def _under_way(search: Search[Path], services: Services) -> bool:
    """Draw how far it is; False when it has ended, with the reason where it failed."""
    standing = search.wait(0.0)
    if standing is not None:
        asked = f"{standing.done} of {standing.of} questions asked" if standing.of else "beginning"
        st.html(f'<p class="stage" role="status">Measuring: {asked}\u2026</p>')
        st.button("Stop measuring", key="stop_measuring", type="tertiary", on_click=search.cancel)
        return True
    try:
        saved = search.result()
    except Cancelled:
        services.measuring.clear()
        st.rerun()
    except ProvisoError as error:
        error_panel(error)
    except Exception:
        services.measuring.clear()
        raise
    else:
        services.measuring.clear()
        st.session_state[REPORT] = saved.stem
        st.rerun()
    return False
