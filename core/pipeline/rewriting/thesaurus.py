"""Other words for the phrases of a question, from a legal thesaurus written for Proviso (``thesaurus.toml``)."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import Final

from core.pipeline.rewriting.data_file import Table, damaged, read_tables, text_of, texts_of
from core.pipeline.rewriting.words import is_name, key_of, one_phrase, words_of
from core.storage.tokens import tokenize

FILE: Final = "thesaurus.toml"
_GROUP, _FIELDS = "group", frozenset({"terms", "kind"})
# Terms that read as a question are there to be recognised; no contract says them.
_ASKING: Final = re.compile(r"(?:who|what|which|how|when|where|can|does|is|must) ")
# The terms of a group are in the order of their use; further down they explain more than they name.
_MOST_OF_A_PHRASE: Final = 2
_CONSONANT_Y: Final = re.compile(r"[^aeiou]y$")
_ARTICLE: Final = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)


class Kind(StrEnum):
    """Whether the terms of a group say the same, or what is close to it."""

    SYNONYM = "synonym"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that may stand for one another, the most usual first."""

    terms: tuple[str, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase of the question that the thesaurus knows by ``key``: ``question[start:end]`` for each of ``places``."""

    key: tuple[str, ...]
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reworded:
    """The question with ``phrase`` replaced by ``instead``."""

    text: str
    phrase: str
    instead: str
    kind: Kind


@dataclass(frozen=True)
class Thesaurus:
    """Groups of terms, searched by the words of a question."""

    groups: tuple[Group, ...]

    def reworded(self, question: str, most: int) -> tuple[Reworded, ...]:
        """At most ``most`` wordings of ``question``, each with one phrase replaced.

        Synonyms come before related terms, and every phrase has its turn before one has its second.
        """
        matches = self.matches(question)
        found: dict[tuple[str, ...], Reworded] = {}
        for kind in Kind:
            columns = [self._instead_of(question, match, kind) for match in matches]
            for one in filter(None, itertools.chain.from_iterable(itertools.zip_longest(*columns))):
                found.setdefault(tuple(tokenize(one.text)), one)
        return tuple(found.values())[:most]

    def matches(self, question: str) -> tuple[Match, ...]:
        """The known phrases of ``question``, in its order: of those that overlap the longest, then the first.

        A phrase that begins with a capital letter in mid-sentence is a name and no match, abbreviations apart.
        """
        words = words_of(question)
        taken: set[int] = set()
        places: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for length in range(min(self._longest, len(words)), 0, -1):
            for first in range(len(words) - length + 1):
                phrase = words[first : first + length]
                key = key_of(phrase)
                if key not in self._places or taken.intersection(range(first, first + length)):
                    continue
                if one_phrase(question, phrase) and not is_name(question, phrase[0]):
                    taken.update(range(first, first + length))
                    places.setdefault(key, []).append((phrase[0].start, phrase[-1].end))
        matches = (Match(key, tuple(at)) for key, at in places.items())
        return tuple(sorted(matches, key=lambda match: match.places))

    @cached_property
    def _places(self) -> dict[tuple[str, ...], tuple[int, ...]]:
        """The groups of each term."""
        places: dict[tuple[str, ...], tuple[int, ...]] = {}
        for number, group in enumerate(self.groups):
            for key in dict.fromkeys(_key(term) for term in group.terms):
                places[key] = (*places.get(key, ()), number)
        return places

    @cached_property
    def _longest(self) -> int:
        return max(len(key) for key in self._places)

    def _instead_of(self, question: str, match: Match, kind: Kind) -> Iterator[Reworded]:
        """The question with each other term of this kind in the place of ``match``."""
        phrase = question[slice(*match.places[0])]
        # What the index cannot tell from the phrase would find the same again.
        known = {tuple(tokenize(phrase))}
        for number in self._places[match.key]:
            group = self.groups[number]
            for term in group.terms if group.kind is kind else ():
                tokens = tuple(tokenize(term))
                if tokens in known or _ASKING.match(term):
                    continue
                known.add(tokens)
                yield Reworded(_replaced(question, match, term), phrase, term, kind)
                if len(known) > _MOST_OF_A_PHRASE:
                    return


def parse_thesaurus(tables: Sequence[Table]) -> Thesaurus:
    """The thesaurus that ``tables`` describe.

    Raises:
        DamagedData: a group has an unknown kind or fewer than two terms, or a term is no text in lower case.
    """
    return Thesaurus(tuple(_group(number, table) for number, table in enumerate(tables, start=1)))


@cache
def shipped_thesaurus() -> Thesaurus:
    """The thesaurus that comes with Proviso; read once a process.

    Raises:
        DamagedData: its file is not as it was shipped.
    """
    return parse_thesaurus(read_tables(FILE, _GROUP, _FIELDS))


def _group(number: int, table: Table) -> Group:
    where = f"group {number}"
    kinds = {kind.value: kind for kind in Kind}
    kind = text_of(FILE, table["kind"], where)
    if kind not in kinds:
        raise damaged(FILE, f"{where} is of the kind {kind!r}, not {' or '.join(kinds)}")
    terms = texts_of(FILE, table["terms"], where, least=2)
    for term in terms:
        if term != term.lower() or not _key(term):
            raise damaged(FILE, f"{where} holds {term!r}, which is no term in lower case")
    return Group(terms, kinds[kind])


def _key(term: str) -> tuple[str, ...]:
    words = words_of(term)
    return key_of(words) if words else ()


def _replaced(question: str, match: Match, term: str) -> str:
    for start, end in reversed(match.places):
        before, phrase, after = question[:start], question[start:end], question[end:]
        fitted = _fitted(term, phrase, begins=not before.strip())
        question = _ARTICLE.sub(lambda found: _article(found, term), before) + fitted + after
    return question


def _fitted(term: str, phrase: str, *, begins: bool) -> str:
    """``term`` in the number of ``phrase``, with its capital letter where the question begins with it."""
    if phrase.endswith("s") and term.isalpha() and not term.endswith("s"):
        term = f"{term[:-1]}ies" if _CONSONANT_Y.search(term) else f"{term}s"
    return term[0].upper() + term[1:] if begins and phrase[0].isupper() else term


def _article(found: re.Match[str], term: str) -> str:
    article = found[1][0] + ("n" if term[0] in "aeiou" else "")
    return article + found[2]
