"""Notes on contracts: made when due, kept with the contract, made again after an upgrade, drawn in a passage."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from core.contract_filter import ContractFilter, choices, narrowed
from core.errors import InvalidSettings, UnknownContract
from core.passage_notes import PassageNotes, TermNote, passage_notes
from core.records import Contract, Profile
from core.settings import Settings
from core.storage.annotations import Annotations, ContractNotes
from core.storage.database import SCHEMA, open_database
from core.storage.notes_reader import NotesReader
from ingest.annotate import annotate_due, find_notes
from ingest.index_contract import Tools
from ingest.worker import Worker
from pages.parts.markup import marked
from tests.fakes import WordEncoder, add_contract, open_test_library

CLAUSES = [
    '"Losses" means every loss, cost and expense.',
    "The Supplier pays all Losses of late delivery.",
]


def test_a_contract_is_annotated_once(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply Agreement", CLAUSES)
    annotations = Annotations(library.catalogue.database)
    assert annotations.of(contract_id) == ContractNotes()
    assert annotate_due(library) == 1
    assert annotate_due(library) == 0
    assert [term.term for term in annotations.of(contract_id).terms] == ["Losses"]
    library.delete(contract_id)
    assert not annotations.exist(contract_id)


def test_the_worker_makes_the_notes_of_what_is_there_already(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply Agreement", CLAUSES)
    tools = Tools.of(Settings(), WordEncoder, lambda text: len(text.split()))
    worker = Worker(library, tools, poll=0.01)
    worker.start()
    annotations = Annotations(library.catalogue.database)
    deadline = time.monotonic() + 60
    while not annotations.exist(contract_id) and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    worker.stop()
    assert [term.term for term in annotations.of(contract_id).terms] == ["Losses"]


def test_a_contract_that_cannot_be_annotated_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = open_test_library(tmp_path)
    broken = add_contract(library, "Broken", CLAUSES)
    whole = add_contract(library, "Supply", [*CLAUSES, "Notices go by post."])
    text = library.catalogue.text(broken)

    def find(given: str, page_starts: list[int]) -> ContractNotes:
        if given == text:
            raise RecursionError
        return find_notes(given, page_starts)

    monkeypatch.setattr("ingest.annotate.find_notes", find)
    assert annotate_due(library) == 2
    annotations = Annotations(library.catalogue.database)
    assert annotations.of(broken) == ContractNotes()
    assert annotations.of(whole) != ContractNotes()
    assert annotate_due(library) == 0


def test_a_passage_has_the_terms_it_uses_and_not_those_it_defines(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply Agreement", CLAUSES)
    reader = NotesReader(library.catalogue)
    defining, using = library.catalogue.chunks_of(contract_id)
    assert reader.of(using) == PassageNotes()
    annotate_due(library)
    assert reader.of(defining) == PassageNotes()
    assert [(note.term, note.definition) for note in reader.of(using).terms] == [("Losses", CLAUSES[0])]


def test_a_term_inside_a_longer_word_is_not_used(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", ['"Loss" means harm.', "The Losses and a lossless codec."])
    _, using = library.catalogue.chunks_of(contract_id)
    annotate_due(library)
    notes = Annotations(library.catalogue.database).of(contract_id)
    text = library.catalogue.text(contract_id)
    assert passage_notes(using, notes, text, library.catalogue.chunks_of(contract_id)).terms == ()


def test_a_definition_is_shown_on_hover_at_the_first_use_and_escaped() -> None:
    notes = PassageNotes((TermNote("Losses", '<b>"harm"</b>', "1.1 Terms"),))
    assert marked("All Losses and Losses of delivery", "losses", notes) == (
        'All <span class="term" tabindex="0" data-note="&lt;b&gt;&quot;harm&quot;&lt;/b&gt; (1.1 Terms)">'
        "<mark>Losses</mark></span> and <mark>Losses</mark> of delivery"
    )


def test_a_catalogue_of_the_first_schema_is_brought_to_today(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "catalogue.sqlite3")
    old.executescript(SCHEMA)
    old.execute(
        "INSERT INTO contracts"
        " (contract_id, file_name, title, parties, date, governing_law, warnings, text, fingerprint, state) VALUES"
        " ('c', 'f.pdf', 'Office Lease', '[]', '', '', '[]', '\u201cRent\u201d means money.', 'p', 'ready')"
    )
    old.execute("INSERT INTO pages VALUES ('c', 1, '1', 0, 22, 'text', NULL, '[]', '[]')")
    old.execute("INSERT INTO pages VALUES ('c', 2, '2', 22, 22, 'none', NULL, '[]', '[]')")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    open_database(tmp_path)
    library = open_test_library(tmp_path)
    contract = library.catalogue.contract("c")
    assert contract is not None
    assert (contract.page_count, contract.chunk_count, contract.unread_pages) == (2, 0, (2,))
    assert library.catalogue.text("c") == "\u201cRent\u201d means money."
    annotate_due(library)
    assert library.catalogue.contracts()[0].profile.contract_type == "Lease"
    assert [term.term for term in Annotations(library.catalogue.database).of("c").terms] == ["Rent"]


def contract(contract_id: str, kind: str = "", law: str = "", day: str = "", *parties: str) -> Contract:
    return Contract(contract_id, "f.pdf", Profile(contract_id, parties, day, law, kind), 1, 1)


LIBRARY = (
    contract("lease", "Lease", "New York", "2020-05-01", "Acme Inc.", "Harbour Foods plc"),
    contract("supply", "Supply", "England and Wales", "2024-03-04", "Harbour Foods plc", "Orchard Ltd"),
    contract("letter"),
)


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        pytest.param(ContractFilter(), (), id="no condition searches all"),
        pytest.param(ContractFilter(parties=("harbour",)), ("lease", "supply"), id="party, in part"),
        pytest.param(ContractFilter(parties=("Acme", "Orchard")), ("lease", "supply"), id="either party"),
        pytest.param(ContractFilter(governing_laws=("new york",)), ("lease",), id="law"),
        pytest.param(ContractFilter(contract_types=("Supply",)), ("supply",), id="type"),
        pytest.param(ContractFilter(dated_from="2024-03-04"), ("supply",), id="from, inclusive"),
        pytest.param(
            ContractFilter(dated_to="2020-05-01"), ("lease",), id="to, inclusive, and none without a date"
        ),
        pytest.param(
            ContractFilter(parties=("Harbour",), contract_types=("Lease",)), ("lease",), id="all conditions"
        ),
    ],
)
def test_a_filter_narrows_the_scope(conditions: ContractFilter, met: tuple[str, ...]) -> None:
    assert narrowed((), conditions, LIBRARY) == met


def test_a_filter_narrows_within_what_was_chosen() -> None:
    assert narrowed(("supply", "letter"), ContractFilter(parties=("Harbour",)), LIBRARY) == ("supply",)


def test_a_filter_that_nothing_meets_does_not_search_everything() -> None:
    with pytest.raises(UnknownContract, match="met by no contract"):
        narrowed((), ContractFilter(parties=("Nobody",)), LIBRARY)


@pytest.mark.parametrize(
    ("begin", "end"), [("4 March", ""), ("", "2024-02-30"), ("2024-02-02", "2024-02-01")]
)
def test_a_period_that_is_none_is_refused(begin: str, end: str) -> None:
    with pytest.raises(InvalidSettings):
        ContractFilter(dated_from=begin, dated_to=end)


def test_the_choices_are_what_the_contracts_say() -> None:
    offered = choices(LIBRARY)
    assert offered.parties == ("Acme Inc.", "Harbour Foods plc", "Orchard Ltd")
    assert (offered.contract_types, offered.governing_laws) == (
        ("Lease", "Supply"),
        ("England and Wales", "New York"),
    )
