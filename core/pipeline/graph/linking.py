"""What joins contracts: parties in common, an amendment and what it amends, an agreement named in another's text."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pipeline.graph.records import Agreement, EdgeKind, Entry
from core.storage.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between nodes of two contracts; ``words`` are those of the reference, where it is one."""

    begin: int
    end: int
    kind: EdgeKind
    words: str = ""


def links_between(
    entries: Sequence[Entry],
    first: NDArray[np.int64],
    numbers: Callable[[int], Mapping[str, int]],
    parties: MutableMapping[str, int],
) -> list[Link]:
    """Every edge between contracts.

    Args:
        entries: of each contract.
        first: the first node of each contract, and that of the first party.
        numbers: the clause numbers of a contract with the chunk that each begins in.
        parties: filled with the node of every party, by its name in small letters.
    """
    links: list[Link] = []
    for contract, entry in enumerate(entries):
        for name in entry.parties:
            node = parties.setdefault(party_key(name), int(first[-1]) + len(parties))
            links.append(Link(int(first[contract]), node, EdgeKind.PARTY))
    resolve = _Resolver(entries)
    for contract, entry in enumerate(entries):
        targets = [
            resolve(contract, one, number == entry.amends) for number, one in enumerate(entry.agreements)
        ]
        links += _agreements(contract, entry, targets, first)
        links += _outward(contract, entry, targets, first, numbers)
    return links


def party_key(name: str) -> str:
    """One party's name in one form: small letters, no marks but those inside words."""
    return " ".join(name.casefold().replace(",", " ").replace(".", "").split())


def _agreements(
    contract: int, entry: Entry, targets: Sequence[int | None], first: NDArray[np.int64]
) -> list[Link]:
    links = []
    agreement = int(first[contract]) + entry.nodes - len(entry.agreements)
    for number, target in enumerate(targets):
        if target is not None:
            links.append(Link(agreement + number, int(first[target]), EdgeKind.NAMES))
            if number == entry.amends:
                links.append(Link(int(first[contract]), int(first[target]), EdgeKind.AMENDS))
    return links


def _outward(
    contract: int,
    entry: Entry,
    targets: Sequence[int | None],
    first: NDArray[np.int64],
    numbers: Callable[[int], Mapping[str, int]],
) -> list[Link]:
    """References to the clauses of an agreement that is in the library: an item that is none leads to its clause."""
    links = []
    known = {
        target: numbers(target)
        for target in {targets[one.agreement] for one in entry.outward}
        if target is not None
    }
    for one in entry.outward:
        target = targets[one.agreement]
        if target is None:
            continue
        chunk = _chunk(one.label, known[target])
        if chunk is not None:
            begin = int(first[contract]) + 1 + one.chunk
            words = f"{one.words} of {entry.agreements[one.agreement].alias or entry.agreements[one.agreement].title}"
            links.append(Link(begin, int(first[target]) + 1 + chunk, EdgeKind.REFERS, words))
    return links


def _chunk(label: str, numbers: Mapping[str, int]) -> int | None:
    while label:
        for wanted in (label, label.replace("/part ", "/")):
            if wanted in numbers:
                return numbers[wanted]
        if "(" in label:
            label = label[: label.rindex("(")]
        elif "/" in label:
            label = label[: label.rindex("/")]
        else:
            return None
    return None


class _Resolver:
    """Finds the contract that an agreement named in another is."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._by_title: dict[str, list[int]] = {}
        for contract, entry in enumerate(entries):
            self._by_title.setdefault(_title_key(entry.title), []).append(contract)

    def __call__(self, contract: int, named: Agreement, amended: bool) -> int | None:
        """The one contract of this title: of this date where one is given, else with a party in common.

        Of several that fit, none is taken: a wrong agreement is worse than none.
        """
        own = {party_key(name) for name in self._entries[contract].parties}
        fitting = [
            other
            for other in self._by_title.get(_title_key(named.title), ())
            if other != contract and self._fits(other, named, own, amended)
        ]
        if len(fitting) > 1:
            both = [
                other for other in fitting if own & {party_key(name) for name in self._entries[other].parties}
            ]
            fitting = both if len(both) == 1 else []
        return fitting[0] if fitting else None

    def _fits(self, other: int, named: Agreement, own: set[str], amended: bool) -> bool:
        entry = self._entries[other]
        shared = bool(own & {party_key(name) for name in entry.parties})
        if named.date and entry.date:
            return named.date == entry.date
        return shared if amended or own else False


def _title_key(title: str) -> str:
    return " ".join(tokenize(title))
