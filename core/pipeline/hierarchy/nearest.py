"""Which contracts and sections are nearest to a question: vectors and words of both, fused by rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.fuse import reciprocal_rank_fusion
from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.outline import SECTIONS, VERSION, Section, Vectors, decode_sections, digests
from core.pipeline.hierarchy.postings import Postings, Rows
from core.pipeline.tools import Shelf
from core.records import Hit
from core.storage.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Place:
    """A section of a contract."""

    contract_id: str
    section: Section


def read_sections(shelf: Shelf, contract_ids: Sequence[str]) -> Mapping[str, tuple[Section, ...]]:
    """The sections of these contracts, by contract id; those that have none yet are left out."""
    facts = shelf.facts(SECTIONS, VERSION, contract_ids)
    return {
        contract_id: decode_sections(facts[contract_id])
        for contract_id in contract_ids
        if contract_id in facts
    }


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

    The contracts' own vectors and words choose a ``shortlist``; the sections of those decide.
    """
    dense = _ranked(within, index.vectors[within] @ vector)
    words = _ranked(within, index.words.scores(tokenize(question))[within], positive=True)
    first = [int(hit.chunk_id) for hit in reciprocal_rank_fusion([dense, words])[:shortlist]]
    ids = [index.contract_ids[row] for row in first]
    read = read_sections(shelf, ids)
    best = [
        max((float(one.vector @ vector) for one in read.get(contract_id, ())), default=-1.0)
        for contract_id in ids
    ]
    sections = _ranked(np.asarray(first, dtype=np.int64), np.asarray(best, dtype=np.float64))
    fused = reciprocal_rank_fusion(
        [_only(dense, first), _only(words, first), sections], weights=[1.0, 1.0, 2.0]
    )
    return tuple(index.contract_ids[int(hit.chunk_id)] for hit in fused[:limit])


def nearest_sections(
    question: str, vector: Vectors, sections: Mapping[str, Sequence[Section]], limit: int
) -> tuple[Place, ...]:
    """The ``limit`` sections nearest to the question by vector and by the words of their headings."""
    places = [Place(contract_id, one) for contract_id, some in sections.items() for one in some]
    if not places:
        return ()
    rows = np.arange(len(places))
    dense = _ranked(rows, np.stack([place.section.vector for place in places]) @ vector)
    headings = Postings.of([_digests(place.section.heading) for place in places])
    words = _ranked(rows, headings.scores(tokenize(question)), positive=True)
    return tuple(places[int(hit.chunk_id)] for hit in reciprocal_rank_fusion([dense, words])[:limit])


def _digests(heading: str) -> NDArray[np.uint32]:
    return np.unique(digests(tokenize(heading)))


def _ranked(rows: Rows, scores: NDArray[np.float64] | Vectors, *, positive: bool = False) -> tuple[Hit, ...]:
    """``rows`` by falling score, ties by row; the fusion knows them by their number."""
    order = np.lexsort((rows, -scores)).tolist()
    chosen = [at for at in order if scores[at] > 0] if positive else order
    return tuple(Hit(str(rows[at]), rank, float(scores[at])) for rank, at in enumerate(chosen, start=1))


def _only(hits: Sequence[Hit], rows: Sequence[int]) -> tuple[Hit, ...]:
    wanted = {str(row) for row in rows}
    return tuple(hit for hit in hits if hit.chunk_id in wanted)
