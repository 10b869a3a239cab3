"""Which contracts a question is put to, by what they say about themselves: party, law, type, date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import InvalidSettings, UnknownContract
from core.records import Contract
from core.timestamps import checked_day


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """Conditions that a contract must meet, all of them; an empty one is met by every contract.

    Args:
        parties: words that one party's name holds, case not counting; one of them is enough.
        governing_laws: as the contract states it; one of them is enough.
        contract_types: as ``core.contract_types`` names them; one of them is enough.
        dated_from, dated_to: YYYY-MM-DD, both inclusive. A contract without a date meets neither.

    Raises:
        InvalidSettings: a date that is none, or a period that ends before it begins.
    """

    parties: tuple[str, ...] = ()
    governing_laws: tuple[str, ...] = ()
    contract_types: tuple[str, ...] = ()
    dated_from: str = ""
    dated_to: str = ""

    def __post_init__(self) -> None:
        for day in filter(None, (self.dated_from, self.dated_to)):
            checked_day(day, "The date")
        if self.dated_from and self.dated_to and self.dated_to < self.dated_from:
            raise InvalidSettings(
                "The period",
                f"from {self.dated_from} to {self.dated_to} ends before it begins.",
                "Swap the dates.",
            )

    @property
    def empty(self) -> bool:
        """True when every contract meets it."""
        return self == ContractFilter()

    def meets(self, contract: Contract) -> bool:
        """Whether ``contract`` meets every condition."""
        profile = contract.profile
        names = [name.casefold() for name in profile.parties]
        return (
            (not self.parties or any(wanted.casefold() in name for wanted in self.parties for name in names))
            and (not self.governing_laws or _among(profile.governing_law, self.governing_laws))
            and (not self.contract_types or _among(profile.contract_type, self.contract_types))
            and (not self.dated_from or self.dated_from <= profile.date)
            and (not self.dated_to or "" < profile.date <= self.dated_to)
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What the contracts of a library can be filtered by, each value once, in the order of the alphabet."""

    parties: tuple[str, ...]
    governing_laws: tuple[str, ...]
    contract_types: tuple[str, ...]


def choices(contracts: Iterable[Contract]) -> Choices:
    """The values that ``contracts`` have."""
    profiles = [contract.profile for contract in contracts]
    return Choices(
        _sorted(name for profile in profiles for name in profile.parties),
        _sorted(profile.governing_law for profile in profiles),
        _sorted(profile.contract_type for profile in profiles),
    )


def narrowed(
    contract_ids: tuple[str, ...], conditions: ContractFilter, contracts: Sequence[Contract]
) -> tuple[str, ...]:
    """The scope of a question: of ``contract_ids`` (empty: all), those that meet ``conditions``; empty: all.

    Raises:
        UnknownContract: no contract meets them. An empty scope would search every contract.
    """
    if conditions.empty:
        return contract_ids
    within = set(contract_ids)
    met = tuple(
        contract.contract_id
        for contract in contracts
        if (not within or contract.contract_id in within) and conditions.meets(contract)
    )
    if not met:
        raise UnknownContract("The filter", "is met by no contract.", "Widen it.")
    return met


def _among(value: str, wanted: Iterable[str]) -> bool:
    return value.casefold() in {one.casefold() for one in wanted}


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}, key=str.casefold))
