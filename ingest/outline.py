"""The outline of a contract and of its sections, from what the catalogue has: nothing is encoded again."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePath

import numpy as np

from core.contract_types import find_types
from core.pipeline.hierarchy.outline import (
    Digests,
    Outline,
    Vectors,
    digests,
    encode_outline,
    unit_mean,
)
from core.pipeline.hierarchy.sections import Section, encode_sections
from core.pipeline.hierarchy.words import CONTRACT_WORDS, LEGAL_FORMS, ROLES, UNTOLD, fold, words_of
from core.records import Chunk, ChunkKind, Contract, DefinedTerm
from core.storage.annotations import Annotations
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.index_contract import Tools
from ingest.profile.governing_law import find_governing_law

OPENING = 3_000
FRONT_CHUNKS = 3
# Where no party was found, whatever has a capital near the beginning may be one.
UNKNOWN_PARTIES = 1_500
MOST_NAMES = 60
MOST_WORDS = 600
_CAPITAL = r"[A-Z0-9][\w&.'\u2019\-]*"
_CAPITAL_RUN = re.compile(rf"{_CAPITAL}(?:,?[ \n]+(?:(?:of|and|the|de|du|von|&)[ \n]+)?{_CAPITAL}){{0,7}}")
# Not the parts of addresses of mail and web.
_LOWER = re.compile(r"(?<![@./\w\u2019'-])[^\W\d_A-Z][^\W\d_]+(?![@\w]|\.\w)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\W]+")


def make_outline(contract: Contract, library: Library, tools: Tools) -> bytes:  # noqa: ARG001
    """The body of the fact ``outline``; empty of a contract without text."""
    chunks = library.catalogue.chunks_of(contract.contract_id)
    if not chunks:
        return b""
    text = library.catalogue.text(contract.contract_id)
    terms = Annotations(library.catalogue.database).of(contract.contract_id).terms
    return encode_outline(
        outline_of(contract, text, chunks, library.catalogue.vectors_of(contract.contract_id), terms)
    )


def make_sections(contract: Contract, library: Library, tools: Tools) -> bytes:  # noqa: ARG001
    """The body of the fact ``sections``; empty of a contract without text."""
    chunks = library.catalogue.chunks_of(contract.contract_id)
    if not chunks:
        return b""
    return encode_sections(sections_of(chunks, library.catalogue.vectors_of(contract.contract_id)))


def outline_of(
    contract: Contract, text: str, chunks: Sequence[Chunk], vectors: Vectors, terms: Sequence[DefinedTerm]
) -> Outline:
    """What a contract says about itself and what it is called, for the index of all contracts."""
    profile = contract.profile
    lower = {fold(word) for word in _LOWER.findall(text)}
    called = PurePath(contract.file_name).stem
    front = [chunk.chunk_id for chunk in chunks if chunk.kind is ChunkKind.FRONT] or [chunks[0].chunk_id]
    names = tuple(dict.fromkeys(_names(contract, text[:OPENING], terms, lower)))[:MOST_NAMES]
    return Outline(
        title=profile.title,
        date=profile.date,
        law=profile.governing_law,
        types=find_types(f"{profile.title} {profile.contract_type} {' '.join(_CAMEL.split(called))}"),
        front=tuple(front[:FRONT_CHUNKS]),
        law_chunks=tuple(chunk.chunk_id for chunk in chunks if find_governing_law(chunk.text))[:FRONT_CHUNKS],
        vector=unit_mean(vectors),
        words=_words(contract, text, chunks, terms, lower),
        opening=_unique(word.folded for word in words_of(text[:OPENING]) if word.capital),
        names=tuple(digests(name) for name in names),
        ordinary=_unique(
            {word for name in names for word in name if word in lower}
            | {fold(word) for word in _LOWER.findall(text[:OPENING])}
        ),
    )


def sections_of(chunks: Sequence[Chunk], vectors: Vectors) -> tuple[Section, ...]:
    """Consecutive chunks under the same heading at the top; what stands before the first heading is a section too."""
    rows = groupby(range(len(chunks)), key=lambda row: chunks[row].heading_path[:1])
    sections = []
    for path, group in rows:
        of = list(group)
        pages = [page for row in of for page in (chunks[row].page_start, chunks[row].page_end)]
        ids = tuple(chunks[row].chunk_id for row in of)
        heading = "".join(path)
        words = _unique(tokenize(heading))
        sections.append(Section(heading, min(pages), max(pages), ids, unit_mean(vectors[of]), words))
    return tuple(sections)


def _names(
    contract: Contract, opening: str, terms: Sequence[DefinedTerm], lower: set[str]
) -> Iterator[tuple[str, ...]]:
    """Whatever a reader may call the contract by, word by word."""
    profile = contract.profile
    companies = [run for run in _CAPITAL_RUN.findall(opening) if _is_company(run)]
    aliases = [term.term for term in terms if term.start < OPENING and fold(term.term) not in lower]
    guessed = [] if profile.parties else _CAPITAL_RUN.findall(opening[:UNKNOWN_PARTIES])
    for name in (*profile.parties, *companies):
        words = tuple(word.folded for word in words_of(name))
        if set(words) - ROLES - CONTRACT_WORDS:
            yield words
    for name in (*aliases, *guessed):
        words = tuple(word.folded for word in words_of(name))
        if set(words) - UNTOLD:
            yield words
    known = UNTOLD | lower
    # Of a title or a file name only what no other contract is likely to have.
    for title in (profile.title, *_CAMEL.split(PurePath(contract.file_name).stem)):
        for word in words_of(title):
            if word.folded.isalpha() and len(word.folded) > 3 and word.folded not in known:
                yield (word.folded,)


def _is_company(run: str) -> bool:
    return any(fold(word.strip(".,")).replace(".", "") in LEGAL_FORMS for word in run.split())


def _words(
    contract: Contract, text: str, chunks: Sequence[Chunk], terms: Sequence[DefinedTerm], lower: set[str]
) -> Digests:
    """Names, headings, defined terms, and the words that the text never writes in lower case."""
    profile = contract.profile
    said = [profile.title, *profile.parties, profile.contract_type, profile.governing_law, contract.file_name]
    said += [heading for chunk in chunks for heading in chunk.heading_path]
    said += [term.term for term in terms]
    proper = Counter(word.folded for word in words_of(text) if word.capital and word.folded not in lower)
    told = dict.fromkeys(tokenize("\n".join(dict.fromkeys(said))))
    told |= dict.fromkeys(tokenize(" ".join(word for word, _ in proper.most_common(MOST_WORDS))))
    return _unique(list(told)[:MOST_WORDS])


def _unique(words: Iterable[str]) -> Digests:
    return np.unique(digests(words))
