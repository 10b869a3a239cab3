"""Evidence of silence: what every contract in scope says at most about a question, and what was searched.

A question that finds nothing among a hundred candidates of the whole library says little about a contract that
had no candidate among them. So each contract is searched on its own until a few of its passages have been judged.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.explain.silence_records import BestPassage, ContractAtMost, SilenceReport
from core.models import Encoder, Progress, Scorer, ignore_progress
from core.pipeline.recipe_file import default_recipe
from core.pipeline.tools import Shelf, Tools
from core.records import Candidate, Chunk, Contract, Finding, Inquiry, Ranking
from core.similarity import of_candidates, similarities
from core.stage1_retrieve import retrieve

# Passages of a contract that are judged at least, where it has so many; fewer where there are many contracts.
PER_CONTRACT = 6
# About half a minute of the cross-encoder on two cores.
MOST_PAIRS = 1200
# Contracts between two looks at who else waits for the cross-encoder.
BATCH = 8
# The smallest number of candidates that an inquiry may ask for.
FEWEST_CANDIDATES = 20

Turn = Callable[[], AbstractContextManager[None]]


class SilenceShelf(Shelf, Protocol):
    """A shelf that also knows its contracts."""

    def contract(self, contract_id: str) -> Contract | None:
        """The contract with this id, None where it may not be shown."""
        ...


def silence_report(
    finding: Finding,
    shelf: SilenceShelf,
    encoder: Encoder,
    scorer: Scorer,
    names: tuple[str, str],
    turn: Turn = nullcontext,
    on_contract: Progress = ignore_progress,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SilenceReport:
    """Search every contract in scope that has too few judged candidates on its own, and take the best of each.

    Args:
        finding: the question with its ranking, of which nothing is judged again.
        shelf: the library as it is now.
        encoder, scorer: the two models.
        names: of the encoder and of the reranker.
        turn: gives the cross-encoder for the length of a context; waited for between a few contracts each, so
            that other questions come in between.
        on_contract: told how many contracts are done, and how many there are; it may raise to give up.
        now: the time, for the report.

    Raises:
        StoreUnavailable: the dense leg cannot be searched.
    """
    inquiry = finding.inquiry
    scope = [one for one in inquiry.contract_ids or tuple(shelf.titles) if one in shelf.titles]
    each = passages_each(len(scope))
    read = _already_judged(finding.ranking)
    wanting = [one for one in scope if len(read.get(one, {})) < each]
    once = _EncodedOnce(inquiry.question, encoder)
    done = len(scope) - len(wanting)
    on_contract(done, len(scope))
    for start in range(0, len(wanting), BATCH):
        some = wanting[start : start + BATCH]
        with turn():
            candidates = [
                candidate for one in some for candidate in _candidates(inquiry, one, shelf, once)[:each]
            ]
            for contract_id, passages in _judge(inquiry.question, candidates, scorer).items():
                read[contract_id] = read.get(contract_id, {}) | passages
        done += len(some)
        on_contract(done, len(scope))
    kept = Counter(one.candidate.chunk.contract_id for one in finding.ranking.kept)
    contracts = [
        _at_most(contract, read.get(one, {}), kept[one])
        for one in scope
        if (contract := shelf.contract(one)) is not None
    ]
    return SilenceReport(
        question=inquiry.question,
        minimum_relevance=inquiry.minimum_relevance,
        candidates=len(finding.ranking.all),
        at=now().astimezone(UTC).isoformat(timespec="seconds"),
        encoder=names[0],
        reranker=names[1],
        per_contract=each,
        contracts=tuple(sorted(contracts, key=_by_best)),
        cautions=_cautions(finding.contracts_searched, len(contracts)),
    )


def passages_each(contracts: int) -> int:
    """How many passages of each of ``contracts`` contracts are judged at least, within the budget."""
    return max(1, min(PER_CONTRACT, MOST_PAIRS // max(1, contracts)))


class _EncodedOnce:
    """An ``Encoder`` that knows one question: it is put to every contract and encoded once."""

    def __init__(self, question: str, encoder: Encoder) -> None:
        self._question = question
        self._vectors = encoder.encode([question])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vector of the question, shape (1, dimension).

        Raises:
            ValueError: anything else is to be encoded.
        """
        if list(texts) != [self._question]:
            raise ValueError(f"Only the question is encoded here, not {texts!r}.")
        return self._vectors


def _candidates(inquiry: Inquiry, contract_id: str, shelf: Shelf, encoder: Encoder) -> tuple[Candidate, ...]:
    scoped = replace(inquiry, contract_ids=(contract_id,), candidates=FEWEST_CANDIDATES)
    return retrieve(scoped, default_recipe(), Tools(shelf, encoder, FEWEST_CANDIDATES)).candidates


Read = dict[str, dict[str, BestPassage]]


def _already_judged(ranking: Ranking) -> Read:
    read: Read = {}
    for one in ranking.all:
        chunk = one.candidate.chunk
        passage = _passage(chunk, one.logit, one.relevance, one.truncated)
        read.setdefault(chunk.contract_id, {})[chunk.chunk_id] = passage
    return read


def _judge(question: str, candidates: Sequence[Candidate], scorer: Scorer) -> Read:
    read: Read = {}
    if not candidates:
        return read
    texts = [candidate.chunk.situated_text for candidate in candidates]
    scores = scorer.score_pairs(
        question, texts, similarities=of_candidates(similarities(candidates), candidates)
    )
    for at, candidate in enumerate(candidates):
        chunk = candidate.chunk
        passage = _passage(
            chunk, float(scores.logits[at]), float(scores.relevance[at]), bool(scores.truncated[at])
        )
        read.setdefault(chunk.contract_id, {})[chunk.chunk_id] = passage
    return read


def _passage(chunk: Chunk, logit: float, relevance: float, truncated: bool) -> BestPassage:
    return BestPassage(
        chunk.chunk_id,
        chunk.heading,
        chunk.page_start,
        chunk.page_end,
        chunk.text,
        logit,
        relevance,
        truncated,
    )


def _at_most(contract: Contract, passages: Mapping[str, BestPassage], kept: int) -> ContractAtMost:
    ranked = sorted(passages.values(), key=lambda one: (-one.logit, one.chunk_id))
    return ContractAtMost(
        contract_id=contract.contract_id,
        title=contract.profile.title,
        file_name=contract.file_name,
        page_count=contract.page_count,
        passage_count=contract.chunk_count,
        unread_pages=contract.unread_pages,
        ocr_pages=contract.ocr_pages,
        judged=len(ranked),
        cut_off=sum(one.truncated for one in ranked),
        best=ranked[0] if ranked else None,
        kept=kept,
    )


def _by_best(one: ContractAtMost) -> tuple[float, str, str]:
    return (-one.best.logit if one.best is not None else float("inf"), one.title, one.contract_id)


def _cautions(asked: int, reported: int) -> tuple[str, ...]:
    if asked == reported:
        return ()
    return (
        f"The library has changed: {asked} contracts were searched for the question, and this report is about"
        f" {reported}.",
    )
