"""``proviso contextualise`` on real models and a real contract: said first, agreed to, resumed, and the index made."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from cli.main import app
from core.audit.log import AuditLog
from core.errors import InvalidSettings, UnknownContract
from core.settings import Settings
from core.storage.model_texts import ModelTexts
from ingest.context.sentences import SENTENCES
from ingest.open_library import read_catalogue
from tests.cli_kit import RUNNER, SAMPLE, with_sample
from tests.stub_endpoint import Recorded, Reply, StubEndpoint, fails, says

SENT = "contract text sent to be described"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_sample(tmp_path_factory.mktemp("data"))


def writes(request: Recorded) -> Reply:
    count = request.user_message.count("end of passage")
    return says("\n".join(f"[{number}] About matter {number}." for number in range(1, count + 1)))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubEndpoint]:
    with StubEndpoint([writes]) as stub:
        monkeypatch.setenv("PROVISO_CHAT_MODEL", "stub-model")
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        yield stub


def run(data_dir: Path, *arguments: str) -> Result:
    return RUNNER.invoke(app, ["contextualise", *arguments, "--data-dir", str(data_dir)])


def sentences(data_dir: Path) -> int:
    catalogue = read_catalogue(Settings(data_dir=data_dir))
    (contract,) = catalogue.contracts()
    return len(ModelTexts(catalogue.database).of(contract.contract_id, SENTENCES.name))


def logged(data_dir: Path) -> int:
    entries = [json.loads(row.entry) for row in AuditLog(data_dir / "audit.sqlite3").rows()]
    return sum(entry["action"] == SENT for entry in entries)


def test_ingest_leaves_the_contextual_index_to_later_and_the_command_makes_it(data_dir: Path) -> None:
    asked = RUNNER.invoke(
        app,
        [
            "ask",
            "How long?",
            "--pipeline",
            "contextual",
            "--no-answer",
            "--json",
            "--data-dir",
            str(data_dir),
        ],
    )
    assert asked.exit_code == 0
    assert "does not hold them yet: 1 of 1 contracts." in asked.stdout
    result = run(data_dir)
    assert (result.exit_code, result.stdout) == (0, "Contextual index: all 1 contracts.\n")


def test_nothing_is_sent_before_somebody_agrees(data_dir: Path, service: StubEndpoint) -> None:
    shown = run(data_dir, "--show")
    assert shown.exit_code == 0
    assert "Mutual" in shown.stdout
    assert "passage 1]" in shown.stdout
    # Nobody sits at a terminal here.
    refused = run(data_dir, "--model")
    assert isinstance(refused.exception, InvalidSettings)
    said = " ".join(refused.stdout.split())
    assert "26 passages in 4 requests to write about." in said
    assert "would leave this machine for stub-model at 127.0.0.1: about" in said
    assert (service.requests, logged(data_dir), sentences(data_dir)) == ([], 0, 0)


def test_sentences_are_asked_for_once_logged_and_in_the_index(data_dir: Path, service: StubEndpoint) -> None:
    result = run(data_dir, "--model", "--yes")
    assert result.exit_code == 0, result.output
    assert "26 written and kept." in result.stdout
    assert (len(service.requests), logged(data_dir), sentences(data_dir)) == (4, 4, 26)
    again = run(data_dir, "--model", "--yes")
    assert "26 are known and not asked for again." in " ".join(again.stdout.split())
    assert len(service.requests) == 4
    asked = RUNNER.invoke(
        app,
        ["ask", "matter", "--pipeline", "contextual", "--no-answer", "--json", "--data-dir", str(data_dir)],
    )
    # The index has the sentences; nobody is shown them.
    assert "contextual_bm25" in asked.stdout
    assert "About matter" not in asked.stdout


def test_a_service_that_fails_is_named_and_the_index_is_made_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert RUNNER.invoke(app, ["ingest", str(SAMPLE), "--data-dir", str(tmp_path)]).exit_code == 0
    with StubEndpoint([fails(401)]) as stub:
        monkeypatch.setenv("PROVISO_CHAT_MODEL", "stub-model")
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        result = run(tmp_path, "--model", "--yes")
    assert result.exit_code == 3
    said = " ".join(result.stdout.split())
    assert "0 written and kept." in said
    assert "does not accept the API key (401). Check the key in the settings. Run the command again" in said
    assert said.endswith("Contextual index: all 1 contracts.")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(["--model"], InvalidSettings, id="no service"),
        pytest.param(["--yes"], InvalidSettings, id="agrees to nothing"),
        pytest.param(["Some lease"], InvalidSettings, id="a contract without --model"),
        pytest.param(["Some lease", "--show"], UnknownContract, id="no such contract"),
    ],
)
def test_what_cannot_be_done_is_said(data_dir: Path, arguments: list[str], error: type[Exception]) -> None:
    assert isinstance(run(data_dir, *arguments).exception, error)
