"""What the product puts on the record, and that nothing is shown or done that could not be."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.audit import cells, exported
from core.audit.chain import verify
from core.audit.events import AuditEvent, question_hash
from core.audit.log import AuditLog
from core.audit.trail import AuditPolicy
from core.errors import AuditUnavailable, StoreUnavailable
from core.export.records import Format
from core.settings import Settings
from core.storage.jobs import FileStatus
from ingest.open_trail import chat_host, open_trail
from ingest.worker import work_off
from pages.parts.export_menu import export, record_of
from pages.parts.state import KEY
from pages.parts.wiring import Services, provide
from tests.fakes import WordEncoder, add_contract
from tests.pages_kit import CLAUSES, QUESTION, FullDisk, ask, make_trail, opened, pdf, provided, screen


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def entries(directory: Path) -> list[dict[str, Any]]:
    log = AuditLog(directory / "audit.sqlite3")
    assert verify(log).faults == ()
    return [json.loads(row.entry) for row in log.rows()]


def unlogged(services: Services) -> Services:
    """The same services with a log that can store nothing, used by the pages from now on."""
    changed = replace(services, trail=replace(services.trail, log=FullDisk()))
    provide(changed)
    return changed


def test_a_question_and_its_answer_are_on_the_record(services: Services, tmp_path: Path) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    app = ask(opened())
    asked, answered = entries(tmp_path)
    kept = app.session_state[KEY].turn.finding.ranking.kept
    assert asked["action"] == "question"
    assert asked["actor"] == answered["actor"] == f"session {app.session_state[KEY].identity}"
    assert (asked["question"], asked["outcome"], asked["contracts_searched"]) == (
        QUESTION,
        "passages kept",
        1,
    )
    assert (asked["candidates"], asked["keep"], asked["minimum_relevance"]) == (100, 5, 0.0)
    assert asked["passages"] == [
        {"chunk_id": one.candidate.chunk.chunk_id, "relevance": round(one.relevance, 6), "text": ""}
        for one in kept
    ]
    assert (asked["encoder"], asked["reranker"]) == (
        {"name": "words", "fingerprint": "e1"},
        {"name": "overlap", "fingerprint": "r1"},
    )
    assert (answered["action"], answered["outcome"]) == ("answer", "extract")
    assert "endpoint" not in asked


def test_two_sessions_are_told_apart(services: Services, tmp_path: Path) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    ask(opened())
    ask(opened())
    assert len({one["actor"] for one in entries(tmp_path)}) == 2


@pytest.mark.parametrize(
    ("policy", "question_stands", "text_stands"),
    [
        pytest.param(AuditPolicy(), True, False, id="by default"),
        pytest.param(AuditPolicy(questions=False), False, False, id="without questions"),
        pytest.param(AuditPolicy(text=True), True, True, id="with texts"),
    ],
)
def test_what_stands_in_the_log_is_what_the_policy_allows(
    services: Services, tmp_path: Path, policy: AuditPolicy, question_stands: bool, text_stands: bool
) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    provide(replace(services, trail=make_trail(tmp_path, policy)))
    ask(opened())
    whole = json.dumps(entries(tmp_path))
    assert (QUESTION in whole) == question_stands
    assert (CLAUSES[0] in whole) == text_stands
    assert question_hash(QUESTION) in whole


def test_a_question_that_fails_is_on_the_record(tmp_path: Path) -> None:
    class AwayEncoder(WordEncoder):
        def encode(self, texts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if QUESTION in texts:
                raise StoreUnavailable("The vector store", "is away.", "Start it.")
            return super().encode(texts)

    with provided(tmp_path, encoder=AwayEncoder()) as services:
        add_contract(services.library, "Supply", CLAUSES)
        ask(opened())
        assert [(one["action"], one["outcome"]) for one in entries(tmp_path)] == [
            ("question", "StoreUnavailable")
        ]


def test_nothing_is_shown_that_could_not_be_logged(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    unlogged(services)
    app = ask(opened())
    shown = screen(app)
    assert "<h2>The audit log</h2><p>cannot take question.</p>" in shown
    assert "one million dollars" not in shown
    assert app.session_state[KEY].turn.finding is None


def test_an_answer_that_could_not_be_logged_is_not_shown(services: Services, tmp_path: Path) -> None:
    class FullAfterOne(FullDisk):
        taken = 0

        def append(self, event: AuditEvent) -> int:
            self.taken += 1
            return self.taken if self.taken == 1 else super().append(event)

    add_contract(services.library, "Supply", CLAUSES)
    provide(replace(services, trail=replace(make_trail(tmp_path), log=FullAfterOne())))
    shown = screen(ask(opened()))
    assert "cannot take answer." in shown
    assert 'aria-label="Answer"' not in shown


def test_a_record_that_could_not_be_logged_is_not_given(services: Services, tmp_path: Path) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    turn = ask(opened()).session_state[KEY].turn
    record = record_of(turn, turn.finding, services, "session x")
    assert json.loads(export(record, Format.JSON, services))["question"] == QUESTION
    last = entries(tmp_path)[-1]
    assert (last["action"], last["subject"], last["actor"]) == (
        "exported",
        "record of a question (json)",
        "session x",
    )
    with pytest.raises(AuditUnavailable):
        export(record, Format.JSON, unlogged(services))


def test_files_are_on_the_record_from_the_upload_on(services: Services, tmp_path: Path) -> None:
    app = opened("pages/1_Contracts.py")
    app.file_uploader(key="uploaded").upload(
        "a.pdf", pdf("1. Cap\nThe cap is one million."), "application/pdf"
    )
    app.button(key="add").click().run()
    tools = _tools(services)
    work_off(services.library, tools, trail=services.trail)
    (contract,) = services.library.catalogue.contracts()
    submitted, indexed = entries(tmp_path)
    assert (submitted["action"], submitted["subject"]) == ("file submitted", "a.pdf")
    assert submitted["actor"].startswith("session ")
    assert (indexed["action"], indexed["outcome"], indexed["actor"]) == (
        "file indexed",
        "ready",
        "ingest worker",
    )
    assert submitted["contract_ids"] == indexed["contract_ids"] == [contract.contract_id]


def test_an_outcome_that_could_not_be_logged_is_a_warning(services: Services) -> None:
    contract_id = services.library.originals.put(pdf("1. Cap\nThe cap is one million."))
    services.library.jobs.enqueue(contract_id, "a.pdf")
    work_off(services.library, _tools(services), trail=unlogged(services).trail)
    (job,) = services.library.jobs.all()
    assert job.report is not None
    assert job.report.status is FileStatus.READY
    assert "Not in the audit log: The audit log: cannot take file indexed." in job.report.warnings[-1]


def test_a_contract_whose_deletion_could_not_be_logged_stays(services: Services) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    unlogged(services)
    app = opened("pages/1_Contracts.py")
    app.session_state[KEY].to_delete = contract_id
    shown = screen(app.run())
    assert "cannot take contract deleted." in shown
    assert services.library.catalogue.contract(contract_id) is not None


def _tools(services: Services):  # type: ignore[no-untyped-def]  # noqa: ANN202
    from ingest.index_contract import Tools

    return Tools.of(services.settings, WordEncoder, lambda text: len(text.split()))


@pytest.mark.parametrize(
    ("model", "address", "host"),
    [
        ("", "https://models.example/v1", ""),
        ("m", "", "api.openai.com"),
        ("m", "https://ann:sk-secret@models.example:8443/v1?key=sk-secret", "models.example"),
        ("m", "http://[sk-secret", "an address that is none"),
        ("m", "sk-secret", "an address that is none"),
    ],
)
def test_the_host_is_named_and_nothing_else_of_the_address(model: str, address: str, host: str) -> None:
    # Such an address is refused when settings are read; the log does not rely on that.
    settings = Settings().model_copy(update={"chat_model": model, "openai_base_url": address})
    assert chat_host(settings) == host


def test_the_trail_of_the_settings_names_the_weights(tmp_path: Path) -> None:
    models = open_trail(Settings(data_dir=tmp_path)).models
    assert models.encoder.fingerprint == "b69c68654e561b5fab5662abba6ed2c072fb71deab20386165abae2d27a4db45"
    assert len(models.reranker.fingerprint) == 64
    assert models.answerer.name == "extract"


def test_a_table_for_spreadsheets_holds_no_formula(tmp_path: Path) -> None:
    trail = make_trail(tmp_path)
    trail.exported("system user ann", "=cmd|' /C calc'!A1", ("c1", "c2"), "@SUM(1)\x1b[31m")
    (entry,) = exported(AuditLog(tmp_path / "audit.sqlite3"))
    table = cells(entry)
    assert table[0] == "1"
    assert table[5:7] == ["'=cmd|' /C calc'!A1", "'@SUM(1)[31m"]
    assert table[8] == "c1 c2"
