"""Taking a question apart without a model: into its clauses, or into one part for every contract it compares."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from core.pipeline.agent.contracts import asks_every_contract, compares, named_contracts
from core.pipeline.agent.split import split_question
from core.pipeline.tools import Tools
from core.records import Contract, Part

# Contracts that are compared by default; the best found come first where there are more.
MOST_CONTRACTS: Final = 20


def plan(
    question: str, contract_ids: Sequence[str], most_contracts: int, tools: Tools
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts of a question, and what the reader should know of them; one part where it is a simple one.

    Args:
        question: as it was asked.
        contract_ids: the scope; empty means every contract.
        most_contracts: so many contracts are compared at most.
        tools: for the contracts of the library, and a search where there are too many.
    """
    scope = frozenset(contract_ids)
    contracts = [one for one in tools.shelf.contracts() if not scope or one.contract_id in scope]
    compared, notes = _compared(question, contracts, most_contracts, tools)
    if len(compared) > 1:
        names = _distinct_names(compared)
        parts = [
            Part(name, question.strip(), (one.contract_id,))
            for name, one in zip(names, compared, strict=True)
        ]
        return tuple(parts), (
            f"Compared contract by contract: {len(parts)} contracts searched one by one.",
            *notes,
        )
    parts = [Part(clause, clause) for clause in split_question(question)]
    if len(parts) == 1:
        return tuple(parts), ()
    listed = "; ".join(f"{number}. {part.text}" for number, part in enumerate(parts, start=1))
    return tuple(parts), (f"The question was taken apart into {len(parts)} parts: {listed}",)


def _compared(
    question: str, contracts: Sequence[Contract], most: int, tools: Tools
) -> tuple[Sequence[Contract], tuple[str, ...]]:
    named = named_contracts(question, contracts)
    if len(named) > 1 and compares(question):
        wanted: Sequence[Contract] = named
    elif len(named) < 2 and asks_every_contract(question):
        wanted = contracts
    else:
        return (), ()
    if len(wanted) <= most:
        return wanted, ()
    left_out = f"Of {len(wanted)} contracts only the {most} with the best passages were compared."
    return _best(question, wanted, most, tools), (left_out,)


def _best(question: str, contracts: Sequence[Contract], most: int, tools: Tools) -> Sequence[Contract]:
    """The contracts whose passages come nearest to the question, in that order."""
    by_id = {one.contract_id: one for one in contracts}
    hits = tools.shelf.dense(question, tools.encoder, tools.limit, tuple(by_id))
    chunks = tools.shelf.chunks([hit.chunk_id for hit in hits])
    order = dict.fromkeys(chunks[hit.chunk_id].contract_id for hit in hits if hit.chunk_id in chunks)
    return [by_id[contract_id] for contract_id in order if contract_id in by_id][:most]


def _distinct_names(contracts: Sequence[Contract]) -> list[str]:
    titles = Counter(one.profile.title for one in contracts)
    return [
        one.profile.title
        if one.profile.title and titles[one.profile.title] == 1
        else f"{one.profile.title} ({one.file_name})"
        for one in contracts
    ]
