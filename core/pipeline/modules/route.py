"""Narrows the scope to the contracts that the question names, then to those nearest to it, and says so."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.pipeline.hierarchy.contract_index import ContractIndex, contract_index
from core.pipeline.hierarchy.narrow import Narrowed, narrow
from core.pipeline.hierarchy.nearest import nearest_contracts
from core.pipeline.hierarchy.postings import Rows
from core.pipeline.hierarchy.tier import Tier, tier_of
from core.pipeline.module import Options, PreRetrieval
from core.pipeline.records import Query
from core.pipeline.tools import Shelf, Tools

LISTED = 3
UNDO = "Another pipeline, such as hybrid, searches everywhere."


def route(query: Query, options: Options, tools: Tools) -> Query:
    """The query with a scope within its own; contracts that have no outline yet stay in it.

    ``contracts`` is the most that are searched clause by clause, ``shortlist`` how many are compared by section.
    """
    tools.on_step("choosing contracts")
    index = contract_index(tools.shelf)
    within = _within(query, index)
    scope = query.contract_ids or tuple(tools.shelf.titles)
    waiting = tuple(contract_id for contract_id in scope if contract_id not in index.rows)
    if not len(within):
        return query
    notes: list[str] = []
    narrowed = narrow(query.question, index, within)
    rows = within if narrowed is None else narrowed.rows
    if narrowed is not None:
        notes.append(_named(narrowed, len(scope), index, tools.shelf))
    chosen = tuple(index.contract_ids[row] for row in rows)
    limit = int(options["contracts"])
    if len(chosen) > limit and tier_of(query.question).tier is not Tier.CONTRACT:
        vector = tools.encoder.encode([query.question])[0]
        size = int(options["shortlist"])
        chosen = nearest_contracts(query.question, vector, index, rows, limit, size, tools.shelf)
        notes.append(f"Of {len(rows)} contracts the {limit} nearest to the question were searched. {UNDO}")
    if not notes:
        return query
    if waiting:
        notes.append(f"{len(waiting)} contracts have no outline yet and were searched as well.")
    return replace(query, contract_ids=chosen + waiting, notes=(*query.notes, *notes))


def _within(query: Query, index: ContractIndex) -> Rows:
    """The rows of the query's scope, ascending."""
    if not query.contract_ids:
        return np.arange(len(index))
    return np.unique([index.rows[one] for one in query.contract_ids if one in index.rows]).astype(np.int64)


def _named(narrowed: Narrowed, scope: int, index: ContractIndex, shelf: Shelf) -> str:
    ids = [index.contract_ids[row] for row in narrowed.rows]
    titles = [f"\u201c{shelf.titles[one]}\u201d" for one in ids if one in shelf.titles]
    where = _joined(titles) if 0 < len(titles) <= LISTED else f"{len(ids)} of {scope} contracts"
    names = _joined([f"\u201c{words}\u201d" for words in narrowed.named[:LISTED]])
    unsaid = f" {narrowed.unsaid} of them do not say." if narrowed.unsaid else ""
    return f"Searched only in {where}: the question names {names}.{unsaid} {UNDO}"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


ROUTE = PreRetrieval("route", route, {"contracts": 50, "shortlist": 300})
