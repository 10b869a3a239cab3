"""What a reader may want explained in a passage: defined terms it uses, and where its references lead."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.records import Chunk
from core.storage.annotations import ContractNotes

LONGEST_SHOWN = 320


@dataclass(frozen=True, slots=True)
class TermNote:
    """A defined term with its definition on one line, shortened; ``place`` is the heading it stands under."""

    term: str
    definition: str
    place: str


@dataclass(frozen=True, slots=True)
class ReferenceNote:
    """A reference as written in the passage, and the chunk in which the clause it names begins."""

    words: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class PassageNotes:
    """The notes of one passage: terms it uses and does not define itself, and references that lead elsewhere."""

    terms: tuple[TermNote, ...] = ()
    references: tuple[ReferenceNote, ...] = ()


def passage_notes(chunk: Chunk, notes: ContractNotes, text: str, chunks: Sequence[Chunk]) -> PassageNotes:
    """The notes of ``chunk``.

    Args:
        chunk: the passage.
        notes: of its contract.
        text: of its contract.
        chunks: all chunks of its contract in reading order.
    """
    terms = tuple(
        TermNote(term.term, _one_line(text[term.start : term.end]), _place(term.start, chunks))
        for term in notes.terms
        if not chunk.start <= term.start < chunk.end and uses_term(chunk.text, term.term)
    )
    references: dict[str, ReferenceNote] = {}
    for reference in notes.references:
        target = chunk_at(reference.target, chunks)
        if chunk.start <= reference.start and reference.end <= chunk.end and target is not None:
            words = text[reference.start : reference.end]
            if target.chunk_id != chunk.chunk_id:
                references.setdefault(words, ReferenceNote(words, target))
    return PassageNotes(terms, tuple(references.values()))


def word_pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Finds any of ``words`` as whole words, the longest first, white space as it comes; None for no words."""
    if not words:
        return None
    parts = [r"\s+".join(map(re.escape, word.split())) for word in sorted(words, key=len, reverse=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


def uses_term(text: str, term: str) -> bool:
    """Whether ``term`` stands in ``text`` as whole words."""
    # Looking for a word is quick, compiling a pattern is not.
    if not term.split() or term.split()[0] not in text:
        return False
    pattern = word_pattern([term])
    return pattern is not None and pattern.search(text) is not None


def chunk_at(offset: int, chunks: Sequence[Chunk]) -> Chunk | None:
    """The chunk that holds a character of its contract's text; ``chunks`` are in reading order."""
    at = bisect_right(chunks, offset, key=lambda chunk: chunk.start) - 1
    return chunks[at] if at >= 0 and offset < chunks[at].end else None


def by_words(notes: PassageNotes) -> Mapping[str, TermNote | ReferenceNote]:
    """The notes by the words they belong to, white space as one space."""
    pairs: dict[str, TermNote | ReferenceNote] = {note.term: note for note in notes.terms}
    pairs.update({" ".join(note.words.split()): note for note in notes.references})
    return pairs


def _place(offset: int, chunks: Sequence[Chunk]) -> str:
    chunk = chunk_at(offset, chunks)
    return chunk.heading_path[-1] if chunk is not None and chunk.heading_path else ""


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1].rstrip()}\u2026"
