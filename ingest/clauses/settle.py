"""Last touches to clauses: which are bare headings, where paragraphs begin, and what follows a list."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.clauses.lines import Gap, Line
from ingest.clauses.records import Clause

_ITEM_END = re.compile(r"[;,](?:\s*(?:and|or|and/or))?\s*$")
_MOST_LEAD_WORDS = 40


def settled(text: str, clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses whose heading is all there is, such as a list item, keep it as their text."""
    settled = []
    for index, clause in enumerate(clauses):
        empty = clause.body > clause.start and not text[clause.body : clause.end].strip()
        parent = index + 1 < len(clauses) and clauses[index + 1].keys[: len(clause.keys)] == clause.keys
        if parent and len(text[clause.body : clause.end].split()) < _MOST_LEAD_WORDS:
            settled.append(replace(clause, bare=True))
        else:
            settled.append(replace(clause, body=clause.start) if empty else clause)
    return settled


def with_breaks(clauses: Sequence[Clause], lines: Sequence[Line]) -> list[Clause]:
    """``clauses`` with the offsets of the paragraphs that begin in them."""
    breaks = [line.start for line in lines if line.gap is Gap.PARAGRAPH]
    result, at = [], 0
    for clause in clauses:
        upto = bisect_left(breaks, clause.end, at)
        result.append(replace(clause, breaks=tuple(breaks[at:upto])))
        at = upto
    return result


def without_flush_text(text: str, clauses: Sequence[Clause]) -> Iterator[Clause]:
    """Gives the paragraphs after a list back to the clause that holds the list.

    In a list whose items end with semicolons, the last item ends with the first full stop that ends a
    paragraph.
    """
    for index, clause in enumerate(clauses):
        after = clauses[index + 1] if index + 1 < len(clauses) else None
        end = _item_end(text, clauses[index - 1], clause, after) if index else 0
        if end:
            yield replace(clause, end=end, breaks=tuple(at for at in clause.breaks if at < end))
            rest = tuple(at for at in clause.breaks if at >= end)
            yield Clause(end, end, clause.end, clause.path[:-1], clause.keys[:-1], clause.kind, breaks=rest)
        else:
            yield clause


def _item_end(text: str, before: Clause, clause: Clause, after: Clause | None) -> int:
    """Where the last item of a list ends although its text goes on; 0 for every other clause."""
    parent = clause.keys[:-1]
    if not parent or before.keys[:-1] != parent or not _ITEM_END.search(text[before.body : before.end][-12:]):
        return 0
    if after and len(after.keys) > len(parent) and after.keys[: len(parent)] == parent:
        return 0
    stops = (at for at in clause.breaks if at > clause.body)
    return next((at for at in stops if text[max(clause.body, at - 40) : at].rstrip().endswith(".")), 0)
