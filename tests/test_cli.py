"""The commands on real models and a real contract, as a user types them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from core.pipeline.recipe_file import read_recipes

SAMPLES = Path(__file__).parent.parent / "sample_corpus"
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "streamlit",
    "pandas",
    "sklearn",
    "ir_measures",
    "scipy.sparse.csgraph",
)
QUESTION = "How long do the confidentiality obligations last?"
RUNNER = CliRunner()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def run(data_dir: Path, command: str, *arguments: str) -> Result:
    return RUNNER.invoke(app, [command, *arguments, "--data-dir", str(data_dir)])


@pytest.fixture(scope="module")
def report(data_dir: Path) -> list[dict[str, Any]]:
    bad = data_dir.parent / "bad.pdf"
    bad.write_bytes(b"no pdf at all")
    result = run(data_dir, "ingest", str(SAMPLES / "meridian_mutual_nda.pdf"), str(bad), "--json")
    assert result.exit_code == 1
    reports = json.loads(result.stdout)
    assert isinstance(reports, list)
    return reports


def test_ingest_reports_every_file(report: list[dict[str, Any]]) -> None:
    by_name = {Path(one["file"]).name: one for one in report}
    good, bad = by_name["meridian_mutual_nda.pdf"], by_name["bad.pdf"]
    assert set(good) == {
        "file",
        "status",
        "contract_id",
        "pages",
        "chunks",
        "warnings",
        "error",
        "needs_password",
    }
    assert (good["status"], good["pages"], good["error"]) == ("ready", 6, "")
    assert bad["status"] == "rejected"
    assert bad["error"]


def test_a_question_imports_nothing_that_it_does_not_need(
    data_dir: Path,
    report: list[dict[str, Any]],  # noqa: ARG001 - fills the library
) -> None:
    program = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('HEAVY', *(one for one in {HEAVY!r} if one in sys.modules)))\n"
        "from cli.main import main\n"
        "main()\n"
    )
    arguments = ["ask", QUESTION, "--candidates", "20", "--data-dir", str(data_dir)]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=SAMPLES.parent,
    )
    assert "Kept" in done.stdout
    assert done.stdout.splitlines()[-1] == "HEAVY"


@pytest.mark.parametrize(
    "command",
    [
        "ingest",
        "ask",
        "compare",
        "pipelines",
        "doctor",
        "eval",
        "audit",
        "list",
        "delete",
        "serve",
        "contextualise",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    everything = RUNNER.invoke(app, ["--help"])
    alone = RUNNER.invoke(app, [command, "--help"])
    assert f" {command} " in everything.output
    assert alone.exit_code == 0
    assert f" {command} [OPTIONS]" in alone.output


def test_a_command_that_does_not_exist_is_said() -> None:
    result = RUNNER.invoke(app, ["forget"])
    assert result.exit_code == 2
    assert "No such command 'forget'" in result.output


def test_ask_as_json_holds_the_whole_decision(data_dir: Path, report: list[dict[str, Any]]) -> None:
    result = run(
        data_dir, "ask", QUESTION, "--contract", "meridian_mutual_nda", "--json", "--candidates", "20"
    )
    assert result.exit_code == 0, result.output
    decision = json.loads(result.stdout)
    assert decision["contracts"] == [next(one["contract_id"] for one in report if one["contract_id"])]
    assert 1 <= len(decision["kept"]) <= 5
    assert len(decision["kept"]) + len(decision["discarded"]) == 20
    first = decision["kept"][0]
    assert first["rank"] == 1
    assert 0 <= first["relevance"] <= 1
    assert {"dense_rank", "bm25_rank", "fused_rank", "rerank_logit", "page_start", "heading"} <= set(first)
    assert decision["answer"]["kind"] == "extract"
    assert {citation["in_evidence"] for citation in decision["citations"]} == {True}
    assert set(decision["timings"]) == {"retrieve", "rerank", "answer"}


def test_batch_prints_one_decision_a_line(
    data_dir: Path, report: list[dict[str, Any]], tmp_path: Path
) -> None:
    assert report
    batch = tmp_path / "questions.jsonl"
    lines = [
        {"question": QUESTION, "contracts": ["Meridian_Mutual_NDA.pdf"]},
        {"question": QUESTION, "contracts": ["unknown.pdf"]},
    ]
    batch.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    result = run(data_dir, "ask", "--batch", str(batch), "--no-answer", "--candidates", "20")
    answered, failed = (json.loads(line) for line in result.stdout.splitlines())
    assert answered["answer"] is None
    assert answered["kept"]
    assert "unknown.pdf" in failed["error"]


def test_pipelines_are_compared(data_dir: Path, report: list[dict[str, Any]]) -> None:
    assert report
    limits = ["--candidates", "20", "--pipelines", "hybrid, naive"]
    result = run(data_dir, "compare", QUESTION, *limits, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert list(told["pipelines"]) == ["hybrid", "naive"]
    naive = told["pipelines"]["naive"]["finding"]
    assert naive["pipeline"] == "naive"
    assert {found["module"] for found in naive["kept"][0]["found_by"]} == {"dense"}
    places = {one["chunk_id"]: one["places"]["naive"] for one in told["kept"]}
    for one in naive["kept"]:
        assert places[one["chunk_id"]] == {"rank": one["rank"], "relevance": one["relevance"], "kept": True}
    shown = run(data_dir, "compare", QUESTION, *limits)
    assert told["verdict"] in " ".join(shown.stdout.split())
    assert "naive: " in shown.stdout


@pytest.mark.parametrize(
    ("names", "said"),
    [("naive", "fewer than two"), ("naive,naive", "fewer than two"), ("naive,magic", "hybrid, ")],
)
def test_what_cannot_be_compared_is_said(data_dir: Path, names: str, said: str) -> None:
    refused = run(data_dir, "compare", QUESTION, "--pipelines", names)
    assert refused.exit_code == 1
    assert said in str(refused.exception)


def test_pipelines_are_listed_and_an_own_one_that_is_not_valid_is_named(tmp_path: Path) -> None:
    listed = run(tmp_path, "pipelines")
    assert listed.exit_code == 0
    assert "hybrid, the default" in listed.stdout
    assert "dense + bm25 > reciprocal_rank > rerank > answer" in listed.stdout
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / "mine.toml").write_text("description = 'x'\nretrieval = ['dense']\n")
    (folder / "broken.toml").write_text("description = ")
    faulty = run(tmp_path, "pipelines", "--json")
    assert faulty.exit_code == 1
    faults = {Path(one["file"]).name: one["fault"] for one in json.loads(faulty.stdout)["faults"]}
    assert "is missing" in faults["mine.toml"]
    assert "cannot be read" in faults["broken.toml"]
    assert "mine.toml" in run(tmp_path, "pipelines").stdout


def test_a_pipeline_of_the_settings_that_does_not_exist_stops_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISO_PIPELINE", "magic")
    for command in (["ask", QUESTION], ["serve"], ["api"], ["mcp"]):
        refused = run(tmp_path, *command)
        assert refused.exit_code == 1
        assert "PROVISO_PIPELINE 'magic'" in str(refused.exception)


def test_wordings_of_the_reader_are_searched_and_shown(data_dir: Path, report: list[dict[str, Any]]) -> None:
    assert report
    ask = ["ask", QUESTION, "--candidates", "20", "--no-answer", "--wording", "survival of the obligations"]
    assert (
        "Searched as well: \u201csurvival of the obligations\u201d (the reader;" in run(data_dir, *ask).stdout
    )
    told = json.loads(run(data_dir, *ask, "--json").stdout)
    wording = {"text": "survival of the obligations", "origin": "reader"}
    assert told["formulations"] == [{**wording, "dense": True, "bm25": True, "derived": False, "by": ""}]
    assert [step["module"] for step in told["trace"]] == ["dense", "bm25", "reciprocal_rank", "rerank"]
    assert (told["pipeline"], told["notes"]) == ("hybrid", [])
    refused = run(data_dir, "ask", QUESTION, "--wording", " ")
    assert "A wording is empty" in str(refused.exception)


def test_list_shows_and_delete_removes(data_dir: Path, report: list[dict[str, Any]]) -> None:
    contract_id = next(one["contract_id"] for one in report if one["contract_id"])
    listed = run(data_dir, "list").output
    assert contract_id[:12] in listed
    # Separated by tabs where the output is no terminal.
    heads, cells = (line.split("\t") for line in listed.splitlines()[:2])
    assert dict(zip(heads, cells, strict=True))["Type"] == "Confidentiality"
    assert run(data_dir, "delete", contract_id[:12]).exit_code == 0
    assert contract_id[:12] not in run(data_dir, "list").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["ask"], "needs a question or --batch", id="neither question nor batch"),
        pytest.param(["ask", "q", "--candidates", "5"], "between 20 and 200, not 5", id="too few candidates"),
        pytest.param(["ask", "q", "--contract", "nothing"], "no contract of the library", id="unknown scope"),
        pytest.param(["delete", "nothing"], "no contract of the library", id="delete what is not there"),
        pytest.param(["ingest", "nowhere"], "no such file", id="missing file"),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    result = run(tmp_path, *arguments)
    assert result.exit_code == 1
    assert said in " ".join((result.output + str(result.exception)).split())


def test_the_audit_log_tells_what_was_done(data_dir: Path, report: list[dict[str, Any]]) -> None:
    assert report
    result = run(data_dir, "audit", "export", "--json")
    entries = [json.loads(line) for line in result.stdout.splitlines()]
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    done = [(entry["action"], entry.get("outcome", "")) for entry in entries]
    assert done[:3] == [("file submitted", ""), ("file indexed", "rejected"), ("file indexed", "ready")]
    assert ("question", "passages kept") in done
    assert ("answer", "extract") in done
    assert done[-1] == ("exported", "")
    assert run(data_dir, "audit", "export", "--csv").stdout.startswith("number,at,actor,action,outcome,")
    later = run(data_dir, "audit", "export", "--since", "2999-01-01")
    assert (later.exit_code, later.stdout) == (0, "")
    verified = run(data_dir, "audit", "verify")
    assert verified.exit_code == 0
    assert f"{len(entries) + 2} entries in one chain" in verified.output
    assert run(data_dir, "audit", "verify", "--head", "1:0").exit_code == 1


def latest(data_dir: Path) -> str:
    return run(data_dir, "history", "--limit", "1").stdout.split()[0]


def test_a_question_is_on_record_shown_and_replayed(
    data_dir: Path,
    report: list[dict[str, Any]],  # noqa: ARG001 - fills the library
) -> None:
    asked = run(data_dir, "ask", QUESTION, "--candidates", "20", "--pipeline", "lexical")
    assert asked.exit_code == 0
    decision_id = latest(data_dir)
    shown = run(data_dir, "history", decision_id[:6])
    assert QUESTION in shown.stdout
    assert "What left the building: nothing." in shown.stdout
    record = json.loads(run(data_dir, "history", decision_id, "--json").stdout)
    assert record["finding"]["inquiry"]["pipeline"] == "lexical"
    assert {step["module"] for step in record["finding"]["trace"]} == {"bm25", "reciprocal_rank", "rerank"}
    again = run(data_dir, "replay", decision_id, "--answer")
    assert (again.exit_code, again.stdout.strip()) == (0, "same ranking")


def test_the_record_is_searched_and_forgotten(
    data_dir: Path,
    report: list[dict[str, Any]],  # noqa: ARG001 - fills the library
) -> None:
    run(data_dir, "ask", QUESTION, "--candidates", "20", "--no-answer")
    assert QUESTION in run(data_dir, "history", "--words", "confidentiality obligations").stdout
    assert run(data_dir, "history", "--words", "nothing of the kind").stdout == ""
    assert run(data_dir, "history", "zzzz").exit_code == 1
    assert "0 decisions deleted" in run(data_dir, "history", "--delete-before", "2000-01-01").stdout
    run(data_dir, "history", "--delete-before", "2999-01-01")
    assert run(data_dir, "history").stdout == ""


def test_an_unknown_pipeline_lists_those_there_are(
    data_dir: Path,
    report: list[dict[str, Any]],  # noqa: ARG001 - fills the library
) -> None:
    refused = run(data_dir, "ask", QUESTION, "--pipeline", "magic")
    assert refused.exit_code == 1
    assert ", ".join(sorted(read_recipes())) in str(refused.exception)


def test_judgements_are_counted(data_dir: Path) -> None:
    assert run(data_dir, "labels").stdout.startswith("0 judgements (none yet)")
