"""The definitions that a chunk needs to be understood: those of the defined terms it uses, the telling ones first."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.passage_notes import uses_term
from core.records import Chunk, DefinedTerm

LONGEST_DEFINITION = 400
"""Characters of one definition."""
_SENTENCE_END = re.compile(r"[.;:](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A defined term and its definition in whole sentences on one line."""

    term: str
    text: str


def definitions_of(
    chunks: Sequence[Chunk], terms: Sequence[DefinedTerm], text: str
) -> tuple[tuple[Definition, ...], ...]:
    """For each chunk the definitions of the terms that it uses and does not define itself.

    A term that few chunks of the contract use says more about them than one that stands everywhere, so the rarest
    comes first. A definition that stands within another one is left out.

    Args:
        chunks: all chunks of a contract.
        terms: its defined terms.
        text: of the contract.
    """
    used = [_used(chunk, terms) for chunk in chunks]
    spread = Counter(term.term for of_one in used for term in of_one)
    shortened = {term: Definition(term.term, whole_sentences(text[term.start : term.end])) for term in terms}
    return tuple(
        _distinct(
            [
                shortened[term]
                for term in sorted(of_one, key=lambda one: (spread[one.term], one.start))
                if not chunk.start <= term.start < chunk.end
            ]
        )
        for chunk, of_one in zip(chunks, used, strict=True)
    )


def whole_sentences(definition: str, longest: int = LONGEST_DEFINITION) -> str:
    """The sentences of ``definition`` that fit into so many characters; of one long sentence its whole words."""
    line = " ".join(definition.split())
    if len(line) <= longest:
        return line
    ends = [match.end() for match in _SENTENCE_END.finditer(line, 0, longest)]
    return line[: ends[-1]] if ends else line[:longest].rpartition(" ")[0]


def _used(chunk: Chunk, terms: Sequence[DefinedTerm]) -> list[DefinedTerm]:
    # The first definition of a term counts.
    first: dict[str, DefinedTerm] = {}
    for term in terms:
        first.setdefault(term.term, term)
    return [term for term in first.values() if uses_term(chunk.text, term.term)]


def _distinct(definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    kept: list[Definition] = []
    for one in definitions:
        if one.text and not any(one.text in other.text or other.text in one.text for other in kept):
            kept.append(one)
    return tuple(kept)
