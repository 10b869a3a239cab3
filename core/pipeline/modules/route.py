"""Narrows the scope to the contracts that the question names, then to those nearest to it, and says so."""

from collections.abc import Sequence
from dataclasses import replace

from core.pipeline.hierarchy.contract_index import ContractIndex, contract_index, rows_of
from core.pipeline.hierarchy.narrow import Narrowed, narrow
from core.pipeline.hierarchy.nearest import nearest_contracts
from core.pipeline.hierarchy.postings import Rows
from core.pipeline.hierarchy.tier import Tier, tier_of
from core.pipeline.module import Options, PreRetrieval
from core.pipeline.records import Query
from core.pipeline.tools import Shelf, Tools
from core.plural import plural

LISTED = 3
UNDO = "Another pipeline, such as hybrid, searches everywhere."


def route(query: Query, options: Options, tools: Tools) -> Query:
    """The query with a scope within its own, and notes on what it leaves out.

    ``contracts`` is the most that are searched clause by clause, ``shortlist`` how many are compared by section.
    Contracts that have no outline yet stay in the scope.
    """
    tools.on_step("choosing contracts")
    index = contract_index(tools.shelf)
    scope = query.contract_ids or tuple(tools.shelf.titles)
    within = rows_of(scope, index)
    if not len(within):
        return query
    narrowed = narrow(query.question, index, within)
    rows = within if narrowed is None else narrowed.rows
    notes = [] if narrowed is None else [_named(narrowed, len(scope), index, tools.shelf)]
    chosen = tuple(index.contract_ids[row] for row in rows)
    # What all contracts of a law or a year say of themselves needs no search, however many they are.
    particulars = narrowed is not None and tier_of(query.question).tier is Tier.CONTRACT
    if len(chosen) > int(options["contracts"]) and not particulars:
        chosen = _nearest(query.question, rows, index, options, tools)
        notes.append(
            f"Of {len(rows)} contracts the {len(chosen)} nearest to the question were searched. {UNDO}"
        )
    if len(chosen) == len(within):
        return query
    waiting = tuple(one for one in scope if one not in index.rows)
    if waiting:
        have = "has" if len(waiting) == 1 else "have"
        notes.append(f"{plural(len(waiting), 'contract')} {have} no outline yet; searched as well.")
    return replace(query, contract_ids=chosen + waiting, notes=(*query.notes, *notes))


def _nearest(
    question: str, rows: Rows, index: ContractIndex, options: Options, tools: Tools
) -> tuple[str, ...]:
    vector = tools.encoder.encode([question])[0]
    limit, shortlist = int(options["contracts"]), int(options["shortlist"])
    return nearest_contracts(question, vector, index, rows, limit, shortlist, tools.shelf)


def _named(narrowed: Narrowed, scope: int, index: ContractIndex, shelf: Shelf) -> str:
    ids = [index.contract_ids[row] for row in narrowed.rows]
    titles = [f"\u201c{shelf.titles[one]}\u201d" for one in ids if one in shelf.titles]
    where = _joined(titles) if 0 < len(titles) <= LISTED else f"{len(ids)} of {scope} contracts"
    names = _joined([f"\u201c{words}\u201d" for words in narrowed.named[:LISTED]])
    unsaid = f" {narrowed.unsaid} of them do not say." if narrowed.unsaid else ""
    return f"Searched only in {where}: the question names {names}.{unsaid} {UNDO}"


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


ROUTE = PreRetrieval(
    "route",
    route,
    {"contracts": 50, "shortlist": 300},
    bounds={"contracts": (1, 1_000_000), "shortlist": (1, 100_000)},
)
