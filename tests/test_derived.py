"""Facts derived from contracts: made when due, kept with the contract, made again after a correction or an upgrade."""

from collections.abc import Collection
from pathlib import Path

import pytest

from core.records import Contract, Profile
from core.settings import Settings
from core.storage.derived import Facts, Growing
from core.storage.library import Library
from ingest.derive import Derivation, derive_due
from ingest.index_contract import Tools
from tests.fakes import WordEncoder, add_contract, open_test_library

TOOLS = Tools.of(Settings(), WordEncoder, lambda text: len(text.split()))


def title_of(contract: Contract, library: Library, tools: Tools) -> bytes:  # noqa: ARG001
    if contract.profile.title == "Broken":
        raise ZeroDivisionError
    return contract.profile.title.encode()


TITLES = Derivation("title", "1", title_of)


def titles(facts: Facts) -> list[str]:
    return sorted(body.decode() for _, body in facts)


def derive(library: Library, derivation: Derivation = TITLES) -> int:
    return derive_due(library, TOOLS, derivations=(derivation,))


def test_a_fact_is_made_once_and_read_through_the_snapshot(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    supply = add_contract(library, "Supply", ["Goods are delivered."])
    assert library.snapshot().facts("title", "1", [supply]) == {}
    assert (derive(library), derive(library)) == (1, 0)
    assert library.snapshot().facts("title", "1", [supply, "unknown"]) == {supply: b"Supply"}
    assert library.snapshot().facts("title", "2", [supply]) == {}


def test_what_is_built_of_all_facts_is_remembered_until_they_change(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", ["Goods are delivered."])
    lease = add_contract(library, "Lease", ["Rent is due."])
    derive(library)
    first = library.snapshot().all_facts("title", "1", titles)
    assert first == ["Lease", "Supply"]
    assert library.snapshot().all_facts("title", "1", titles) is first
    library.catalogue.correct(lease, Profile("Office Lease"))
    assert library.snapshot().all_facts("title", "1", titles) == ["Supply"]
    derive(library)
    assert library.snapshot().all_facts("title", "1", titles) == ["Office Lease", "Supply"]
    library.delete(lease)
    assert library.snapshot().all_facts("title", "1", titles) == ["Supply"]


def test_what_grows_is_told_only_what_has_changed(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    told: list[tuple[list[str], list[str]]] = []

    def change(known: tuple[str, ...], gone: Collection[str], facts: Facts) -> tuple[str, ...]:
        fresh = [contract_id for contract_id, _ in facts]
        told.append((sorted(gone), sorted(fresh)))
        return tuple(sorted([*(one for one in known if one not in gone), *fresh]))

    grows: Growing[tuple[str, ...]] = Growing((), change)
    supply = add_contract(library, "Supply", ["Goods are delivered."])
    lease = add_contract(library, "Lease", ["Rent is due."])
    derive(library)
    assert library.snapshot().all_facts("title", "1", grows) == tuple(sorted([supply, lease]))
    assert library.snapshot().all_facts("title", "1", grows) == tuple(sorted([supply, lease]))
    loan = add_contract(library, "Loan", ["Interest is due."])
    library.catalogue.correct(lease, Profile("Office Lease"))
    library.delete(supply)
    derive(library)
    assert library.snapshot().all_facts("title", "1", grows) == tuple(sorted([lease, loan]))
    library.derived.forget("title", [loan])
    assert library.snapshot().all_facts("title", "1", grows) == (lease,)
    assert told == [
        ([], sorted([supply, lease])),
        (sorted([supply, lease]), sorted([lease, loan])),
        ([loan], []),
    ]


def test_another_version_is_due_and_a_waiting_file_goes_first(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", ["Goods are delivered."])
    derive(library)
    newer = Derivation("title", "2", title_of)
    assert not library.jobs.waiting()
    library.enqueue(b"bytes", "lease.pdf")
    assert library.jobs.waiting()
    assert derive_due(library, TOOLS, library.jobs.waiting, (newer,)) == 0
    assert derive(library, newer) == 1


def test_a_contract_that_fails_stops_no_other_and_is_not_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    library = open_test_library(tmp_path)
    broken = add_contract(library, "Broken", ["Nothing."])
    supply = add_contract(library, "Supply", ["Goods are delivered."])
    assert (derive(library), derive(library)) == (2, 0)
    assert library.snapshot().facts("title", "1", [broken, supply]) == {broken: b"", supply: b"Supply"}
    assert "Deriving the title" in caplog.text
