"""Which contract a name means."""

import pytest

from core.errors import UnknownContract
from core.records import Contract, Profile
from core.scope import resolve_contracts

HARBOUR = Contract("ab12cd" + "0" * 58, "Harbour.pdf", Profile("Supply Agreement"), 10, 20)
ORION = Contract("ab12ce" + "0" * 58, "orion.PDF", Profile("Distribution Agreement"), 10, 20)
NEXT = Contract("ff12ce" + "0" * 58, "next.pdf", Profile("Supply Agreement"), 10, 20)
LIBRARY = (HARBOUR, ORION, NEXT)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(HARBOUR.contract_id, HARBOUR, id="id"),
        pytest.param("ab12cd", HARBOUR, id="beginning of an id"),
        pytest.param("harbour.PDF", HARBOUR, id="file name, other case"),
        pytest.param("orion", ORION, id="file name without suffix"),
        pytest.param(" distribution agreement ", ORION, id="title"),
    ],
)
def test_names(name: str, expected: Contract) -> None:
    assert resolve_contracts([name, name], LIBRARY) == (expected.contract_id,)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("supply agreement", "several", id="two contracts of one title"),
        pytest.param("ab12", "no contract", id="too short for an id"),
        pytest.param("lease", "no contract", id="unknown"),
        pytest.param("  ", "no contract", id="blank"),
    ],
)
def test_unclear_names_are_refused(name: str, reason: str) -> None:
    with pytest.raises(UnknownContract, match=reason):
        resolve_contracts([name], LIBRARY)
