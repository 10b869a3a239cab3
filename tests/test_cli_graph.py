"""``proviso graph`` on a real contract: what leaves is said first and agreed to, and facts are asked for once."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from cli.main import app
from core.errors import InvalidSettings, UnknownContract
from tests.cli_kit import RUNNER, with_sample
from tests.stub_endpoint import Recorded, Reply, StubEndpoint, says


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_sample(tmp_path_factory.mktemp("data"))


def reads(request: Recorded) -> Reply:
    count = request.user_message.count("end of passage")
    return says("\n".join(f"[{number}] zeppelin | is kept with | papers" for number in range(1, count + 1)))


def run(data_dir: Path, *arguments: str) -> Result:
    return RUNNER.invoke(app, [*arguments, "--data-dir", str(data_dir)])


def paths(data_dir: Path, question: str) -> list[list[str]]:
    set_up = ("--pipeline", "graph", "--minimum-relevance", "0", "--no-answer", "--json")
    asked = run(data_dir, "ask", question, *set_up)
    assert asked.exit_code == 0, asked.output
    said = json.loads(asked.stdout)
    found = [one for passage in said["kept"] + said["discarded"] for one in passage["found_by"]]
    return [one["path"] for one in found if one["module"] == "graph"]


def test_every_contract_has_its_graph_after_ingest(data_dir: Path) -> None:
    made = run(data_dir, "graph")
    assert (made.exit_code, made.stdout) == (0, "Graph: all 1 contracts.\n")
    begins = [path[0] for path in paths(data_dir, "What is in Schedule 2?") if path]
    assert "the question: Schedule 2" in begins


def test_facts_are_asked_for_once_after_somebody_agreed(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubEndpoint([reads]) as stub:
        monkeypatch.setenv("PROVISO_CHAT_MODEL", "stub-model")
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base_url)
        assert "passage 1]" in run(data_dir, "graph", "--show").stdout
        # Nobody sits at a terminal here.
        assert isinstance(run(data_dir, "graph", "--model").exception, InvalidSettings)
        assert stub.requests == []
        result = run(data_dir, "graph", "--model", "--yes")
        assert result.exit_code == 0, result.output
        assert "26 written and kept." in result.stdout
        asked = len(stub.requests)
        run(data_dir, "graph", "--model", "--yes")
        assert len(stub.requests) == asked
    assert any(
        path[0] == "the question: zeppelin" for path in paths(data_dir, "Where is the zeppelin?") if path
    )


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
    assert isinstance(run(data_dir, "graph", *arguments).exception, error)
