"""The Contracts page: empty, filled, acted on; the queue and its outcomes; hostile names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import ProvisoError
from core.records import Contract, Profile
from core.storage.jobs import FileReport, FileStatus, Job, JobState
from core.storage.originals import contract_id_of
from ingest.index_contract import Tools
from ingest.intake import Intake
from ingest.worker import catch_up
from pages.parts.contract_table import matches
from pages.parts.queue_view import outcomes_html
from pages.parts.upload import enqueue
from pages.parts.wiring import Services
from tests.fakes import WordEncoder, add_contract
from tests.pages_kit import CLAUSES, HOSTILE, index_waiting, opened, pdf, provided, screen

PAGE = "pages/1_Contracts.py"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with provided(tmp_path) as given:
        yield given


def chosen(contract_id: str) -> AppTest:
    return opened(PAGE).selectbox(key="library_choice").set_value(contract_id).run()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploader = app.file_uploader(key="uploaded")
    for name, content in files:
        uploader.upload(name, content, "application/pdf")
    return app.button(key="add").click().run()


def test_an_empty_library_says_what_to_do(services: Services) -> None:  # noqa: ARG001
    assert "Drop PDF files above and press Add to library." in screen(opened(PAGE))


def test_the_page_says_how_far_the_contextual_index_is(services: Services) -> None:
    add_contract(services.library, "Supply Agreement", CLAUSES)
    assert "Contextual index: 0 of 1 contracts." in screen(opened(PAGE))
    catch_up(services.library, Tools.of(services.settings, WordEncoder, lambda text: len(text.split())))
    assert "Contextual index" not in screen(opened(PAGE))


def test_the_button_needs_files(services: Services) -> None:
    app = opened(PAGE).button(key="add").click().run()
    assert "No file has arrived." in screen(app)
    assert services.library.jobs.all() == ()


def test_uploaded_files_are_queued_and_become_contracts(services: Services) -> None:
    content = pdf("Supply Agreement\nThe law of Ohio governs this agreement.")
    app = upload(opened(PAGE), ("supply.pdf", content), ("bad.pdf", b"hello"), ("again.pdf", content))
    assert [job.file_name for job in services.library.jobs.all()] == ["again.pdf", "bad.pdf", "supply.pdf"]
    assert "2 to do, 1 finished, 1 rejected" in screen(app)
    assert len([button for button in app.button if button.label == "Cancel"]) == 2
    assert list(services.library.originals.ids()) == [contract_id_of(content)]
    index_waiting(services)
    shown = screen(app.run())
    assert "0 to do, 3 finished, 1 rejected" in shown
    assert "<b>Rejected</b>" in shown
    assert "Duplicate of supply.pdf" in shown
    assert "1 page, 1 passage." in shown
    assert "1 contract" in shown


def test_a_batch_has_a_limit(tmp_path: Path) -> None:
    with provided(tmp_path, settings={"max_batch_files": 1}) as few:
        app = upload(opened(PAGE), ("a.pdf", pdf("a")), ("b.pdf", pdf("b")))
        assert "2 files</h2><p>are more than the 1 that may be added at once. None was added." in screen(app)
        assert few.library.jobs.all() == ()


def test_a_waiting_file_can_be_cancelled_and_cleared(services: Services) -> None:
    app = upload(opened(PAGE), ("supply.pdf", pdf("Some text")))
    job = services.library.jobs.all()[0]
    app = app.button(key=f"cancel_{job.job_id}").click().run()
    assert "<b>Cancelled</b>" in screen(app)
    app = app.button(key="clear_finished").click().run()
    assert services.library.jobs.all() == ()
    assert "<b>Cancelled</b>" not in screen(app)


def test_the_table_shows_the_type_and_finds_by_it(services: Services) -> None:
    lease = add_contract(services.library, "Office", CLAUSES[:2])
    add_contract(services.library, "Supply", CLAUSES)
    services.library.catalogue.correct(lease, Profile("Office", contract_type="Lease"))
    app = opened(PAGE)
    assert list(app.dataframe[0].value["Type"]) == ["Lease", ""]
    app = app.text_input(key="library_search").set_value("lease").run()
    assert list(app.dataframe[0].value["Title"]) == ["Office"]


def test_the_table_shows_and_finds_contracts(services: Services) -> None:
    add_contract(services.library, "Supply", CLAUSES)
    add_contract(services.library, "Lease", CLAUSES[:2])
    app = opened(PAGE)
    assert list(app.dataframe[0].value["Title"]) == ["Lease", "Supply"]
    assert list(app.dataframe[0].value["Passages"]) == [2, 7]
    app = app.text_input(key="library_search").set_value("SUPP").run()
    assert list(app.dataframe[0].value["Title"]) == ["Supply"]
    app = app.text_input(key="library_search").set_value("nothing like it").run()
    assert "No contract of the library matches." in screen(app)


def test_details_can_be_corrected(services: Services) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    app = chosen(contract_id)
    assert "<h2>Supply</h2>" in screen(app)
    fields = {field.label: field for field in app.text_input}
    fields["Title"].set_value("Master Supply Agreement")
    fields["Governing law"].set_value("Ohio")
    app.text_area[0].set_value("Alpha Inc.\n\n Beta Ltd. ")
    app = app.button(key="save_details").click().run()
    contract = services.library.catalogue.contract(contract_id)
    assert contract is not None
    expected = Profile("Master Supply Agreement", ("Alpha Inc.", "Beta Ltd."), "", "Ohio")
    assert contract.profile == expected
    assert "<h2>Master Supply Agreement</h2>" in screen(app)


def test_a_contract_needs_a_title(services: Services) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    app = chosen(contract_id)
    next(field for field in app.text_input if field.label == "Title").set_value(" ")
    app = app.button(key="save_details").click().run()
    assert "A contract needs a title." in screen(app)
    contract = services.library.catalogue.contract(contract_id)
    assert contract is not None
    assert contract.profile.title == "Supply"


@pytest.mark.parametrize(("answer", "left"), [("confirm_delete", 0), ("keep_contract", 1)])
def test_deleting_asks_first(services: Services, answer: str, left: int) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    app = chosen(contract_id).button(key="delete").click().run()
    assert "are removed for everybody" in screen(app)
    assert len(services.library.catalogue.contracts()) == 1
    app.button(key=answer).click().run()
    assert len(services.library.catalogue.contracts()) == left


def test_the_original_can_be_downloaded(services: Services) -> None:
    app = chosen(add_contract(services.library, "Supply", CLAUSES))
    assert app.download_button(key="download").label == "Download original"


def test_a_missing_original_is_said(services: Services) -> None:
    contract_id = add_contract(services.library, "Supply", CLAUSES)
    services.library.originals.remove(contract_id)
    assert "The stored original is missing" in screen(chosen(contract_id))


def test_hostile_names_appear_literally(services: Services) -> None:
    contract_id = add_contract(services.library, f"Supply {HOSTILE}", CLAUSES)
    services.library.jobs.enqueue("b" * 64, f"{HOSTILE}.pdf")
    app = chosen(contract_id)
    shown = screen(app)
    assert shown.count("&lt;script&gt;alert(1)") >= 3  # title, file, queue
    assert "<script" not in shown
    assert "<img" not in shown
    assert not app.markdown


def test_a_full_disk_is_a_panel(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "originals"
    folder.rmdir()
    folder.write_text("not a folder")
    door = Intake.of(services.settings, services.library.originals, services.library.jobs)
    with pytest.raises(ProvisoError, match=r"a\.pdf: could not be stored"):
        enqueue(b"%PDF-", "a.pdf", door)


def report(status: FileStatus, **details: object) -> Job:
    given = FileReport("a.pdf", status, **details)  # type: ignore[arg-type]
    return Job(1, "c", "a.pdf", JobState.DONE, "", 1.0, given)


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (report(FileStatus.READY, pages=1, chunks=2), "1 page, 2 passages."),
        (report(FileStatus.READY, pages=2, chunks=1, warnings=("page 2 is empty.",)), "Page 2 is empty."),
        (report(FileStatus.REJECTED, error="is empty. Choose another."), "Is empty. Choose another."),
        (report(FileStatus.CANCELLED), "Nothing of it was added."),
    ],
    ids=["ready", "warning", "rejected", "cancelled"],
)
def test_outcomes_say_what_happened(job: Job, expected: str) -> None:
    assert expected in outcomes_html([job])


def test_what_needs_attention_comes_first() -> None:
    shown = outcomes_html(
        [report(FileStatus.READY), report(FileStatus.REJECTED), report(FileStatus.DUPLICATE)]
    )
    assert shown.index("Rejected") < shown.index("Duplicate") < shown.index("Ready")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", True), ("alpha ohio", True), ("LEASE.PDF", True), ("alpha texas", False)],
    ids=["nothing", "two fields", "file name", "one word missing"],
)
def test_the_library_search(wanted: str, found: bool) -> None:
    contract = Contract("c", "lease.pdf", Profile("Supply", ("Alpha Inc.",), "", "Ohio"), 1, 1)
    assert matches(contract, wanted) is found
