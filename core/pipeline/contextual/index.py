"""Everything contextual of a library, ready to be searched: one matrix of vectors and one keyword index.

Exact: every vector in scope is compared. It grows and shrinks by contracts; what has not changed stays as it is.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.pipeline.contextual.fact import KIND, VERSION, decode_fact
from core.pipeline.tools import Shelf
from core.records import Hit
from core.storage.derived import Facts, Growing
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument

# Rows that are turned into single precision at once: they stay in the processor's cache.
BLOCK = 512
# Chunks whose words are counted at once; as Python's lists they take fifteen times the memory of the index.
BATCH = 5_000
Half = NDArray[np.float16]


@dataclass(frozen=True)
class ContextIndex:
    """The chunks of all contracts that have a contextual fact.

    Args:
        chunk_ids: of every row, contract by contract.
        vectors: float16 of shape (rows, dimension).
        rows: first row and the row after the last of each contract, by id.
        keywords: BM25 over the contextual tokens of the same chunks.
    """

    chunk_ids: tuple[str, ...]
    vectors: Half
    rows: Mapping[str, tuple[int, int]]
    keywords: KeywordIndex

    def nearest(
        self, vector: NDArray[np.float32], limit: int, contract_ids: Collection[str]
    ) -> tuple[Hit, ...]:
        """The ``limit`` chunks of these contracts nearest to a unit vector, ties broken by chunk id."""
        ranges = _joined(sorted(self.rows[one] for one in contract_ids if one in self.rows))
        if not ranges:
            return ()
        scores = np.concatenate([self._scores(vector, begin, end) for begin, end in ranges])
        numbers = np.concatenate([np.arange(begin, end) for begin, end in ranges])
        if limit < len(scores):
            # All that tie with the last one come along, so that the order below decides.
            least = np.partition(scores, -limit)[-limit]
            best = np.flatnonzero(scores >= least)
            scores, numbers = scores[best], numbers[best]
        found = sorted(
            (-score, self.chunk_ids[number])
            for score, number in zip(scores.tolist(), numbers.tolist(), strict=True)
        )
        return tuple(Hit(one, rank, -score) for rank, (score, one) in enumerate(found[:limit], start=1))

    def best(self, tokens: list[str], limit: int, contract_ids: Collection[str]) -> tuple[Hit, ...]:
        """The ``limit`` chunks of these contracts with the best BM25 scores over their contextual tokens."""
        wanted = (
            None
            if len(contract_ids) >= len(self.rows) and self.rows.keys() <= set(contract_ids)
            else contract_ids
        )
        return self.keywords.search(tokens, limit, wanted)

    def _scores(self, vector: NDArray[np.float32], begin: int, end: int) -> NDArray[np.float32]:
        blocks = [
            self.vectors[first : min(first + BLOCK, end)].astype(np.float32) @ vector
            for first in range(begin, end, BLOCK)
        ]
        return np.concatenate(blocks)


EMPTY = ContextIndex((), np.zeros((0, 0), dtype=np.float16), {}, KeywordIndex.build([]))


def change(index: ContextIndex, gone: Collection[str], facts: Facts) -> ContextIndex:
    """An index without the contracts ``gone`` and with those of ``facts``."""
    gone = frozenset(gone)
    left = {one: span for one, span in index.rows.items() if one not in gone}
    spans = _joined(sorted(left.values()))
    blocks: list[Half] = [index.vectors[begin:end] for begin, end in spans]
    ids = [index.chunk_ids[begin:end] for begin, end in spans]
    rows: dict[str, tuple[int, int]] = {}
    row = 0
    for one, (begin, end) in sorted(left.items(), key=lambda item: item[1]):
        rows[one] = (row, row + end - begin)
        row += end - begin
    keywords = index.keywords.remove_all(gone)
    documents: list[KeywordDocument] = []
    for contract_id, body in facts:
        fact = decode_fact(body)
        if fact is None:
            continue
        rows[contract_id] = (row, row + len(fact.chunk_ids))
        row += len(fact.chunk_ids)
        if fact.chunk_ids:
            blocks.append(fact.vectors)
            ids.append(fact.chunk_ids)
        documents += [
            KeywordDocument(chunk_id, contract_id, tokens)
            for chunk_id, tokens in zip(fact.chunk_ids, fact.tokens, strict=True)
        ]
        if len(documents) >= BATCH:
            keywords, documents = keywords.add(documents).merge(), []
    vectors: Half = np.concatenate(blocks) if blocks else EMPTY.vectors
    keywords = keywords.add(documents).merge() if documents else keywords
    return ContextIndex(tuple(itertools.chain.from_iterable(ids)), vectors, rows, keywords)


GROWING: Growing[ContextIndex] = Growing(EMPTY, change)


def context_index(shelf: Shelf) -> ContextIndex:
    """The contextual index of a shelf; remembered, and changed by what has changed since."""
    return shelf.all_facts(KIND, VERSION, GROWING)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring spans as one; empty ones are left out."""
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        elif begin < end:
            joined.append((begin, end))
    return joined
