"""The pages and the command while a Qdrant server is away: what is said, what still works, and the way back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.ask import answer_batch
from core.settings import Settings
from core.waiting_line import WaitingLine
from core.workbench.workbench import open_workbench
from pages.parts.model_loading import LoadingModels
from pages.parts.state import KEY
from pages.parts.wiring import Services, provide
from tests.fakes import OverlapScorer, WordEncoder, add_contract
from tests.pages_kit import CLAUSES, QUESTION, ask, make_desk, make_trail, opened, screen
from tests.stub_qdrant import StubQdrant
from tests.test_qdrant_server import opened as opened_library


@contextmanager
def provided_at(stub: StubQdrant, directory: Path) -> Iterator[Services]:
    library = opened_library(directory, stub)
    models = LoadingModels(WordEncoder, OverlapScorer)
    models.start()
    models.scorer()
    settings = Settings(data_dir=directory, minimum_relevance=0.0)
    services = Services(
        settings, library, models, WaitingLine(), make_trail(directory), open_workbench(directory)
    )
    provide(services)
    try:
        yield services
    finally:
        provide(None)
        library.close()


def test_the_ask_page_says_so_and_the_next_try_works_once_the_server_is_back(tmp_path: Path) -> None:
    with StubQdrant() as stub, provided_at(stub, tmp_path) as services:
        add_contract(services.library, "Supply", CLAUSES)
        stub.stop()
        app = ask(opened())
        shown = screen(app)
        assert f"<h2>The vector store (Qdrant) at {stub.url}</h2>" in shown
        assert "search is unavailable: it cannot be reached." in shown
        assert "nothing has to be restarted" in shown
        assert '<article class="passage' not in shown
        assert app.session_state[KEY].turn.finding is None
        assert not app.exception

        stub.start()
        app = app.button(key="retry").click().run()
        assert screen(app).count('<article class="passage kept"') == 5


def test_the_contracts_page_lists_and_deletes_while_the_server_is_away(tmp_path: Path) -> None:
    with StubQdrant() as stub, provided_at(stub, tmp_path) as services:
        supply = add_contract(services.library, "Supply", CLAUSES)
        add_contract(services.library, "Lease", ["Rent is due late."])
        stub.stop()
        app = opened("pages/1_Contracts.py")
        assert "2 contracts" in screen(app)
        assert 'role="alert"' not in screen(app)

        app.session_state[KEY].to_delete = supply
        app = app.run()
        assert "The vector store (Qdrant)" in screen(app)
        assert "1 contract" in screen(app)
        assert list(app.dataframe[0].value["Title"]) == ["Lease"]


def test_the_app_starts_while_the_server_is_away(tmp_path: Path) -> None:
    with StubQdrant() as stub:
        with provided_at(stub, tmp_path) as services:
            add_contract(services.library, "Supply", CLAUSES)
        stub.stop()
        with provided_at(stub, tmp_path):
            assert "1 contract" in screen(opened("pages/1_Contracts.py"))
            app = ask(opened())
            assert "search is unavailable" in screen(app)
            stub.start()
            app = app.button(key="retry").click().run()
            assert screen(app).count('<article class="passage kept"') == 5


def test_a_batch_says_so_for_each_question_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text(json.dumps({"question": QUESTION}), encoding="utf-8")
    limits: dict[str, int | float] = {"candidates": 20, "keep": 5, "minimum_relevance": 0.0}
    with StubQdrant() as stub:
        library = opened_library(tmp_path, stub)
        add_contract(library, "Supply", CLAUSES)
        desk = make_desk(Settings(data_dir=tmp_path), library)
        stub.stop()
        assert answer_batch(desk, batch, limits) == 1
        assert "search is unavailable" in json.loads(capsys.readouterr().out)["error"]
        stub.start()
        assert answer_batch(desk, batch, limits) == 0
        assert json.loads(capsys.readouterr().out)["kept"]
