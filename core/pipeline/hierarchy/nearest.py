"""Which contracts and sections are nearest to a question: vectors and words of both, fused by rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.outline import VERSION, Vectors
from core.pipeline.hierarchy.postings import Postings, Rows
from core.pipeline.hierarchy.sections import SECTIONS, Section, decode_sections, read_numbers
from core.pipeline.tools import Shelf
from core.storage.tokens import tokenize

Scores = NDArray[np.float64]
# The usual constant of reciprocal rank fusion; here it orders places, not passages.
RRF_K = 60
SECTION_WEIGHT = 4.0
CLAUSE_WEIGHT = 4.0
# Clauses with the question's words that are looked at: enough for a few of each of a hundred contracts.
CLAUSES = 300


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a contract."""

    contract_id: str
    section: Section


def nearest_contracts(
    question: str,
    vector: Vectors,
    index: ContractIndex,
    within: Rows,
    limit: int,
    shortlist: int,
    shelf: Shelf,
) -> tuple[str, ...]:
    """The ids of the ``limit`` contracts of ``within`` that are nearest to the question, the nearest first.

    The contracts' own vectors and words, and the clauses that hold the question's words, choose a ``shortlist``; the
    best section of each decides with them. The keyword index is asked once: its cost is that of the rare words.
    """
    tokens = tokenize(question)
    dense = _reciprocal_ranks((index.vectors @ vector)[within])
    words = _reciprocal_ranks(index.words.scores(tokens)[within], positive=True)
    own = (
        dense
        + words
        + CLAUSE_WEIGHT * _reciprocal_ranks(_clauses(tokens, index, within, shelf), positive=True)
    )
    first = _best(own, shortlist)
    ids = [index.contract_ids[row] for row in within[first]]
    facts = shelf.facts(SECTIONS, VERSION, ids)
    near = _nearest_section([facts.get(one, b"") for one in ids], vector)
    chosen = _best(own[first] + SECTION_WEIGHT * _reciprocal_ranks(near), limit)
    return tuple(ids[at] for at in chosen)


def nearest_sections(
    question: str, vector: Vectors, contract_ids: Sequence[str], limit: int, shelf: Shelf
) -> tuple[Place, ...]:
    """The ``limit`` sections of these contracts nearest to the question, by vector and by the words of headings."""
    facts = shelf.facts(SECTIONS, VERSION, contract_ids)
    known = [one for one in contract_ids if facts.get(one)]
    numbers = read_numbers([facts[one] for one in known])
    if not known:
        return ()
    dense = _reciprocal_ranks(numbers.cosines(vector))
    headings = Postings.joined(numbers.words, numbers.lengths)
    words = _reciprocal_ranks(headings.scores(tokenize(question)), positive=True)
    begins = np.cumsum(numbers.counts) - numbers.counts
    places = []
    for at in _best(dense + words, limit).tolist():
        row = int(np.searchsorted(begins, at, "right")) - 1
        places.append(Place(known[row], decode_sections(facts[known[row]])[at - int(begins[row])]))
    return tuple(places)


def _clauses(tokens: list[str], index: ContractIndex, within: Rows, shelf: Shelf) -> Scores:
    """The best BM25 score of a clause of each contract of ``within``; 0 where none is among the best of all."""
    scope = None if len(within) == len(shelf.titles) else [index.contract_ids[row] for row in within]
    hits = shelf.bm25(tokens, CLAUSES, scope)
    chunks = shelf.chunks([hit.chunk_id for hit in hits])
    best = np.zeros(len(index))
    for hit in hits:
        row = index.rows.get(chunks[hit.chunk_id].contract_id) if hit.chunk_id in chunks else None
        if row is not None:
            best[row] = max(best[row], hit.score)
    found: Scores = best[within]
    return found


def _nearest_section(bodies: Sequence[bytes], vector: Vectors) -> Scores:
    """The cosine of the section nearest to ``vector`` in each of ``bodies``; -1 where there is none."""
    numbers = read_numbers(bodies)
    nearest = np.full(len(bodies), -1.0)
    filled = numbers.counts > 0
    if filled.any():
        begins = (np.cumsum(numbers.counts) - numbers.counts)[filled]
        nearest[filled] = np.maximum.reduceat(numbers.cosines(vector), begins)
    return nearest


def _reciprocal_ranks(scores: Scores | Vectors, *, positive: bool = False) -> Scores:
    """What each score's rank counts in the fusion, ties in the order given; a score of 0 nothing if ``positive``."""
    worth = np.empty(len(scores))
    worth[np.argsort(-scores, kind="stable")] = 1.0 / (RRF_K + 1.0 + np.arange(len(scores)))
    return np.where(scores > 0, worth, 0.0) if positive else worth


def _best(scores: Scores, limit: int) -> Rows:
    return np.argsort(-scores, kind="stable")[:limit]
