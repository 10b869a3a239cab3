"""What if: the same question answered from other passages, because a reader decides so and says why."""

from collections.abc import Iterable
from dataclasses import replace

from core.ask import CautiousShelf, seal
from core.errors import ProvisoError
from core.records import Finding, Override
from core.stage2_rerank import override as overridden


class OverrideRefused(ProvisoError):
    """A change of the kept passages that cannot be made."""


def with_override(finding: Finding, override: Override, shelf: CautiousShelf) -> Finding:
    """The finding as it stands once a reader has changed which passages are kept.

    Args:
        finding: the reranker's own; ranks, scores and timings stay as they are.
        override: what is changed, why and by whom.
        shelf: the library as it is now.

    Raises:
        OverrideRefused: a passage does not stand where the override says, more would be kept than may be, or a
            passage is no longer in the library.
    """
    try:
        ranking = overridden(finding.ranking, override.promoted, override.removed, finding.inquiry.keep)
    except ValueError as error:
        raise OverrideRefused("The change", str(error), "Choose the passages again.") from None
    kept = [one.candidate.chunk.chunk_id for one in ranking.kept]
    gone = missing(kept, shelf)
    if gone:
        raise OverrideRefused(
            "The change",
            f"{len(gone)} of the {len(kept)} passages are no longer in the library.",
            "Ask the question again.",
        )
    sealed = seal(
        finding.inquiry, ranking, shelf, finding.timings, finding.contracts_searched, override=override
    )
    return replace(
        sealed,
        trace=finding.trace,
        wordings=finding.wordings,
        notes=finding.notes,
        parts=finding.parts,
    )


def missing(chunk_ids: Iterable[str], shelf: CautiousShelf) -> tuple[str, ...]:
    """Those of ``chunk_ids`` that the library no longer holds."""
    wanted = tuple(chunk_ids)
    there = shelf.chunks(wanted)
    return tuple(chunk_id for chunk_id in wanted if chunk_id not in there)
