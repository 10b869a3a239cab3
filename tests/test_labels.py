"""Judgements of passages: kept, changed, withdrawn, logged first, and measured by ``proviso eval``."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.audit.events import Action
from core.errors import InvalidSettings
from core.workbench.labels import Label, LabelStore, LabelVerdict, settled
from core.workbench.workbench import open_workbench
from evals.labels import label as find_right
from evals.samples import read_samples
from ingest.export_labels import export_labels
from pages.parts.state import KEY
from pages.parts.wiring import Services
from tests.fakes import add_contract
from tests.pages_kit import CLAUSES, QUESTION, FullDisk, add_pdf, ask, opened, provided, screen

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


def test_what_cannot_be_logged_is_not_kept(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app, key = first_thumbs(ask(opened()))
    object.__setattr__(services.trail, "log", FullDisk())
    app.feedback(key=key).set_value(1)
    app = app.run()
    assert Action.LABEL.value in screen(app)
    assert services.labels.all() == ()


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
        (BASE.question, {chunk.chunk_id})
    ]
    written = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    assert [(one["question"], one["verdict"]) for one in written] == [
        ("What is the cap?", "answers"),
        ("Who dances?", "does not answer"),
    ]
    with pytest.raises(InvalidSettings, match="not empty"):
        export_labels([up], services.library, folder)
