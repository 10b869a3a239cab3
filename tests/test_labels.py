"""Judgements of passages: kept, changed, withdrawn, logged first, and measured by ``proviso eval``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.audit.events import Action
from core.errors import InvalidSettings
from core.workbench.labels import Label, LabelStore, LabelVerdict, settled
from core.workbench.own_questions import own_questions
from core.workbench.workbench import open_workbench
from evals.evaluate import Models
from evals.labels import label as find_right
from evals.own_labels import PatientScorer, measure_own
from evals.report_files import evaluations_directory, save
from evals.run import RERANKED
from evals.samples import read_samples
from ingest.export_labels import export_labels
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.evals_kit import make_report
from tests.fakes import OverlapScorer, WordEncoder, add_contract
from tests.pages_kit import CLAUSES, QUESTION, FullDisk, add_pdf, ask, opened, pdf, provided, screen

UP, DOWN = LabelVerdict.ANSWERS, LabelVerdict.DOES_NOT
BASE = Label(
    "What is the cap?", "c1", "ann", UP, "k1", 3, "The cap is one million.", ("k1",), "2026-01-01T00:00:00Z"
)


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    return LabelStore(open_workbench(tmp_path))


def test_a_reader_has_one_word_on_a_passage_and_may_take_it_back(store: LabelStore) -> None:
    store.put(BASE)
    store.put(replace(BASE, verdict=DOWN))
    store.put(replace(BASE, actor="bob"))
    assert store.of("What is the cap?", "ann") == {"c1": DOWN}
    assert store.of("What is the cap?", "bob") == {"c1": UP}
    assert store.of("Another?", "ann") == {}
    store.withdraw("What is the cap?", "c1", "ann")
    assert store.all() == (replace(BASE, actor="bob"),)


def test_the_latest_word_of_anybody_counts() -> None:
    later = replace(BASE, actor="bob", verdict=DOWN, at="2026-01-02T00:00:00Z")
    other = replace(BASE, chunk_id="c2")
    assert settled([later, BASE, other]) == (later, other)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path / "data") as given:
        yield given


def first_thumbs(app: AppTest) -> tuple[AppTest, str]:
    judged = app.session_state[KEY].turn.finding.ranking.kept[0]
    return app, f"thumbs_{judged.candidate.chunk.chunk_id}_{QUESTION}"


def test_thumbs_are_kept_changed_and_withdrawn(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app, key = first_thumbs(ask(opened()))
    for thumb, kept in ((1, [UP]), (0, [DOWN]), (None, [])):
        app.feedback(key=key).set_value(thumb)
        app = app.run()
        assert [one.verdict for one in services.labels.all()] == kept
    app = app.run()
    assert services.labels.all() == ()


def test_a_judgement_is_there_for_another_session_of_the_same_reader(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app, key = first_thumbs(ask(opened()))
    app.feedback(key=key).set_value(1)
    app.run()
    (kept,) = services.labels.all()
    assert (kept.question, kept.text, kept.page) == (QUESTION, CLAUSES[0], 1)
    again, _ = first_thumbs(ask(opened()))
    # Another session without the browser's cookie is another reader.
    assert again.feedback(key=key).value is None
    assert services.labels.all() == (kept,)


def test_a_page_that_was_open_all_the_while_does_not_take_a_newer_word_back(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app, key = first_thumbs(ask(opened()))
    app.feedback(key=key).set_value(1)
    app = app.run()
    (kept,) = services.labels.all()
    services.labels.put(replace(kept, verdict=DOWN))
    app = app.run()
    assert [one.verdict for one in services.labels.all()] == [DOWN]
    assert app.feedback(key=key).value == 0


def test_what_cannot_be_logged_is_not_kept(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app, key = first_thumbs(ask(opened()))
    object.__setattr__(services.trail, "log", FullDisk())
    app.feedback(key=key).set_value(1)
    app = app.run()
    assert Action.LABEL.value in screen(app)
    assert services.labels.all() == ()
    assert app.feedback(key=key).value is None
    assert "Discarded: rank 6 of 7" in screen(app), "the page is drawn to its end all the same"


def test_the_evaluation_page_counts_them(services: Services) -> None:
    assert "none yet" in screen(opened("pages/4_Evaluation.py"))
    services.labels.put(BASE)
    assert "1 judgement of passages by 1 reader, of 1 question" in screen(opened("pages/4_Evaluation.py"))


def test_the_export_is_a_folder_that_the_evaluation_reads(services: Services, tmp_path: Path) -> None:
    contract_id = add_pdf(services.library, services, "a/../odd name.pdf", "\n".join(CLAUSES))
    (chunk, *_) = services.library.catalogue.chunks_of(contract_id)
    up = replace(
        BASE, chunk_id=chunk.chunk_id, contract_id=contract_id, text=chunk.text, scope=(contract_id,)
    )
    gone = replace(BASE, question="Gone?", contract_id="0" * 64)
    down = replace(up, question="Who dances?", verdict=DOWN)
    folder = tmp_path / "own"
    done = export_labels([up, down, gone], services.library, folder)
    assert (done.questions, done.labels, done.contracts, done.left_out) == (1, 2, 1, 1)
    questions = read_samples(folder)
    (file,) = questions.files
    found = find_right(questions, {file.name: contract_id}, services.library.catalogue)
    assert [(task.question.question, task.right) for task in found.tasks] == [
        (BASE.question, frozenset({chunk.chunk_id}))
    ]
    written = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    assert [(one["question"], one["verdict"]) for one in written] == [
        ("What is the cap?", "answers"),
        ("Who dances?", "does not answer"),
    ]
    with pytest.raises(InvalidSettings, match="not empty"):
        export_labels([up], services.library, folder)


def up(
    services: Services, contract_id: str, number: int, question: str = QUESTION, scope: tuple[str, ...] = ()
) -> Label:
    """A thumb up for a clause of a contract."""
    chunk = services.library.catalogue.chunks_of(contract_id)[number]
    return replace(
        BASE,
        question=question,
        chunk_id=chunk.chunk_id,
        contract_id=contract_id,
        text=chunk.text,
        scope=scope,
    )


def test_a_question_has_every_passage_that_answers_it() -> None:
    other = replace(BASE, question=" WHAT is  the cap?", chunk_id="c2", contract_id="k2", scope=("k2",))
    wrong = replace(BASE, chunk_id="c3", verdict=DOWN)
    (one,) = own_questions([BASE, other, wrong])
    assert {label.chunk_id for label in one.right} == {"c1", "c2"}
    assert set(one.scope) == {"k1", "k2"}
    (everywhere,) = own_questions([BASE, replace(other, scope=())])
    assert everywhere.scope == ()


def test_passages_of_two_contracts_are_right_for_one_exported_question(
    services: Services, tmp_path: Path
) -> None:
    supply = add_pdf(services.library, services, "supply.pdf", "\n".join(CLAUSES))
    lease = add_pdf(
        services.library, services, "lease.pdf", "The cap on liability under this lease is the rent."
    )
    add_pdf(services.library, services, "other.pdf", "Nothing that anybody judged.")
    given = [up(services, supply, 0), up(services, lease, 0)]
    folder = tmp_path / "own"
    done = export_labels(given, services.library, folder)
    assert (done.questions, done.contracts) == (1, 3), (
        "asked of the whole library, so the whole library is there"
    )
    questions = read_samples(folder)
    ids = {"supply.pdf": supply, "lease.pdf": lease, "other.pdf": "0"}
    found = find_right(questions, ids, services.library.catalogue)
    assert [task.right for task in found.tasks] == [{label.chunk_id for label in given}]


@pytest.mark.parametrize(
    ("also", "message"),
    [([{"contract": "b.pdf", "quote": "x"}], "no such file: b.pdf"), ([{"contract": "a.pdf"}], "quote")],
    ids=["unknown file", "no words"],
)
def test_a_line_with_a_further_passage_that_is_none_is_named(
    tmp_path: Path, also: list[dict[str, str]], message: str
) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("A."))
    line = {"id": "1", "question": "?", "contracts": [], "contract": "a.pdf", "quote": "A.", "also": also}
    (tmp_path / "questions.jsonl").write_text(json.dumps(line))
    with pytest.raises(InvalidSettings, match=f"line 1: is no labelled question.*{message}"):
        read_samples(tmp_path)


def test_the_library_is_measured_where_it_stands(services: Services) -> None:
    supply = add_contract(services.library, "Supply", CLAUSES)
    lease = add_contract(services.library, "Lease", ["The cap on liability under this lease is the rent."])
    law = up(services, supply, 3, "Which law governs?", (supply,))
    labels = [
        up(services, supply, 0),
        up(services, lease, 0),
        law,
        replace(law, question="Who dances?", verdict=DOWN),
    ]
    turns: list[str] = []

    @contextmanager
    def turn() -> Iterator[None]:
        turns.append("taken")
        yield
        turns.append("left")

    models = Models(WordEncoder(), PatientScorer(OverlapScorer(), turn))
    measured = measure_own(labels, services.library, models, services.settings, 0, lambda *_: None)
    asked = {outcome.question.question: outcome for outcome in measured.outcomes}
    assert asked.keys() == {QUESTION, "Which law governs?"}
    assert asked[QUESTION].right == {labels[0].chunk_id, labels[1].chunk_id}
    # Both hold "cap" and "liability", as no other clause does; one of them is first.
    assert asked[QUESTION].rank(RERANKED) == 1
    assert set(asked["Which law governs?"].ranked[RERANKED]) <= {
        chunk.chunk_id for chunk in services.library.catalogue.chunks_of(supply)
    }
    assert turns == ["taken", "left"] * 2
    assert any("Questions of which only passages" in note for note in measured.report.notes)


def test_without_a_passage_that_answers_there_is_nothing_to_measure(services: Services) -> None:
    models = Models(WordEncoder(), OverlapScorer())
    with pytest.raises(InvalidSettings, match="thumbs up"):
        measure_own(
            [replace(BASE, verdict=DOWN)], services.library, models, services.settings, 0, lambda *_: None
        )


def test_the_evaluation_page_measures_them(services: Services) -> None:
    supply = add_contract(services.library, "Supply", CLAUSES)
    services.labels.put(up(services, supply, 0))
    save(make_report(), evaluations_directory(services.settings))
    app = opened("pages/4_Evaluation.py")
    app = app.button(key="measure_own").click().run()
    if services.measuring:
        services.measuring[0].result()
        app = app.run()
    assert not app.exception
    shown = screen(app)
    assert 'role="alert"' not in shown
    assert str(app.selectbox(key="report").value).endswith("own-judgements")
    assert "A passage that nobody judged counts as one that does not answer" in shown
    assert services.measuring == []


def test_a_measuring_that_fails_says_why(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    services.labels.put(BASE)
    app = opened("pages/4_Evaluation.py").button(key="measure_own").click().run()
    with pytest.raises(InvalidSettings):
        services.measuring[0].result()
    app = app.run()
    assert "hold no passage of this library that answers" in screen(app)
    assert app.button(key="measure_own")
