"""Ten of the kills of ``python -m tests.faults.kill``, and the oracle's own arithmetic."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.storage.library import Library
from tests.fakes import add_contract, open_test_library
from tests.faults.kill import run
from tests.faults.oracle import check_after_restart
from tests.faults.statement import Act, Expected, Statement

CLAUSES = ["Late delivery costs one percent a day.", "The law of Ohio governs.", "Notices go by post."]


def test_ten_kills_lose_nothing_and_bring_nothing_back(tmp_path: Path) -> None:
    assert len(list(run(points=10, seed=3, folder=tmp_path))) == 10


@pytest.mark.parametrize(
    ("statements", "certain", "undecided"),
    [
        pytest.param([], {"old"}, set(), id="nothing was said"),
        pytest.param([(Act.ADDING, "new")], {"old"}, {"new"}, id="adding, not acknowledged"),
        pytest.param([(Act.ADDING, "new"), (Act.ADDED, "new")], {"old", "new"}, set(), id="added"),
        pytest.param([(Act.ADDING, "old")], {"old"}, set(), id="adding again what is there"),
        pytest.param([(Act.DELETING, "old")], set(), {"old"}, id="deleting, not acknowledged"),
        pytest.param([(Act.DELETING, "old"), (Act.DELETED, "old")], set(), set(), id="deleted"),
    ],
)
def test_what_must_be_true_after_what_was_said(
    statements: list[tuple[Act, str]], certain: set[str], undecided: set[str]
) -> None:
    expected = Expected(frozenset({"old"})).after([Statement(*one) for one in statements])
    assert (set(expected.certain), set(expected.open)) == (certain, undecided)


def lose_a_vector(library: Library) -> None:
    (contract,) = library.catalogue.contracts()
    library.catalogue.database.connection.execute("DELETE FROM chunks WHERE ordinal = 1")
    assert library.catalogue.contract(contract.contract_id) is not None


def lose_the_contract(library: Library) -> None:
    (contract,) = library.catalogue.contracts()
    library.delete(contract.contract_id)


def bring_one_back(library: Library) -> None:
    add_contract(library, "Deleted", CLAUSES)


def leave_an_original(library: Library) -> None:
    library.originals.put(b"of a deleted contract")


def lose_the_original(library: Library) -> None:
    (contract,) = library.catalogue.contracts()
    library.originals.remove(contract.contract_id)


@pytest.mark.parametrize(
    "harm", [lose_a_vector, lose_the_contract, bring_one_back, leave_an_original, lose_the_original]
)
def test_the_oracle_sees_what_it_is_there_for(tmp_path: Path, harm: Callable[[Library], None]) -> None:
    library = open_test_library(tmp_path)
    contract_id = add_contract(library, "Supply", CLAUSES)
    library.close()
    expected, counts = Expected(frozenset({contract_id})), {contract_id: len(CLAUSES)}
    assert check_after_restart(tmp_path, "test", expected, counts) == expected
    library = open_test_library(tmp_path)
    harm(library)
    library.close()
    with pytest.raises((AssertionError, KeyError)):
        check_after_restart(tmp_path, "test", expected, counts)
