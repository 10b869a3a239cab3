"""All outlines of a library as arrays: what the names in a question and its vector are looked up in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.pipeline.hierarchy.outline import OUTLINE, VERSION, Digests, Outline, Vectors, decode_outline
from core.pipeline.hierarchy.postings import Postings, Rows
from core.pipeline.tools import Shelf
from core.storage.derived import Facts


@dataclass(frozen=True)
class ContractIndex:
    """The contracts that have an outline; a row is a contract's place in ``contract_ids``.

    Attributes:
        contract_ids: ascending.
        dates, laws: as the profiles have them, empty where they say none.
        types: every type that title or file name speaks of.
        vectors: unit means, shape (contracts, dimension).
        words: the words that tell contracts from each other.
        opening: words with a capital on the first pages.
        names: the words of each name; ``name_rows`` says whose it is.
        ordinary: digests of words that some contract writes in lower case, ascending.
    """

    contract_ids: tuple[str, ...]
    dates: tuple[str, ...]
    laws: tuple[str, ...]
    types: tuple[tuple[str, ...], ...]
    vectors: Vectors
    words: Postings
    opening: Postings
    names: Postings
    name_rows: Rows
    ordinary: Digests

    def __len__(self) -> int:
        return len(self.contract_ids)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each contract, by id."""
        return {contract_id: row for row, contract_id in enumerate(self.contract_ids)}

    @cached_property
    def typed(self) -> Mapping[str, Rows]:
        """The rows that speak of a type, by type; those that speak of none are under an empty name."""
        found: dict[str, list[int]] = {}
        for row, types in enumerate(self.types):
            for name in types or ("",):
                found.setdefault(name, []).append(row)
        return {name: np.asarray(rows, dtype=np.int64) for name, rows in found.items()}


def contract_index(shelf: Shelf) -> ContractIndex:
    """The index of the library, built once and remembered until an outline changes."""
    return shelf.all_facts(OUTLINE, VERSION, build_index)


def rows_of(contract_ids: Collection[str], index: ContractIndex) -> Rows:
    """The rows of those of ``contract_ids`` that are in ``index``, ascending."""
    return np.asarray(sorted(index.rows[one] for one in contract_ids if one in index.rows), dtype=np.int64)


def build_index(facts: Facts) -> ContractIndex:
    """The index of ``facts``; contracts whose outline could not be made are left out."""
    read = [(contract_id, decode_outline(body)) for contract_id, body in facts if body]
    outlines = [outline for _, outline in read]
    names = [list(outline.names) for outline in outlines]
    return ContractIndex(
        contract_ids=tuple(contract_id for contract_id, _ in read),
        dates=tuple(outline.date for outline in outlines),
        laws=tuple(outline.law for outline in outlines),
        types=tuple(outline.types for outline in outlines),
        vectors=_stacked(outlines),
        words=Postings.of([outline.words for outline in outlines]),
        opening=Postings.of([outline.opening for outline in outlines]),
        names=Postings.of([np.unique(name) for of in names for name in of]),
        name_rows=np.repeat(np.arange(len(names)), [len(of) for of in names]),
        ordinary=_union(outline.ordinary for outline in outlines),
    )


def _stacked(outlines: Sequence[Outline]) -> Vectors:
    return np.stack([outline.vector for outline in outlines]) if outlines else np.zeros((0, 0), np.float32)


def _union(parts: Iterable[Digests]) -> Digests:
    return np.unique(np.concatenate([np.zeros(0, dtype=np.uint32), *parts]))
