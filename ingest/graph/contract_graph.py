"""One contract's part of the graph: sections, defined terms, cross-references, the agreements it names, and facts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.pipeline.graph.records import ContractGraph, EdgeKind, Entry, Names, Outward, encode
from core.records import Chunk, Contract, DefinedTerm
from core.storage.library import Library
from core.storage.tokens import tokenize
from ingest.clauses.lines import plain_signs
from ingest.clauses.records import Clause
from ingest.clauses.tree import read_clauses
from ingest.graph.edges import (
    Locate,
    Triple,
    fact_edges,
    locator,
    name_of,
    one_line,
    section_edges,
    term_edges,
)
from ingest.graph.model_facts import Fact, facts_of
from ingest.index_contract import Tools
from ingest.terms.cross_references import find_cross_references, find_dangling_references
from ingest.terms.defined_terms import find_defined_terms
from ingest.terms.other_agreements import OtherAgreements, OutwardReference, find_other_agreements
from ingest.terms.places import Places, read_places

MOST_TERMS = 400


def make_graph(contract: Contract, library: Library, tools: Tools) -> bytes:  # noqa: ARG001
    """The stored graph of a contract of the library (a derivation)."""
    pages = library.catalogue.pages(contract.contract_id)
    text = library.catalogue.text(contract.contract_id)
    chunks = library.catalogue.chunks_of(contract.contract_id)
    facts = facts_of(contract, library, chunks)
    return encode(graph_of(contract, text, [page.start for page in pages], chunks, facts))


def graph_of(
    contract: Contract,
    text: str,
    page_starts: Sequence[int],
    chunks: Sequence[Chunk],
    facts: Sequence[Iterable[Fact]] = (),
) -> ContractGraph:
    """The graph of a contract.

    Args:
        contract: title, date and parties.
        text: of the contract; the chunks' offsets point into it.
        page_starts: offset of every page.
        chunks: in reading order.
        facts: of each chunk, where a model has read some.
    """
    plain = plain_signs(text)
    clauses = read_clauses(plain, page_starts)
    terms = find_defined_terms(plain, clauses)[:MOST_TERMS]
    places = read_places(plain, clauses)
    others = _others(plain, contract, terms, places)
    locate = locator(chunks)
    sections, contained = section_edges(chunks)
    first_term = 1 + len(chunks) + len(sections)
    things = {" ".join(tokenize(term.term)): number for number, term in enumerate(terms)}
    labels = [f"defined term {one_line(term.term)}" for term in terms]
    keys = [" ".join(tokenize(term.term)) for term in terms]
    stated, relations = fact_edges(facts, things, labels, first_term)
    keys += list(things)[len(dict.fromkeys(keys)) :]
    referring, words = _reference_edges(plain, clauses, terms, places, locate)
    naming = [
        (begin, first_term + len(labels) + number, EdgeKind.NAMES)
        for number, offset in others.named
        if (begin := locate(offset)) is not None
    ]
    edges = {*contained, *term_edges(terms, chunks, first_term, locate), *stated, *referring, *naming}
    outward = tuple(
        Outward(begin - 1, one.agreement, one.label, one_line(plain[one.start : one.end]))
        for one in others.references
        if (begin := locate(one.start)) is not None
    )
    profile = contract.profile
    return ContractGraph(
        Entry(
            profile.title,
            profile.date,
            profile.parties,
            len(chunks),
            len(sections),
            tuple(keys),
            others.agreements,
            outward,
            others.amends,
        ),
        Names(
            tuple(name_of(chunk.heading_path) for chunk in chunks),
            tuple(name_of(path) for path in sections),
            tuple(labels),
            {name: at - 1 for name, start in places.numbers.items() if (at := locate(start)) is not None},
            words | relations,
        ),
        tuple(chunk.chunk_id for chunk in chunks),
        np.asarray(sorted(edges), dtype=np.int32).reshape(-1, 3),
    )


def _others(text: str, contract: Contract, terms: Sequence[DefinedTerm], places: Places) -> OtherAgreements:
    """The agreements that it names; what an amendment refers to and does not hold is a clause of what it amends."""
    others = find_other_agreements(text, contract.profile.title, terms)
    if others.amends < 0:
        return others
    meant = tuple(
        OutwardReference(start, end, others.amends, label)
        for start, end, label in find_dangling_references(text, terms, places)
    )
    return replace(others, references=(*others.references, *meant))


def _reference_edges(
    text: str,
    clauses: Sequence[Clause],
    terms: Sequence[DefinedTerm],
    places: Places,
    locate: Locate,
) -> tuple[list[Triple], dict[str, str]]:
    """Which chunk refers to which, and the words of each reference by both nodes."""
    edges: list[Triple] = []
    words: dict[str, str] = {}
    for reference in find_cross_references(text, clauses, terms, places):
        begin, end = locate(reference.start), locate(reference.target)
        if begin is not None and end is not None and begin != end:
            edges.append((begin, end, EdgeKind.REFERS))
            words.setdefault(f"{begin}-{end}", one_line(text[reference.start : reference.end]))
    return edges, words
