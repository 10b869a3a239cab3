"""The library: catalogue, originals, queue and both indexes, kept in step.

Adding: original stored, rows staged in one transaction, vectors upserted, one UPDATE makes it visible.
Deleting: invisible first, then vectors, rows and original. Whatever a crash interrupts, ``recover`` finishes
or undoes at the next start, from the catalogue alone.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageFull, StoreUnavailable, UnknownContract
from core.records import Chunk, ContractText, Profile
from core.storage.catalogue import Catalogue
from core.storage.derived import Derived
from core.storage.jobs import Jobs
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_store import KeywordStore
from core.storage.originals import Originals
from core.storage.repair import (
    Differences,
    compare_keywords,
    compare_vectors,
    documents,
    repair_keywords,
    repair_vectors,
)
from core.storage.snapshot import Snapshot
from core.storage.vector_index import VectorIndex
from core.storage.vectors_in_step import VectorsInStep

logger = logging.getLogger(__name__)


class Library:
    """Everything that is stored, safe to share between threads; one process at a time may open it.

    ``trouble`` says why files wait although the worker runs, such as a full disk; empty when all is well.
    ``recovered`` is what ``recover`` had to do.
    """

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
        self.derived = Derived(catalogue.database)
        self.fingerprint = fingerprint
        self.trouble = ""
        self.recovered: tuple[str, ...] = ()
        self._vectors = vectors
        self._keyword_store = KeywordStore(keyword_file)
        self._keywords = KeywordIndex.build([])
        # A question waits for the first lock only, which is never held while Qdrant or a file is written, a word
        # is counted or segments are merged.
        self._lock = threading.RLock()
        # Held while contracts are added, deleted or compared with the vector store.
        self._writing = threading.RLock()
        self._in_step = VectorsInStep(vectors, lambda: catalogue.searchable_chunks(fingerprint), self._refill)

    def snapshot(self) -> Snapshot:
        """What a question asked now may see."""
        with self._lock:
            return Snapshot(
                self.catalogue.ready_titles(),
                self._keywords,
                self._in_step,
                self.catalogue,
                self.derived,
                self.fingerprint,
            )

    def enqueue(self, content: bytes, file_name: str) -> int:
        """Store a file and queue it for indexing; returns the job's id. From then on it is not lost.

        Raises:
            StorageFull: the disk is full.
            OSError: the folder is not writable.
        """
        return enqueue(content, file_name, self.originals, self.jobs)

    def add(
        self,
        contract: ContractText,
        profile: Profile,
        chunks: Sequence[Chunk],
        vectors: NDArray[np.float32],
        and_then: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a contract part of the library, whole or not at all; ``vectors`` in the order of ``chunks``.

        ``and_then`` is called in the transaction that makes it visible.

        Raises:
            StoreUnavailable, StorageFull: the contract stays as it was; a new one may stay behind invisible
                and complete, see ``publish_staged``.
            UnknownContract: it was to be indexed again and was deleted meanwhile.
        """
        contract_id = contract.contract_id
        stage = partial(self.catalogue.stage, contract, profile, chunks, vectors, self.fingerprint)
        with self._writing:
            if self.catalogue.state(contract_id) == "ready":
                # What can be seen is replaced in one step: no failure on the way may lose it.
                self._vectors.upsert(contract_id, [chunk.chunk_id for chunk in chunks], vectors)
                self._publish(contract_id, chunks, and_then, replace=stage)
                return
            if self.catalogue.state(contract_id) == "deleting":
                self._forget(contract_id)
            stage()
            self.publish_staged(contract_id, and_then)

    def publish_staged(self, contract_id: str, and_then: Callable[[], None] = lambda: None) -> None:
        """Make a contract visible that is complete in the catalogue: nothing is read or encoded for it.

        Raises:
            StoreUnavailable, StorageFull: it stays invisible and complete.
            UnknownContract: it was cancelled meanwhile.
        """
        with self._writing:
            if self.catalogue.state(contract_id) != "staging":
                raise UnknownContract(contract_id, "was cancelled meanwhile.", "")
            chunks = self.catalogue.chunks_of(contract_id)
            vectors = self.catalogue.vectors_of(contract_id)
            self._vectors.upsert(contract_id, [chunk.chunk_id for chunk in chunks], vectors)
            self._publish(contract_id, chunks, and_then)

    def delete(self, contract_id: str) -> None:
        """Remove a contract from the catalogue, both indexes and the stored originals.

        Files of the same content that wait in the queue are cancelled, those that wait for a password too.

        Raises:
            UnknownContract: there is no such contract.
            StorageFull, StoreUnavailable: the error says whether the contract is deleted already, and what is
                left of it is removed later.
        """
        with self._lock:
            with self.catalogue.database.transaction():
                if self.catalogue.state(contract_id) != "ready":
                    raise UnknownContract(
                        contract_id, "there is no such contract.", "proviso list shows them."
                    )
                self.catalogue.hide(contract_id)
                self.jobs.cancel_all_of(contract_id)
                self.jobs.drop_locked(contract_id)
            self._keywords = self._keywords.remove(contract_id)
        try:
            self.finish_deletions()
        except (StoreUnavailable, StorageFull) as error:
            later = (
                "The contract is deleted and shown nowhere; what is left of it is removed later by itself."
            )
            raise type(error)(error.subject, error.reason, later) from error
        self._replace_keywords(self._keyword_store.save)

    def finish_deletions(self) -> int:
        """Remove what is left of deleted contracts, for instance after the vector store was away.

        Returns:
            The number of contracts removed.

        Raises:
            StoreUnavailable, StorageFull: something is left.
        """
        with self._writing:
            deleted = [one for one, state in self.catalogue.invisible().items() if state == "deleting"]
            for contract_id in deleted:
                self._forget(contract_id)
        return len(deleted)

    def discard_staged(self, contract_id: str) -> None:
        """Undo an ``add`` that failed or was cancelled before the contract became visible."""
        with self._writing:
            if self.catalogue.state(contract_id) == "staging":
                self._forget(contract_id)

    def release_original(self, contract_id: str) -> None:
        """Forget the bytes of a file that did not become a contract, unless another job still needs them."""
        with self.catalogue.database.transaction():
            if not self.catalogue.state(contract_id) and contract_id not in self.jobs.needed_objects():
                self.originals.remove(contract_id)

    def clear_ended_jobs(self) -> None:
        """Forget every job that has ended, and the originals kept for those that waited for a password."""
        locked = self.jobs.locked()
        self.jobs.clear_ended()
        for contract_id in locked:
            self.release_original(contract_id)

    def merge_keywords(self) -> None:
        """Join segments of the keyword index where that is worth it; questions and deletions go on meanwhile."""
        self._replace_keywords(KeywordIndex.merge)

    def save_keywords(self) -> None:
        """Merge and persist the keyword index; losing its files costs time at the next start, never content."""
        self.merge_keywords()
        self._replace_keywords(self._keyword_store.save)

    def recover(self) -> tuple[str, ...]:
        """Finish or undo what the last process left open, and bring both indexes in step with the catalogue.

        Nothing is read or encoded again. Returns what had to be done, a sentence each.

        A server that is away does not keep the library closed: contracts can be seen and files queued, a
        question says that search is unavailable, and the first one after its return does the rest.

        Raises:
            StoreUnavailable: the local vector store cannot be used.
            StorageFull: there is work to do and no room for it.
        """
        with self._writing:
            self.jobs.requeue_interrupted()
            self.recovered = tuple(filter(None, self._recovery()))
            self._vectors.settle()
        return self.recovered

    def settle(self) -> None:
        """Have what was written to the vector store on disk: what is not, the next start builds again.

        Raises:
            StoreUnavailable, StorageFull: it cannot be written.
        """
        with self._writing:
            self._vectors.settle()

    def vector_differences(self) -> Differences:
        """How the vector store differs from the catalogue, contents included."""
        with self._writing:
            return compare_vectors(self.catalogue, self._vectors, self.fingerprint, contents=True)

    def keyword_differences(self) -> Differences:
        """How the keyword index differs from the catalogue."""
        with self._lock:
            return compare_keywords(self.catalogue, self._keywords, self.fingerprint)

    def differences(self) -> dict[str, int]:
        """Number of chunks by which each index differs from the catalogue; all 0 in a sound library."""
        return {"vectors": len(self.vector_differences()), "keywords": len(self.keyword_differences())}

    def load_keywords(self) -> str:
        """Take the keyword index from its files; returns what is wrong with them, empty when nothing is."""
        self._keywords, problem = self._keyword_store.load()
        return problem

    def close(self, *, save: bool = True) -> None:
        """Persist the keyword index, unless nothing is to be written, and let go of the vector store."""
        try:
            if save:
                self._replace_keywords(self._keyword_store.save)
        finally:
            self._vectors.close()
            self.catalogue.database.close()

    def _recovery(self) -> Iterator[str]:
        needed = self.jobs.needed_objects()
        outdated = [one for one in self.catalogue.outdated(self.fingerprint) if one.contract_id not in needed]
        for contract in outdated:
            self.jobs.enqueue(contract.contract_id, contract.file_name)
        if outdated:
            yield f"Queued {len(outdated)} contracts to be indexed again, for another chunker or encoder."
        try:
            yield from self._vector_recovery()
        except StoreUnavailable as error:
            if not self._vectors.remote:
                raise
            logger.warning("Opened without the vector store: %s", error.reason)
            self._in_step.doubt()
        yield self.load_keywords()
        self._keywords, repaired = repair_keywords(self.catalogue, self._keywords, self.fingerprint)
        yield repaired
        self.save_keywords()

    def _vector_recovery(self) -> Iterator[str]:
        undone = 0
        for contract_id, state in self.catalogue.invisible().items():
            if state == "staging" and contract_id not in self.jobs.needed_objects():
                self._forget(contract_id)
                undone += 1
        if undone:
            yield f"Removed {undone} contracts whose indexing had been interrupted or stopped."
        deleted = self.finish_deletions()
        if deleted:
            yield f"Finished deleting {deleted} contracts."
        yield repair_vectors(self.catalogue, self._vectors, self.fingerprint)

    def _refill(self) -> None:
        with self._writing:
            for sentence in filter(None, self._vector_recovery()):
                logger.warning("%s", sentence)

    def _publish(
        self,
        contract_id: str,
        chunks: Sequence[Chunk],
        and_then: Callable[[], None],
        replace: Callable[[], None] | None = None,
    ) -> None:
        counted = self._keywords.count(documents(chunks))
        with self._lock:
            keywords = self._keywords.remove(contract_id).append(counted)
            with self.catalogue.database.transaction():
                if replace is not None:
                    if self.catalogue.state(contract_id) != "ready":
                        raise UnknownContract(contract_id, "was deleted meanwhile.", "")
                    replace()
                self.catalogue.publish(contract_id)
                and_then()
            self._keywords = keywords

    def _replace_keywords(self, change: Callable[[KeywordIndex], KeywordIndex]) -> None:
        """Put in place what ``change`` makes of the keyword index, unless a contract came or went meanwhile."""
        with self._lock:
            before = self._keywords
        after = change(before)
        with self._lock:
            if self._keywords is before:
                self._keywords = after

    def _forget(self, contract_id: str) -> None:
        # The row goes last: whatever a crash leaves of a deleted contract is found by it and removed.
        self._vectors.delete(contract_id)
        with self.catalogue.database.transaction():
            if contract_id not in self.jobs.needed_objects():
                self.originals.remove(contract_id)
            self.catalogue.remove(contract_id)


def enqueue(content: bytes, file_name: str, originals: Originals, jobs: Jobs) -> int:
    """Store ``content`` and queue it for indexing, also beside a process that deletes; returns the job's id.

    Raises:
        StorageFull: the disk is full.
        OSError: the folder is not writable.
    """
    contract_id = originals.put(content)
    return jobs.enqueue(contract_id, file_name, lambda: originals.keep(contract_id, content))
