"""``proviso review`` on real models and a real contract, as a user types it."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from core.errors import InvalidSettings, UnknownContract
from core.review.own_sets import QuestionSets
from core.review.records import InvalidQuestionSet, QuestionSet, ReviewQuestion
from core.review.store import ReviewStore
from core.workbench.workbench import open_workbench

SAMPLE = Path(__file__).parent.parent / "sample_corpus" / "meridian_mutual_nda.pdf"
RUNNER = CliRunner()
SET = QuestionSet(
    "Secrets",
    "",
    (
        ReviewQuestion("Duration", "How long do the confidentiality obligations last?"),
        ReviewQuestion("Law", "Which law governs the agreement?"),
    ),
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("data")
    assert RUNNER.invoke(app, ["ingest", str(SAMPLE), "--data-dir", str(directory)]).exit_code == 0
    QuestionSets(open_workbench(directory)).save(SET, "ann")
    return directory


def run(data_dir: Path, *arguments: str) -> Result:
    return RUNNER.invoke(app, ["review", *arguments, "--data-dir", str(data_dir)])


def test_a_review_as_json_is_kept_and_resumed_without_doing_anything_again(data_dir: Path) -> None:
    result = run(data_dir, "--set", "secrets", "--json")
    assert result.exit_code == 0, result.output
    grid = json.loads(result.stdout)
    assert [one["label"] for one in grid["cells"]] == ["Duration", "Law"]
    assert {one["status"] for one in grid["cells"]} <= {"answered", "weak"}
    assert grid["cells"][0]["file"] == SAMPLE.name
    assert grid["cells"][0]["answer_kind"] == "extract"
    store = ReviewStore(open_workbench(data_dir))
    (kept,) = store.reviews()
    assert kept.review_id == grid["review_id"]

    store.clear(kept.review_id, [kept.places[1]])
    again = run(data_dir, "--resume", kept.review_id[:8], "--csv")
    assert again.exit_code == 0, again.output
    lines = list(csv.DictReader(io.StringIO(again.stdout)))
    assert [one["question"] for one in lines] == [question.text for question in SET.questions]
    assert lines[0]["filled_at"] == grid["cells"][0]["filled_at"]


def test_the_sets_are_listed(data_dir: Path) -> None:
    shown = run(data_dir, "--sets")
    assert shown.exit_code == 0
    assert "Vendor renewal" in shown.stdout
    assert "  Duration: How long do the confidentiality obligations last?" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), InvalidSettings),
        (("--set", "Secrets", "--resume", "abc"), InvalidSettings),
        (("--set", "Secrets", "--json", "--csv"), InvalidSettings),
        (("--set", "Secrets", "--model"), InvalidSettings),
        (("--set", "None such"), InvalidQuestionSet),
        (("--set", "Secrets", "none such.pdf"), UnknownContract),
        (("--resume", "zzzz"), UnknownContract),
    ],
    ids=["nothing", "both", "two formats", "no model", "no set", "no contract", "no review"],
)
def test_what_cannot_be_done_is_said(
    data_dir: Path, arguments: tuple[str, ...], error: type[Exception]
) -> None:
    result = run(data_dir, *arguments)
    assert isinstance(result.exception, error), result.output
