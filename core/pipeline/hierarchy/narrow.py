"""From what a question names to the contracts it can mean. In doubt a contract stays in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.mention import Kind, Mention
from core.pipeline.hierarchy.mentions import find_mentions
from core.pipeline.hierarchy.postings import Rows

_BESIDE: Final = re.compile(r"\W*(?:\w+\W+){0,2}")


@dataclass(frozen=True)
class Narrowed:
    """The rows that a question can mean, and the words of it that say so.

    The last ``unsaid`` of the rows are in because they do not say what the question names, such as a date.
    """

    rows: Rows
    named: tuple[str, ...]
    unsaid: int = 0


def narrow(question: str, index: ContractIndex, within: Rows) -> Narrowed | None:
    """The contracts of ``within`` that ``question`` names; None where it names none, or where it means others as well.

    Every mention keeps, of the contracts it fits, those that most other mentions fit as well: "Harbour" and
    "Northwind" mean the one contract between them, "Harbour" and "Corvane" two contracts.
    """
    mentions = find_mentions(question, index)
    if mentions.doubtful or not mentions.found:
        return None
    names = [one for one in mentions.found if one.kind is Kind.NAME]
    types = [one for one in mentions.found if one.kind is Kind.TYPE]
    rest = [one for one in mentions.found if one.kind in (Kind.DATE, Kind.LAW)]
    # What describes something that is named is no contract of its own.
    own = [*names, *(one for one in types if not _describes(question, one, names))]
    if not own:
        own = rest
    counts = np.zeros(len(index), dtype=np.int64)
    for one in (*names, *types, *rest):
        counts[one.rows] += 1
        counts[one.unsaid] += 1
    kept = [_best(one, counts, within) for one in own]
    rows = np.unique(np.concatenate(kept)) if kept else within[:0]
    if not len(rows) or len(rows) == len(within):
        return None
    said = np.isin(rows, np.concatenate([one.rows for one in own]))
    words = tuple(
        dict.fromkeys(one.words for one in _outermost(mentions.found) if np.isin(one.rows, rows).any())
    )
    return Narrowed(np.concatenate([rows[said], rows[~said]]), words, int((~said).sum()))


def _outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Those that do not lie within another."""
    return [
        one
        for one in mentions
        if not any(
            other.start <= one.start
            and one.end <= other.end
            and (other.start, other.end) != (one.start, one.end)
            for other in mentions
        )
    ]


def _best(mention: Mention, counts: Rows, within: Rows) -> Rows:
    known = np.intersect1d(mention.rows, within, assume_unique=True)
    if not len(known):
        return known
    rows: Rows = np.union1d(known, np.intersect1d(mention.unsaid, within))
    fitting: Rows = rows[counts[rows] == counts[rows].max()]
    return fitting


def _describes(question: str, mention: Mention, names: list[Mention]) -> bool:
    gaps = (
        question[min(one.end, mention.end) : max(one.start, mention.start)]
        for one in names
        if one.end <= mention.start or mention.end <= one.start
    )
    overlaps = any(one.start < mention.end and mention.start < one.end for one in names)
    return overlaps or any(_BESIDE.fullmatch(gap) for gap in gaps)
