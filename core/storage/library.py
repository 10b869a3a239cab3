"""The library: catalogue, originals, queue and both indexes, kept in step.

Adding: original stored, rows staged in one transaction, vectors upserted, one UPDATE makes it visible.
Deleting: invisible first, then vectors, rows and original. Whatever a crash interrupts, ``recover`` finishes
or undoes at the next start, from the catalogue alone.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import StoreUnavailable, UnknownContract
from core.models import Encoder
from core.passage_cautions import passage_cautions
from core.records import Chunk, ContractText, Hit, Profile
from core.storage.catalogue import Catalogue
from core.storage.jobs import Jobs
from core.storage.keyword_index import KeywordDocument, KeywordIndex
from core.storage.originals import Originals
from core.storage.tokens import tokenize
from core.storage.vector_index import VectorIndex
from core.storage.vectors_in_step import VectorsInStep

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """The library as one question sees it: contracts that become visible later are not in it."""

    titles: dict[str, str]
    keywords: KeywordIndex
    vectors: VectorsInStep
    catalogue: Catalogue
    fingerprint: str

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The ``limit`` visible chunks nearest to the question's vector."""
        vector = encoder.encode([question])[0]
        hits = self.vectors.search(vector, limit + self.catalogue.invisible_chunks(), contract_ids)
        visible = self.chunks([hit.chunk_id for hit in hits])
        return _renumbered([hit for hit in hits if hit.chunk_id in visible][:limit])

    def bm25(self, tokens: list[str], limit: int, contract_ids: Collection[str] | None) -> tuple[Hit, ...]:
        """The ``limit`` chunks with the best BM25 scores."""
        return self.keywords.search(tokens, limit, contract_ids)

    def chunks(self, chunk_ids: Collection[str]) -> dict[str, Chunk]:
        """The chunks with these ids that were visible at the start of the question and still are."""
        found = self.catalogue.chunks(chunk_ids)
        return {chunk_id: chunk for chunk_id, chunk in found.items() if chunk.contract_id in self.titles}

    def cautions(self, contract_ids: Iterable[str]) -> tuple[str, ...]:
        """What a reader must know about these contracts, such as pages that could not be read."""
        waiting = len(self.catalogue.outdated(self.fingerprint))
        missing = (f"{waiting} contracts wait to be indexed again and were not searched.",) if waiting else ()
        contracts = (self.catalogue.contract(contract_id) for contract_id in dict.fromkeys(contract_ids))
        return missing + tuple(
            f"{contract.profile.title}: {warning}"
            for contract in contracts
            if contract is not None
            for warning in contract.warnings
        )

    def passage_cautions(self, chunk: Chunk) -> tuple[str, ...]:
        """What must be said beside this passage, such as hidden text in it."""
        pages = self.catalogue.pages(chunk.contract_id, chunk.page_start, chunk.page_end)
        return passage_cautions(chunk, pages)


class Library:
    """Everything that is stored, safe to share between threads; one process at a time may open it."""

    def __init__(
        self,
        catalogue: Catalogue,
        jobs: Jobs,
        originals: Originals,
        vectors: VectorIndex,
        keyword_file: Path,
        fingerprint: str,
    ) -> None:
        self.catalogue = catalogue
        self.jobs = jobs
        self.originals = originals
        self.fingerprint = fingerprint
        self._vectors = vectors
        self._keyword_file = keyword_file
        self._keywords = KeywordIndex.build([])
        self._lock = threading.RLock()
        # Held while contracts are added, deleted or compared with the vector store.
        self._writing = threading.RLock()
        self._in_step = VectorsInStep(
            vectors, lambda: catalogue.searchable_chunks(fingerprint), self._recover_vectors
        )

    def snapshot(self) -> Snapshot:
        """What a question asked now may see."""
        with self._lock:
            return Snapshot(
                self.catalogue.ready_titles(), self._keywords, self._in_step, self.catalogue, self.fingerprint
            )

    def add(
        self,
        contract: ContractText,
        profile: Profile,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
    ) -> None:
        """Make a contract part of the library, whole or not at all; ``vectors`` in the order of ``chunks``.

        Raises:
            StoreUnavailable: the vector store failed; the contract stays invisible.
        """
        contract_id = contract.contract_id
        with self._writing:
            self.catalogue.stage(contract, profile, chunks, vectors, self.fingerprint)
            self._vectors.upsert(contract_id, [chunk.chunk_id for chunk in chunks], vectors)
            with self._lock:
                keywords = self._keywords.remove(contract_id).add(_documents(chunks))
                self.catalogue.publish(contract_id)
                self._keywords = keywords

    def delete(self, contract_id: str) -> None:
        """Remove a contract from the catalogue, both indexes and the stored originals.

        Raises:
            UnknownContract: there is no such contract.
        """
        if self.catalogue.contract(contract_id) is None:
            raise UnknownContract(contract_id, "there is no such contract.", "proviso list shows them.")
        with self._lock:
            self.catalogue.hide(contract_id)
            self._keywords = self._keywords.remove(contract_id)
        self._forget(contract_id)
        self.save_keywords()

    def discard_staged(self, contract_id: str) -> None:
        """Undo an ``add`` that failed or was cancelled before the contract became visible."""
        if contract_id in self.catalogue.invisible():
            self._forget(contract_id)

    def clear_ended_jobs(self) -> None:
        """Forget every job that has ended, and the originals kept for those that waited for a password."""
        locked = self.jobs.locked()
        self.jobs.clear_ended()
        for contract_id in locked - self.jobs.needed_objects():
            if self.catalogue.contract(contract_id) is None:
                self.originals.remove(contract_id)

    def save_keywords(self) -> None:
        """Persist the keyword index; losing the file costs time at the next start, never content."""
        self._keywords.save(self._keyword_file)

    def recover(self) -> None:
        """Finish or undo what the last process left open, and bring both indexes in step with the catalogue.

        A server that is away does not keep the library closed: contracts can be seen and files queued, a
        question says that search is unavailable, and the first one after its return does the rest.

        Raises:
            StoreUnavailable: the local vector store cannot be used.
        """
        self.jobs.requeue_interrupted()
        needed = self.jobs.needed_objects()
        for contract in self.catalogue.outdated(self.fingerprint):
            if contract.contract_id not in needed:
                self.jobs.enqueue(contract.contract_id, contract.file_name)
        self._repair_keywords()
        try:
            self._recover_vectors()
        except StoreUnavailable as error:
            if self._vectors.server is None:
                raise
            logger.warning("Opened without the vector store: %s", error.reason)
            self._in_step.doubt()

    def _recover_vectors(self) -> None:
        with self._writing:
            needed = self.jobs.needed_objects()
            for contract_id, state in self.catalogue.invisible().items():
                if state == "deleting" or contract_id not in needed:
                    self._forget(contract_id)
            self._repair_vectors()

    def differences(self) -> dict[str, int]:
        """Number of chunks by which each index differs from the catalogue; all 0 in a sound library."""
        wanted = {chunk_id for chunk_id, _ in self.catalogue.chunk_contracts(self.fingerprint)}
        return {
            "vectors": len(self._vectors.chunk_ids() ^ wanted),
            "keywords": len(set(self._keywords.chunk_ids) ^ wanted),
        }

    def close(self) -> None:
        """Persist the keyword index and let go of the vector store."""
        self.save_keywords()
        self._vectors.close()

    def _forget(self, contract_id: str) -> None:
        self._vectors.delete(contract_id)
        self.catalogue.remove(contract_id)
        if contract_id not in self.jobs.needed_objects():
            self.originals.remove(contract_id)

    def _repair_vectors(self) -> None:
        wanted = dict(self.catalogue.chunk_contracts(self.fingerprint))
        if wanted:
            dimension = self.catalogue.vectors_of(next(iter(wanted.values()))).shape[1]
            self._vectors.prepare(dimension)
        stored = self._vectors.chunk_ids()
        self._vectors.discard(sorted(stored - wanted.keys()))
        for contract_id in sorted({wanted[chunk_id] for chunk_id in wanted.keys() - stored}):
            chunks = self.catalogue.chunks_of(contract_id)
            vectors = self.catalogue.vectors_of(contract_id)
            self._vectors.upsert(contract_id, [chunk.chunk_id for chunk in chunks], vectors)

    def _repair_keywords(self) -> None:
        try:
            keywords = KeywordIndex.load(self._keyword_file)
        except ValueError:
            keywords = KeywordIndex.build([])
        wanted: dict[str, set[str]] = {}
        for chunk_id, contract_id in self.catalogue.chunk_contracts(self.fingerprint):
            wanted.setdefault(contract_id, set()).add(chunk_id)
        present: dict[str, set[str]] = {}
        for chunk_id, contract_id in zip(keywords.chunk_ids, keywords.contract_ids, strict=True):
            present.setdefault(contract_id, set()).add(chunk_id)
        for contract_id in [one for one in present if present[one] != wanted.get(one)]:
            keywords = keywords.remove(contract_id)
            del present[contract_id]
        missing = [contract_id for contract_id in wanted if contract_id not in present]
        if missing:
            keywords = keywords.add(
                document for one in missing for document in _documents(self.catalogue.chunks_of(one))
            )
        self._keywords = keywords
        self.save_keywords()


def _documents(chunks: Iterable[Chunk]) -> list[KeywordDocument]:
    return [
        KeywordDocument(chunk.chunk_id, chunk.contract_id, tokenize(chunk.situated_text)) for chunk in chunks
    ]


def _renumbered(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(Hit(hit.chunk_id, rank, hit.score) for rank, hit in enumerate(hits, start=1))
