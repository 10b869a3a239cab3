"""The library as one question sees it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.models import Encoder
from core.passage_cautions import passage_cautions
from core.records import Chunk, Contract, Hit
from core.storage.annotations import Annotations, ContractNotes
from core.storage.catalogue import Catalogue
from core.storage.derived import Derived, Facts
from core.storage.keyword_index import KeywordIndex
from core.storage.vectors_in_step import VectorsInStep

Result = TypeVar("Result")


@dataclass(frozen=True)
class Snapshot:
    """The library as one question sees it: contracts that become visible later are not in it."""

    titles: dict[str, str]
    keywords: KeywordIndex
    vectors: VectorsInStep
    catalogue: Catalogue
    derived: Derived
    fingerprint: str

    def dense(
        self, question: str, encoder: Encoder, limit: int, contract_ids: Collection[str] | None
    ) -> tuple[Hit, ...]:
        """The ``limit`` visible chunks nearest to the question's vector."""
        vector = encoder.encode([question])[0]
        hits = self.vectors.search(vector, limit + self.catalogue.invisible_chunks(), contract_ids)
        contracts = self.catalogue.contracts_of([hit.chunk_id for hit in hits])
        return _renumbered([hit for hit in hits if contracts.get(hit.chunk_id) in self.titles][:limit])

    def bm25(
        self,
        tokens: list[str],
        limit: int,
        contract_ids: Collection[str] | None,
        weights: Sequence[float] | None = None,
    ) -> tuple[Hit, ...]:
        """The ``limit`` chunks with the best BM25 scores; ``weights`` is what each token counts."""
        return self.keywords.search(tokens, limit, contract_ids, weights)

    def shares(self, tokens: Collection[str]) -> dict[str, float]:
        """The share (0-1) of all chunks that hold each of ``tokens``."""
        return self.keywords.shares(tokens)

    def chunks(self, chunk_ids: Collection[str]) -> dict[str, Chunk]:
        """The chunks with these ids that were visible at the start of the question and still are."""
        found = self.catalogue.chunks(chunk_ids)
        return {chunk_id: chunk for chunk_id, chunk in found.items() if chunk.contract_id in self.titles}

    def contract(self, contract_id: str) -> Contract | None:
        """The contract with this id; None where it was not visible at the start of the question."""
        return self.catalogue.contract(contract_id) if contract_id in self.titles else None

    def contracts(self) -> tuple[Contract, ...]:
        """Every contract that was visible at the start of the question and still is, in the order of its title."""
        return tuple(one for one in self.catalogue.contracts() if one.contract_id in self.titles)

    def chunks_of(self, contract_id: str) -> tuple[Chunk, ...]:
        """The chunks of a contract in reading order; none of one that was not visible."""
        return self.catalogue.chunks_of(contract_id) if contract_id in self.titles else ()

    def notes(self, contract_id: str) -> ContractNotes:
        """The defined terms and cross-references of a contract; empty where they are not found yet."""
        known = contract_id in self.titles
        return Annotations(self.catalogue.database).of(contract_id) if known else ContractNotes()

    def text(self, contract_id: str) -> str:
        """The text of a contract, to which terms and cross-references point; empty of one that was not visible."""
        return self.catalogue.text(contract_id) if contract_id in self.titles else ""

    def facts(self, kind: str, version: str, contract_ids: Collection[str]) -> dict[str, bytes]:
        """What was derived from these contracts, by contract id; those not derived yet are left out."""
        return self.derived.of(kind, version_of(version, self.fingerprint), contract_ids)

    def all_facts(self, kind: str, version: str, build: Callable[[Facts], Result]) -> Result:
        """What ``build`` makes of what was derived from every contract; remembered until that changes.

        Contracts deleted since the start of the question are not in it; those that came since are.
        """
        return self.derived.all(kind, version_of(version, self.fingerprint), build)

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


def version_of(version: str, fingerprint: str) -> str:
    """The version under which a fact is stored: facts name chunks, so another chunker makes them due again."""
    return f"{version}/{fingerprint}"


def _renumbered(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    return tuple(Hit(hit.chunk_id, rank, hit.score) for rank, hit in enumerate(hits, start=1))
