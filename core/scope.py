"""Which contracts a user means by a name, a title or the beginning of an id."""

from collections.abc import Iterable, Sequence

from core.errors import UnknownContract
from core.records import Contract

SHORTEST_ID = 6


def resolve_contracts(names: Iterable[str], contracts: Sequence[Contract]) -> tuple[str, ...]:
    """The ids of the contracts that ``names`` mean, each once, in the order given.

    A name is an id or its first characters, a file name with or without ``.pdf``, or a title; case does not
    count.

    Raises:
        UnknownContract: a name fits no contract, or several.
    """
    return tuple(dict.fromkeys(_resolve(name, contracts) for name in names))


def _resolve(name: str, contracts: Sequence[Contract]) -> str:
    wanted = name.strip().casefold()
    matches = [contract for contract in contracts if wanted and wanted in _names(contract)]
    if not matches and len(wanted) >= SHORTEST_ID:
        matches = [contract for contract in contracts if contract.contract_id.startswith(wanted)]
    if not matches:
        raise UnknownContract(repr(name), "is no contract of the library.", "proviso list shows them.")
    if len(matches) > 1:
        ids = ", ".join(contract.contract_id[:12] for contract in matches)
        raise UnknownContract(repr(name), f"means several contracts ({ids}).", "Give one of these ids.")
    return matches[0].contract_id


def _names(contract: Contract) -> set[str]:
    file_name = contract.file_name.casefold()
    return {
        contract.contract_id,
        file_name,
        file_name.removesuffix(".pdf"),
        contract.profile.title.casefold(),
    }
