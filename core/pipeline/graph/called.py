"""What contracts are called in a question: by the words of a party's name or of a title."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.pipeline.graph.records import Entry
from core.storage.tokens import tokenize

# Words that many names hold and that name nobody.
_COMMON = frozenset(
    tokenize(
        "limited plc inc llc ltd company corporation group holdings services international global agreement the"
        " and bank trust capital partners systems technology technologies solutions mutual insurance first national"
        " united american master office industries energy media health"
    )
)
_NO_TITLE = frozenset(tokenize("agreement"))
SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True)
class Called:
    """Contracts by name: parties by the first words of their names, titles by all of theirs.

    Args:
        by_party: the names that begin with this stem.
        by_title: a title by its stems.
        contracts: the contracts of each name and of each title.
    """

    by_party: Mapping[str, Sequence[str]]
    by_title: Mapping[frozenset[str], str]
    contracts: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Called":
        """The names of these contracts, which are numbered in their order."""
        contracts: dict[str, list[int]] = {}
        titles: set[str] = set()
        for number, entry in enumerate(entries):
            for name in (*entry.parties, entry.title):
                contracts.setdefault(name, []).append(number)
            titles.add(entry.title)
        by_party: dict[str, list[str]] = {}
        for name in set(contracts) - titles:
            for stem in tokenize(name)[:2]:
                if len(stem) >= SHORTEST_WORD and stem not in _COMMON:
                    by_party.setdefault(stem, []).append(name)
        by_title = {frozenset(tokenize(title)) - _NO_TITLE: title for title in sorted(titles)}
        return cls(by_party, by_title, contracts)

    def by(self, stems: Collection[str]) -> dict[str, Sequence[int]]:
        """The names that words with these stems call, each with its contracts, in the order of the alphabet."""
        wanted = set(stems)
        names = {name for stem in wanted for name in self.by_party.get(stem, ())}
        names |= {title for words, title in self.by_title.items() if len(words) > 1 and words <= wanted}
        return {name: self.contracts[name] for name in sorted(names)}
