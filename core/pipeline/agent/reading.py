"""The contracts as the loop walks through them: sections, cross-references and defined terms, as chunks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from core.passage_notes import chunk_at, uses_term
from core.pipeline.tools import Shelf
from core.records import Chunk, DefinedTerm
from core.storage.annotations import ContractNotes

LONGEST_WORDS: Final = 60


@dataclass(frozen=True, slots=True)
class Link:
    """Where a passage leads: the words that lead there (a reference, or the name of a defined term) and the chunk."""

    words: str
    chunk: Chunk
    defines: bool = False

    @property
    def said(self) -> str:
        """The link as a step of a path, such as ``refers to Schedule 3``."""
        return f"uses the term {self.words}" if self.defines else f"refers to {self.words}"


@dataclass
class Reading:
    """What one question has read of the contracts; every contract is fetched once."""

    shelf: Shelf
    _chunks: dict[str, tuple[Chunk, ...]] = field(default_factory=dict)
    _notes: dict[str, ContractNotes] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def chunks(self, contract_id: str) -> tuple[Chunk, ...]:
        """The chunks of a contract in reading order."""
        if contract_id not in self._chunks:
            self._chunks[contract_id] = self.shelf.chunks_of(contract_id)
        return self._chunks[contract_id]

    def notes(self, contract_id: str) -> ContractNotes:
        """Defined terms and cross-references of a contract."""
        if contract_id not in self._notes:
            self._notes[contract_id] = self.shelf.notes(contract_id)
        return self._notes[contract_id]

    def at(self, contract_id: str, offset: int) -> Chunk | None:
        """The chunk that holds a character of the contract's text."""
        return chunk_at(offset, self.chunks(contract_id))

    def links(self, chunk: Chunk) -> Iterator[Link]:
        """Where a passage leads, references first, each chunk once and never the passage itself."""
        seen = {chunk.chunk_id}
        for link in (*self.references(chunk), *self.definitions(chunk)):
            if link.chunk.chunk_id not in seen:
                seen.add(link.chunk.chunk_id)
                yield link

    def references(self, chunk: Chunk) -> Iterator[Link]:
        """The cross-references that stand in a passage."""
        for reference in self.notes(chunk.contract_id).references:
            if chunk.start <= reference.start and reference.end <= chunk.end:
                target = self.at(chunk.contract_id, reference.target)
                if target is not None:
                    yield Link(self._words(chunk.contract_id, reference.start, reference.end), target)

    def definitions(self, chunk: Chunk) -> Iterator[Link]:
        """The definitions of the defined terms that a passage uses and does not itself define."""
        for term in self.notes(chunk.contract_id).terms:
            if not chunk.start <= term.start < chunk.end and uses_term(chunk.text, term.term):
                target = self.at(chunk.contract_id, term.start)
                if target is not None:
                    yield Link(term.term, target, defines=True)

    def referred_to(self, contract_id: str, words: str) -> tuple[Chunk, ...]:
        """The chunk to which the reference leads that is written so somewhere in a contract; empty where none is."""
        wanted = " ".join(words.split()).casefold()
        for reference in self.notes(contract_id).references:
            if self._words(contract_id, reference.start, reference.end).casefold() == wanted:
                target = self.at(contract_id, reference.target)
                return () if target is None else (target,)
        return ()

    def term(self, contract_id: str, name: str) -> DefinedTerm | None:
        """The defined term of this name, case not counting."""
        wanted = " ".join(name.split()).casefold()
        return next((one for one in self.notes(contract_id).terms if one.term.casefold() == wanted), None)

    def section(self, contract_id: str, label: str) -> tuple[Chunk, ...]:
        """The chunks under the headings that begin with ``label``, such as ``14.2`` or ``Schedule 3``."""
        wanted = re.sub(r"^(?:section|clause|article|paragraph)\s+", "", " ".join(label.split()), flags=re.I)
        pattern = re.compile(rf"{re.escape(wanted)}(?![\w(])(?!\.\d)", re.IGNORECASE)
        return tuple(
            chunk
            for chunk in self.chunks(contract_id)
            if wanted and any(pattern.match(_unnumbered(heading)) for heading in chunk.heading_path)
        )

    def _words(self, contract_id: str, start: int, end: int) -> str:
        if contract_id not in self._texts:
            self._texts[contract_id] = self.shelf.text(contract_id)
        return " ".join(self._texts[contract_id][start:end].split())[:LONGEST_WORDS]


def place_of(chunk: Chunk) -> str:
    """How the place of a passage is called: its last heading, or its page."""
    return chunk.heading_path[-1][:LONGEST_WORDS] if chunk.heading_path else f"page {chunk.page_start}"


def _unnumbered(heading: str) -> str:
    return re.sub(r"^(?:section|clause|article|paragraph)\s+", "", heading.strip(), flags=re.IGNORECASE)
