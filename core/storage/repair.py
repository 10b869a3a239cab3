"""Both indexes against the catalogue, which is the truth: how they differ, and how they are put right."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.records import Chunk
from core.storage.catalogue import Catalogue
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument
from core.storage.tokens import tokenize
from core.storage.vector_index import StoredPoint, VectorIndex

# Qdrant normalises vectors in single precision; a flipped bit that matters changes more.
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Differences:
    """Chunk ids by which an index differs from the catalogue, and contract ids that are concerned.

    ``missing`` are in the catalogue alone, ``stray`` in the index alone, ``changed`` in both with other contents.
    """

    missing: frozenset[str] = frozenset()
    stray: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.missing) + len(self.stray) + len(self.changed)

    def __str__(self) -> str:
        parts = (("missing", self.missing), ("too many", self.stray), ("changed", self.changed))
        return ", ".join(f"{len(ids)} {name}" for name, ids in parts if ids) or "in step with the catalogue"


def compare_vectors(
    catalogue: Catalogue, vectors: VectorIndex, fingerprint: str, *, contents: bool
) -> Differences:
    """How the vector store differs from the catalogue; ``contents`` compares every vector, not only the ids.

    Raises:
        StoreUnavailable: the store cannot be read.
    """
    wanted = dict(catalogue.chunk_contracts(fingerprint))
    stored: set[str] = set()
    changed: set[str] = set()
    if contents:
        for page in vectors.points():
            expected = catalogue.vectors([point.chunk_id for point in page])
            stored.update(point.chunk_id for point in page)
            changed.update(point.chunk_id for point in page if not _same(point, expected))
    else:
        stored = vectors.chunk_ids()
    missing = frozenset(wanted.keys() - stored)
    changed &= wanted.keys()
    return Differences(
        missing,
        frozenset(stored - wanted.keys()),
        frozenset(changed),
        frozenset(wanted[chunk_id] for chunk_id in missing | changed),
    )


def repair_vectors(catalogue: Catalogue, vectors: VectorIndex, fingerprint: str) -> str:
    """Bring the vector store in step with the catalogue; returns what was wrong, empty when nothing was.

    Contents are compared where the store keeps no checksums of them; a collection is made anew when it is of
    another dimension than the catalogue's vectors.

    Raises:
        StoreUnavailable: the store cannot be read or written.
        StorageFull: there is no room.
    """
    any_contract = next((contract_id for _, contract_id in catalogue.chunk_contracts(fingerprint)), "")
    if any_contract:
        vectors.prepare(catalogue.vectors_of(any_contract).shape[1])
    found = compare_vectors(catalogue, vectors, fingerprint, contents=not vectors.keeps_checksums)
    if not found:
        return ""
    vectors.discard(sorted(found.stray | found.changed))
    for contract_id in sorted(found.contracts):
        chunks = catalogue.chunks_of(contract_id)
        vectors.upsert(contract_id, [chunk.chunk_id for chunk in chunks], catalogue.vectors_of(contract_id))
    # A collection that was created again may come back with vectors of old.
    vectors.discard(sorted(vectors.chunk_ids() - dict(catalogue.chunk_contracts(fingerprint)).keys()))
    return f"The vector store was put right from the catalogue ({found})."


def compare_keywords(catalogue: Catalogue, keywords: KeywordIndex, fingerprint: str) -> Differences:
    """How the keyword index differs from the catalogue."""
    wanted = dict(catalogue.chunk_contracts(fingerprint))
    present = dict(zip(keywords.chunk_ids, keywords.contract_ids, strict=True))
    changed = frozenset(one for one in wanted.keys() & present.keys() if wanted[one] != present[one])
    missing = frozenset(wanted.keys() - present.keys())
    stray = frozenset(present.keys() - wanted.keys())
    contracts = {wanted[one] for one in missing | changed} | {present[one] for one in stray | changed}
    return Differences(missing, stray, changed, frozenset(contracts))


def repair_keywords(
    catalogue: Catalogue, keywords: KeywordIndex, fingerprint: str
) -> tuple[KeywordIndex, str]:
    """A keyword index in step with the catalogue, and what was wrong, empty when nothing was."""
    found = compare_keywords(catalogue, keywords, fingerprint)
    if not found:
        return keywords, ""
    keywords = keywords.remove_all(found.contracts)
    wanted = dict.fromkeys(contract_id for _, contract_id in catalogue.chunk_contracts(fingerprint))
    missing = (documents(catalogue.chunks_of(one)) for one in wanted if one in found.contracts)
    return keywords.add(itertools.chain.from_iterable(missing)), (
        f"The keyword index was put right from the catalogue ({found})."
    )


def documents(chunks: Iterable[Chunk]) -> list[KeywordDocument]:
    """Chunks as the keyword index counts them."""
    return [
        KeywordDocument(chunk.chunk_id, chunk.contract_id, tokenize(chunk.situated_text)) for chunk in chunks
    ]


def _same(point: StoredPoint, expected: Mapping[str, tuple[str, NDArray[np.float32]]]) -> bool:
    contract_id, vector = expected.get(point.chunk_id, ("", point.vector))
    if point.contract_id != contract_id or point.vector.shape != vector.shape:
        return False
    length = float(np.linalg.norm(vector))
    return bool(np.allclose(point.vector, vector / (length or 1.0), rtol=0.0, atol=TOLERANCE))
