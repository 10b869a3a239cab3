"""One contract's part of the graph: sections, defined terms, cross-references, and the agreements it names."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.passage_notes import word_pattern
from core.pipeline.graph.records import ContractGraph, EdgeKind, Entry, Names, Outward, encode
from core.records import Chunk, Contract, DefinedTerm
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.clauses.lines import plain_signs
from ingest.clauses.tree import read_clauses
from ingest.index_contract import Tools
from ingest.terms.cross_references import find_cross_references, find_dangling_references
from ingest.terms.defined_terms import find_defined_terms
from ingest.terms.other_agreements import OtherAgreements, OutwardReference, find_other_agreements
from ingest.terms.places import read_places

LONGEST_NAME = 70
MOST_TERMS = 400
_ITEM = re.compile(r"^\(?\w{1,5}\)$|^[\d.]{1,9}$")

Triple = tuple[int, int, int]


def make_graph(contract: Contract, library: Library, tools: Tools) -> bytes:  # noqa: ARG001
    """The stored graph of a contract of the library (a derivation)."""
    pages = library.catalogue.pages(contract.contract_id)
    text = library.catalogue.text(contract.contract_id)
    chunks = library.catalogue.chunks_of(contract.contract_id)
    return encode(graph_of(contract, text, [page.start for page in pages], chunks))


def graph_of(
    contract: Contract, text: str, page_starts: Sequence[int], chunks: Sequence[Chunk]
) -> ContractGraph:
    """The graph of a contract.

    Args:
        contract: title, date and parties.
        text: of the contract; the chunks' offsets point into it.
        page_starts: offset of every page.
        chunks: in reading order.
    """
    plain = plain_signs(text)
    clauses = read_clauses(plain, page_starts)
    terms = find_defined_terms(plain, clauses)[:MOST_TERMS]
    places = read_places(plain, clauses)
    others = find_other_agreements(plain, contract.profile.title, terms)
    locate = _Locator(chunks)
    sections, edges = _sections(chunks)
    first_term = 1 + len(chunks) + len(sections)
    first_agreement = first_term + len(terms)
    edges += list(_term_edges(terms, chunks, first_term, locate))
    words: dict[str, str] = {}
    for reference in find_cross_references(plain, clauses, terms, places):
        begin, end = locate(reference.start), locate(reference.target)
        if begin is not None and end is not None and begin != end:
            edges.append((begin, end, EdgeKind.REFERS))
            words.setdefault(f"{begin}-{end}", _one_line(plain[reference.start : reference.end]))
    for number, offset in others.named:
        begin = locate(offset)
        if begin is not None:
            edges.append((begin, first_agreement + number, EdgeKind.NAMES))
    outward = _outward(plain, others, locate)
    if others.amends >= 0:
        dangling = find_dangling_references(plain, terms, places)
        meant = [OutwardReference(start, end, others.amends, label) for start, end, label in dangling]
        outward += _outward(plain, replace(others, references=tuple(meant)), locate)
    numbers = {
        name: node - 1 for name, start in places.numbers.items() if (node := locate(start)) is not None
    }
    entry = Entry(
        contract.profile.title,
        contract.profile.date,
        contract.profile.parties,
        len(chunks),
        len(sections),
        tuple(" ".join(tokenize(term.term)) for term in terms),
        others.agreements,
        outward,
        others.amends,
    )
    names = Names(
        tuple(name_of(chunk.heading_path) for chunk in chunks),
        tuple(name_of(path) for path in sections),
        tuple(_one_line(term.term) for term in terms),
        numbers,
        words,
    )
    unique = sorted(set(edges))
    return ContractGraph(
        entry,
        names,
        tuple(chunk.chunk_id for chunk in chunks),
        np.asarray(unique, dtype=np.int32).reshape(-1, 3),
    )


def _outward(text: str, others: OtherAgreements, locate: "_Locator") -> tuple[Outward, ...]:
    return tuple(
        Outward(begin - 1, one.agreement, one.label, _one_line(text[one.start : one.end]))
        for one in others.references
        if (begin := locate(one.start)) is not None
    )


def name_of(path: Sequence[str]) -> str:
    """A short name of a heading path: its last heading, with the one above it where that says too little alone."""
    if not path:
        return "the opening words"
    first = len(path) - 1
    while first > 0 and all(_ITEM.match(name) for name in path[first:]):
        first -= 1
    return _one_line(" \u203a ".join(path[first:]))


class _Locator:
    """The node of the chunk in which an offset of the text lies, None between chunks that are far apart."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._starts = [chunk.start for chunk in chunks]

    def __call__(self, offset: int) -> int | None:
        at = bisect_right(self._starts, offset) - 1
        if at < 0 or offset >= self._chunks[at].end:
            return None
        return at + 1


def _sections(chunks: Sequence[Chunk]) -> tuple[list[tuple[str, ...]], list[Triple]]:
    """Every heading path that holds chunks, and what it holds: chunks, and the sections below it."""
    numbers: dict[tuple[str, ...], int] = {}
    edges: list[Triple] = []
    first = 1 + len(chunks)

    def node(path: tuple[str, ...]) -> int:
        if path not in numbers:
            numbers[path] = len(numbers)
            parent = node(path[:-1]) if len(path) > 1 else 0
            edges.append((parent, first + numbers[path], EdgeKind.CONTAINS))
        return first + numbers[path]

    for position, chunk in enumerate(chunks, start=1):
        parent = node(chunk.heading_path) if chunk.heading_path else 0
        edges.append((parent, position, EdgeKind.CONTAINS))
    return list(numbers), edges


def _term_edges(
    terms: Sequence[DefinedTerm], chunks: Sequence[Chunk], first: int, locate: _Locator
) -> Iterator[Triple]:
    """Where each term is defined, and which chunks use it; a longer term hides a shorter one inside it."""
    nodes = {" ".join(term.term.split()): first + number for number, term in enumerate(terms)}
    defined = {(first + number, place) for number, term in enumerate(terms) if (place := locate(term.start))}
    for node, place in sorted(defined):
        yield node, place, EdgeKind.DEFINED_IN
    pattern = word_pattern(list(nodes))
    if pattern is None:
        return
    for position, chunk in enumerate(chunks, start=1):
        for match in pattern.finditer(chunk.text):
            node = nodes[" ".join(match.group().split())]
            if (node, position) not in defined:
                yield position, node, EdgeKind.USES


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1].rstrip()}\u2026"
