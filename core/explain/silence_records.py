"""What a report of silence holds: plain records, for the page, the command and every export."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BestPassage:
    """The passage of a contract that the cross-encoder puts first; pages count from 1, both inclusive."""

    chunk_id: str
    heading: str
    page_start: int
    page_end: int
    text: str
    logit: float
    relevance: float
    truncated: bool


@dataclass(frozen=True, slots=True)
class ContractAtMost:
    """What one contract says at most.

    Args:
        contract_id, title, file_name, page_count, passage_count: of the contract.
        unread_pages, ocr_pages: pages that hold no text that was read, and pages read by OCR.
        judged: how many of its passages the cross-encoder judged.
        cut_off: how many of those were longer than the model reads.
        best: the best of them, None where the contract has no passage at all.
        kept: how many of its passages the question kept.
    """

    contract_id: str
    title: str
    file_name: str
    page_count: int
    passage_count: int
    unread_pages: tuple[int, ...]
    ocr_pages: tuple[int, ...]
    judged: int
    cut_off: int
    best: BestPassage | None
    kept: int

    @property
    def relevance(self) -> float:
        """Of the best passage, 0 where there is none."""
        return self.best.relevance if self.best is not None else 0.0


@dataclass(frozen=True, slots=True)
class SilenceReport:
    """What the contracts in scope say at most about a question.

    Args:
        question, minimum_relevance, candidates: of the inquiry.
        at: when the report was made, UTC, ISO 8601.
        encoder, reranker: names of the models.
        per_contract: passages of each contract that were judged at least, where it has so many.
        contracts: by falling relevance of their best passage.
        cautions: what must be said about the search as a whole, such as contracts that were not searched.
    """

    question: str
    minimum_relevance: float
    candidates: int
    at: str
    encoder: str
    reranker: str
    per_contract: int
    contracts: tuple[ContractAtMost, ...]
    cautions: tuple[str, ...] = ()

    @property
    def silent(self) -> bool:
        """True when no passage of any contract reaches the minimum relevance."""
        return not self.speaking

    @property
    def speaking(self) -> tuple[ContractAtMost, ...]:
        """The contracts whose best passage reaches the minimum relevance."""
        return tuple(
            one for one in self.contracts if one.best is not None and one.relevance >= self.minimum_relevance
        )

    @property
    def incomplete(self) -> tuple[ContractAtMost, ...]:
        """The contracts that have pages which were not read."""
        return tuple(one for one in self.contracts if one.unread_pages)
