"""Protected files: the password given in the app and on the command line, and kept in neither."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from cli.main import app as command
from core.audit.log import AuditLog
from core.errors import InvalidSettings, PasswordNeeded
from core.settings import Settings
from core.storage.jobs import FileStatus
from core.storage.lock import hold
from ingest.add_files import GIVE_IT_THERE, add_files
from ingest.index_contract import Tools
from ingest.passwords import Passwords, read_password_file
from ingest.read_contract import ReadLimits, read_contract
from ingest.reading.records import ReadTask
from ingest.worker import work_off
from pages.parts.wiring import Services, provide
from tests.fakes import WordEncoder, open_test_library
from tests.pages_kit import FullDisk, index_waiting, opened, provided, screen
from tests.pdf_samples import encrypted, text_pdf

PAGE = "pages/1_Contracts.py"
SECRET = "correct horse battery"
CLAUSE = "The Supplier shall deliver the Goods to the Premises of the Buyer on the Delivery Date."
LOCKED = encrypted(text_pdf([CLAUSE]), SECRET)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def written_under(directory: Path, secret: str) -> list[str]:
    return [
        str(path)
        for path in directory.rglob("*")
        if path.is_file()
        and any(form in path.read_bytes() for form in (secret.encode(), secret.encode("utf-16-le")))
    ]


def test_the_error_says_that_a_password_would_help() -> None:
    with pytest.raises(PasswordNeeded):
        read_contract(LOCKED, "a.pdf", ReadLimits())
    with pytest.raises(PasswordNeeded, match="does not open the file"):
        read_contract(LOCKED, "a.pdf", ReadLimits(), password="guess")


def test_a_password_typed_in_the_app_opens_the_file(services: Services, tmp_path: Path) -> None:
    contract_id = services.library.originals.put(LOCKED)
    services.library.jobs.enqueue(contract_id, "**locked**.pdf")
    index_waiting(services)
    app = opened(PAGE)
    assert "The file is protected by a password." in screen(app)
    (field,) = [one for one in app.text_input if one.label.startswith("Password for")]
    assert field.label == r"Password for \*\*locked\*\*\.pdf"
    for given, status in (("wrong", FileStatus.REJECTED), (SECRET, FileStatus.READY)):
        (field,) = [one for one in app.text_input if one.label.startswith("Password for")]
        field.set_value(given)
        app = next(button for button in app.button if button.label == "Open").click().run()
        index_waiting(services)
        (job,) = services.library.jobs.all()
        assert job.report is not None
        assert job.report.status is status
        app = app.run()
    assert not [one for one in app.text_input if one.label.startswith("Password for")]
    assert services.library.catalogue.text(contract_id) == CLAUSE
    services.library.save_keywords()
    assert written_under(tmp_path, SECRET) == []


def test_a_try_is_on_the_record_and_without_a_record_there_is_none(
    services: Services, tmp_path: Path
) -> None:
    contract_id = services.library.originals.put(LOCKED)
    services.library.jobs.enqueue(contract_id, "locked.pdf")
    index_waiting(services)
    app = opened(PAGE)

    def try_again(app: AppTest) -> AppTest:
        next(one for one in app.text_input if one.label.startswith("Password for")).set_value(SECRET)
        return next(button for button in app.button if button.label == "Open").click().run()

    provide(replace(services, trail=replace(services.trail, log=FullDisk())))
    app = try_again(app.run())
    assert "cannot take file submitted." in screen(app)
    assert not app.exception
    assert services.library.jobs.all()[0].ended
    assert services.passwords.known(contract_id) is None

    provide(services)
    app = try_again(app.run())
    assert "cannot take" not in screen(app)
    assert not services.library.jobs.all()[0].ended
    (row,) = AuditLog(tmp_path / "audit.sqlite3").rows()
    entry = json.loads(row.entry)
    assert (entry["action"], entry["contract_ids"]) == ("file submitted", [contract_id])


def test_the_page_of_a_protected_file_asks_for_its_password(services: Services) -> None:
    contract_id = services.library.originals.put(LOCKED)
    services.passwords.give(contract_id, SECRET)
    services.library.jobs.enqueue(contract_id, "locked.pdf")
    index_waiting(services)
    services.passwords.forget(contract_id)  # as after a start
    app = opened("pages/3_Page_view.py", contract=contract_id, page="1", chunk="")
    assert len(app.image) == 0
    assert "protected by a password, which Proviso does not keep" in screen(app)
    for given, pictures in (("wrong", 0), (SECRET, 1)):
        next(one for one in app.text_input if one.label.startswith("Password for")).set_value(given)
        app = next(button for button in app.button if button.label == "Open").click().run()
        assert len(app.image) == pictures
    assert not app.exception


def test_the_original_waits_for_the_password_and_goes_when_the_list_is_cleared(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    tools = Tools.of(Settings(ocr=False), WordEncoder, len)
    contract_id = library.originals.put(LOCKED)
    library.jobs.enqueue(contract_id, "locked.pdf")
    work_off(library, tools)
    assert library.jobs.locked() == {contract_id}
    library.recover()
    assert set(library.originals.ids()) == {contract_id}
    library.clear_ended_jobs()
    assert set(library.originals.ids()) == set()
    assert library.jobs.all() == ()
    library.close()


def test_passwords_are_tried_in_order_and_somebody_is_asked_last() -> None:
    asked: list[str] = []

    def ask(name: str) -> str:
        asked.append(name)
        return "third" if len(asked) == 1 else ""

    passwords = Passwords(["first", "second"], ask)
    passwords.give("c", "known")
    assert list(passwords.candidates("c", "a.pdf")) == ["known", "first", "second", "third"]
    assert asked == ["a.pdf", "a.pdf"]
    assert "known" not in repr(passwords)
    assert SECRET not in repr(ReadTask(1, 1, 1, 1, SECRET))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"one\n\ntwo \r\n", ("one", "two ")),
        ("\ufeffgr\u00fcn\n".encode(), ("gr\u00fcn",)),
        (b"\n\n", None),
        (b"\xff\xfe", None),
    ],
    ids=["two", "umlaut", "empty", "not UTF-8"],
)
def test_the_password_file_holds_one_a_line(
    tmp_path: Path, content: bytes, expected: tuple[str, ...] | None
) -> None:
    path = tmp_path / "passwords"
    path.write_bytes(content)
    if expected is not None:
        assert read_password_file(path) == expected
    else:
        with pytest.raises(InvalidSettings, match="passwords"):
            read_password_file(path)


def test_the_command_opens_protected_files(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has no text: that is found out only once it is open, and no model is needed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "locked.pdf").write_bytes(encrypted(text_pdf([]), SECRET))
    (tmp_path / "passwords").write_text(f"guess\n{SECRET}\n")
    arguments = ["ingest", "locked.pdf", "--json", "--data-dir", str(tmp_path / "data")]
    with caplog.at_level(logging.DEBUG):
        refused = CliRunner().invoke(command, arguments)
        opened_one = CliRunner().invoke(command, [*arguments, "--password-file", "passwords"])
    (report,) = json.loads(refused.stdout)
    assert (report["status"], report["needs_password"]) == ("rejected", True)
    assert "protected by a password" in report["error"]
    (report,) = json.loads(opened_one.stdout)
    assert (report["status"], report["needs_password"]) == ("rejected", False)
    assert "no text was found" in report["error"]
    assert SECRET not in refused.output + opened_one.output + caplog.text
    assert written_under(tmp_path / "data", SECRET) == []


def test_where_another_process_works_the_command_says_where_the_password_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(LOCKED)
    library = open_test_library(tmp_path / "data")
    tools = Tools.of(Settings(ocr=False), WordEncoder, len)

    def busy(seconds: float) -> None:  # noqa: ARG001
        # While the command waits, the other process does the work.
        work_off(library, tools)

    monkeypatch.setattr("ingest.add_files.time.sleep", busy)
    with hold(tmp_path / "data", "the app"):
        (report,) = add_files([path], Settings(data_dir=tmp_path / "data"), passwords=Passwords([SECRET]))
    library.close()
    assert report.needs_password
    assert report.error.endswith(GIVE_IT_THERE)
