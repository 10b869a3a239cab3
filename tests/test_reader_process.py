"""Reading in a process of its own: every way a file can fail, and what the process may not do."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.confinement import child_environment
from core.errors import RejectedFile
from core.records import ContractText, TextSource
from ingest.read_contract import ReadLimits, read_contract
from ingest.reading.check_upload import looks_like
from ingest.reading.reader_process import task_from_json, task_to_json
from ingest.reading.records import Finished, Opened, PageRead, ReadTask, Rejected, Rejection
from ingest.reading.run_reader import run_reader
from tests.pdf_samples import drawn_pdf, encrypted, lines_page, scanned_page, text_pdf, with_stream

CLAUSE = "The Supplier shall deliver the Goods to the Premises of the Buyer on the Delivery Date."
GOOD = text_pdf([CLAUSE])
HEAVY = with_stream(b"0 0 m 9 9 l S\n" * 1_500_000, compressed=True, pages=12)
MEGABYTE = 1024 * 1024


def read(content: bytes, limits: ReadLimits | None = None, password: str | None = None) -> ContractText:
    return read_contract(content, "supply.pdf", limits or ReadLimits(), password=password, ocr=False)


def test_a_contract_is_read() -> None:
    contract = read(drawn_pdf(lines_page(["SUPPLY AGREEMENT", CLAUSE], gap_before=[1])))
    assert contract.text == f"SUPPLY AGREEMENT\n{CLAUSE}"
    assert contract.file_name == "supply.pdf"
    assert len(contract.contract_id) == 64
    assert [(page.number, page.source) for page in contract.pages] == [(1, TextSource.TEXT)]
    assert contract.warnings == ()


@pytest.mark.parametrize(
    ("content", "limits", "password", "reason"),
    [
        pytest.param(b"", {}, None, "the file is empty", id="empty"),
        pytest.param(b"PK\x03\x04" + GOOD, {}, None, "looks like a Word document", id="ZIP that holds a PDF"),
        pytest.param(b"<html><body>Not found</body></html>", {}, None, "web page (HTML)", id="HTML"),
        pytest.param(b"MZ\x90\x00", {}, None, "a Windows program", id="EXE"),
        pytest.param(b"%PDF-1.7\n", {}, None, "damaged or incomplete", id="header only"),
        pytest.param(GOOD[: len(GOOD) // 2], {}, None, "damaged or incomplete", id="cut in half"),
        pytest.param(encrypted(GOOD, "secret"), {}, None, "protected by a password", id="protected"),
        pytest.param(encrypted(GOOD, "secret"), {}, "guess", "does not open the file", id="wrong password"),
        pytest.param(text_pdf(["a"], ["b"]), {"max_pages": 1}, None, "2 pages; the limit is 1", id="pages"),
        pytest.param(GOOD, {"max_bytes": 100}, None, "bytes; the limit is 100", id="bytes"),
        pytest.param(GOOD, {"max_characters": 9}, None, "more than 9 characters", id="characters"),
        pytest.param(HEAVY, {"wall_seconds": 0.5}, None, "longer than 0.5 seconds", id="time"),
        pytest.param(HEAVY, {"memory": 300 * MEGABYTE}, None, "more than 300 MB", id="memory"),
        pytest.param(drawn_pdf(scanned_page(["Term"])), {}, None, "needs OCR", id="scan"),
        pytest.param(text_pdf([]), {}, None, "no text was found", id="blank"),
    ],
)
def test_every_rejection_names_file_reason_and_next_step(
    content: bytes, limits: dict[str, int], password: str | None, reason: str
) -> None:
    with pytest.raises(RejectedFile) as caught:
        read(content, ReadLimits(**limits), password)
    error = caught.value
    assert error.subject == "supply.pdf"
    assert reason in error.reason
    assert error.next_step
    assert "Traceback" not in str(error)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        pytest.param(b"From: sales@example.com\r\n" * 80 + GOOD, None, id="junk before"),
        pytest.param(GOOD + b"\0" * 100_000, None, id="NULs after"),
        pytest.param(encrypted(GOOD, ""), None, id="owner's password only"),
        pytest.param(encrypted(GOOD, "secret"), "secret", id="password given"),
    ],
)
def test_odd_but_sound_files_are_read(content: bytes, password: str | None) -> None:
    assert read(content, password=password).text == CLAUSE


def test_a_scanned_page_among_others_is_named() -> None:
    contract = read(drawn_pdf(lines_page([CLAUSE]), scanned_page(["Term"]), lines_page([CLAUSE])))
    assert contract.warnings == ("Page 2 has no text and is not searched.",)
    assert [page.source for page in contract.pages] == [TextSource.TEXT, TextSource.NONE, TextSource.TEXT]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xd0\xcf\x11\xe0 old office", "an old Word, Excel or Outlook file"),
        (b"\xef\xbb\xbf <!DOCTYPE HTML><html>", "a web page (HTML)"),
        (b"<?xml version='1.0'?>", "an XML file"),
        (b"Dear Sirs,\r\nplease find", "a text file"),
        (b"\x01\x02\x03", "no kind of file that Proviso knows"),
    ],
)
def test_other_files_are_called_by_their_name(content: bytes, kind: str) -> None:
    assert looks_like(content) == kind


def test_progress_is_reported_and_may_stop_the_reading() -> None:
    content = text_pdf(*[[f"{CLAUSE} {number}"] for number in range(40)])
    steps: list[tuple[str, float]] = []
    read_contract(content, "a.pdf", ReadLimits(), on_progress=lambda step, share: steps.append((step, share)))
    assert steps[-1] == ("reading (page 40 of 40)", 1.0)

    def stop(step: str, _share: float) -> None:
        raise KeyboardInterrupt(step)

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        read_contract(content, "a.pdf", ReadLimits(), on_progress=stop)
    assert threading.active_count() == before


def test_the_messages_of_the_process_end_with_a_verdict() -> None:
    messages = list(run_reader(GOOD, ReadTask(30, 1024 * MEGABYTE, 10, 1000)))
    assert [type(message) for message in messages[1:]] == [Opened, PageRead, Finished]
    assert list(run_reader(b"%PDF-", ReadTask(30, 1024 * MEGABYTE, 10, 1000)))[-1] == Rejected(
        Rejection.DAMAGED
    )


def test_a_process_that_cannot_start_is_not_the_files_fault() -> None:
    assert list(run_reader(GOOD, ReadTask(30, 30 * MEGABYTE, 10, 1000))) == [
        Rejected(Rejection.READER_BROKEN)
    ]


def test_the_package_is_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ingest").mkdir()
    (tmp_path / "ingest" / "__init__.py").write_text("raise SystemExit('the wrong package')")
    monkeypatch.chdir(tmp_path)
    assert read(GOOD).text == CLAUSE


def test_the_process_learns_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "PROVISO_QDRANT_API_KEY", "HTTPS_PROXY", "HOME"):
        monkeypatch.setenv(name, "secret-value")
    assert "secret-value" not in child_environment().values()


def test_the_task_survives_the_pipe() -> None:
    task = ReadTask(1.5, 2, 3, 4, 'pass"wörd\n', (5, 6))
    assert task_to_json(task).count(b"\n") == 1
    assert task_from_json(task_to_json(task)) == task


CONFINED = """
import os, socket, subprocess, sys
from ingest.reading.reader_process import _confine
from ingest.reading.records import ReadTask
_confine(ReadTask(5, 2**30, 1, 1))
try:
    {attempt}
except (PermissionError, OSError) as error:
    print("refused", type(error).__name__)
else:
    print("done")
"""


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param("socket.create_connection(('127.0.0.1', 9), 1)", id="connection"),
        pytest.param("socket.getaddrinfo('example.com', 80)", id="look-up of a name"),
        pytest.param("subprocess.run(['true'])", id="program"),
        pytest.param("os.system('true')", id="shell"),
        pytest.param("os.fork()", id="fork"),
        pytest.param("open({path!r}, 'wb', buffering=0).write(b'x')", id="file"),
    ],
)
def test_the_process_may_not_reach_out(attempt: str, tmp_path: Path) -> None:
    path = tmp_path / "written"
    program = CONFINED.format(attempt=attempt.format(path=str(path)))
    environment = {**os.environ, "PYTHONPATH": child_environment()["PYTHONPATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.startswith("refused"), done.stdout + done.stderr
    assert not path.exists() or path.read_bytes() == b""


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="max_pages must be above 0, not 0"):
        ReadLimits(max_pages=0)
