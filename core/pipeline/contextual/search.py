"""One contextual leg: contracts that have the fact by the index, the others in the plain way, and a note about them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from core.pipeline.contextual.index import ContextIndex, context_index
from core.pipeline.records import Formulation, Leg, Query
from core.pipeline.tools import Tools
from core.records import Hit

Search = Callable[[ContextIndex, Formulation, Collection[str]], tuple[Hit, ...]]
PlainSearch = Callable[[Formulation, Collection[str] | None], tuple[Hit, ...]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The contracts in scope: those that the contextual index holds, and those that it does not hold yet."""

    known: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def note(self) -> str:
        """What the reader is told, empty when nothing is missing."""
        if not self.missing:
            return ""
        of = len(self.known) + len(self.missing)
        return (
            f"Searched without their context, because the contextual index does not hold them yet: {len(self.missing)}"
            f" of {of} contracts. The app adds them in the background; proviso contextualise does it now."
        )


def coverage(index: ContextIndex, query: Query, tools: Tools) -> Coverage:
    """Which of the contracts in scope that may be shown have their contextual fact."""
    titles = tools.shelf.titles
    scope = [one for one in query.contract_ids if one in titles] if query.contract_ids else list(titles)
    return Coverage(
        tuple(one for one in scope if one in index.rows), tuple(one for one in scope if one not in index.rows)
    )


def legs(
    module: str,
    wordings: tuple[Formulation, ...],
    query: Query,
    tools: Tools,
    search: Search,
    plain: PlainSearch,
) -> tuple[Leg, ...]:
    """One leg for each of ``wordings``.

    Args:
        module: whose legs they are.
        wordings: those of the query that are meant for it.
        query: with its scope.
        tools: shelf and limit.
        search: in the contextual index, of these contracts.
        plain: without it, of these contracts; None is every contract. Its scores are on the same scale.
    """
    tools.on_step("Searching passages with their context; once after a start their index is prepared")
    index = context_index(tools.shelf)
    covered = coverage(index, query, tools)
    found = []
    for wording in wordings:
        hits = search(index, wording, covered.known) if covered.known else ()
        if covered.missing:
            # A library that has none of it must not list all its contracts to the stores.
            scope = covered.missing if covered.known else query.contract_ids or None
            hits = _merged(hits, plain(wording, scope), tools.limit)
        notes = (covered.note,) if covered.note else ()
        found.append(Leg(module, wording, hits, notes=notes))
    return tuple(found)


def _merged(one: tuple[Hit, ...], other: tuple[Hit, ...], limit: int) -> tuple[Hit, ...]:
    best = sorted((*one, *other), key=lambda hit: (-hit.score, hit.chunk_id))[:limit]
    return tuple(Hit(hit.chunk_id, rank, hit.score) for rank, hit in enumerate(best, start=1))
