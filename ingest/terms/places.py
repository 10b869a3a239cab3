"""Where each numbered clause of a contract begins: in its body, in each schedule, and in each part of a schedule."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from core.clause_labels import ATTACHED, canonical, stem
from ingest.clauses.records import Clause
from ingest.terms.labels import KIND

_NUMBER = re.compile(
    rf"(?i:(?P<kind>{KIND})\s+|\u00a7\s?)?(?:no\.?\s*)?(?P<label>\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|\([a-zA-Z0-9]{{1,5}}\)|[IVXLC]{{1,6}}|[A-Z](?:-?\d{{1,2}})?)"
    r"[.):]?(?=\s|$|[-\u2013\u2014])"
)
_PART = re.compile(
    r"^[ \t]*(?:PART|Part)[ \t]+(?P<label>\d{1,2}|[IVX]{1,4}|[A-Z](?:-?\d{1,2})?)[ \t]*"
    r"(?=$|[-\u2013\u2014.:]|[ ][A-Z])",
    re.MULTILINE,
)
_LINE = re.compile(r"^[ \t]*(?P<label>[A-Z]-\d{1,2}|\d{1,2})\.?[ \t]+(?=[A-Z])", re.MULTILINE)

Scope = str
"""The attachment that a number stands in, with its part: ``""``, ``schedule 3``, ``schedule 3/part 2``."""


Span = tuple[int, int, Scope]


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets by scope and number, and the spans (start, end, scope) of attachments and of their parts, by start."""

    starts: dict[tuple[Scope, str], int]
    lines: dict[tuple[Scope, str], int]
    """Lines of attachments that begin with a number and are no clauses, such as rows of a table."""
    attachments: tuple[Span, ...]
    parts: tuple[Span, ...]
    titles: dict[str, Scope]
    """Attachments by what they are called, in small letters: ``contract particulars``."""

    def scopes_at(self, offset: int) -> tuple[Scope, ...]:
        """What an offset lies in, the innermost first, ending with the body."""
        found = (_span_at(spans, offset) for spans in (self.parts, self.attachments))
        return (*(span[2] for span in found if span is not None), "")

    def find(self, scopes: Sequence[Scope], number: str) -> int | None:
        """Where ``number`` begins in the first of ``scopes`` that has it, or the clause that it is an item of.

        Where none has it, a clause that has no heading of its own begins with its first sub-clause or a line of its
        number.
        """
        while number:
            for starts, wanted in ((self.starts, number), (self.starts, f"{number}.1"), (self.lines, number)):
                for scope in scopes:
                    if (scope, wanted) in starts:
                        return starts[scope, wanted]
            shorter = re.sub(r"\([^()]*\)$", "", number)
            if shorter == number:
                return None
            number = shorter
        return None

    @property
    def numbers(self) -> dict[str, int]:
        """Every offset by ``scope/number``, or the number alone in the body."""
        return {
            f"{scope}/{number}" if scope else number: start
            for (scope, number), start in (self.lines | self.starts).items()
        }


def read_places(text: str, clauses: Sequence[Clause]) -> Places:
    """Where each numbered clause begins, by the attachment and the part it stands in."""
    attachments = _attachments(clauses)
    parts = _parts(text, attachments)
    places = Places({}, {}, tuple(attachments), tuple(parts), _titles(text, attachments))
    for start, _, scope in attachments:
        places.starts.setdefault(("", scope), start)
    for start, _, scope in parts:
        attachment, _, part = scope.rpartition("/")
        places.starts.setdefault((attachment, part), start)
    for clause in clauses:
        for name in clause.path[1:]:
            if scope := _attachment(name):
                places.starts.setdefault(("", scope), clause.start)
        number = _number(clause)
        if number:
            for scope in places.scopes_at(clause.start)[:-1] or ("",):
                places.starts.setdefault((scope, number), clause.start)
    for begin, end, scope in (*attachments, *parts):
        for match in _LINE.finditer(text, begin, end):
            places.lines.setdefault((scope, canonical(match["label"])), match.start("label"))
    return places


def _number(clause: Clause) -> str:
    number, attached = "", False
    for name in clause.path:
        match = _NUMBER.match(name)
        if match is None:
            continue
        kind, label = (match["kind"] or "").lower(), match["label"]
        attached = attached or kind.startswith(ATTACHED)
        if kind.startswith(ATTACHED) or (attached and kind.startswith("part")):
            number = ""
        else:
            number = number + canonical(label) if label.startswith("(") else canonical(label)
    return number


def _attachment(name: str) -> Scope:
    """The attachment that a heading begins; "" for another heading."""
    match = _NUMBER.match(name)
    if match is None or not (match["kind"] or "").lower().startswith(ATTACHED):
        return ""
    return f"{stem(match['kind'])} {canonical(match['label'])}"


def _attachments(clauses: Sequence[Clause]) -> list[Span]:
    spans: list[Span] = []
    for clause in clauses:
        scope = _attachment(clause.path[0]) if clause.path else ""
        if not scope:
            continue
        if spans and spans[-1][2] == scope and spans[-1][1] == clause.start:
            spans[-1] = (spans[-1][0], clause.end, scope)
        else:
            spans.append((clause.start, clause.end, scope))
    return spans


def _parts(text: str, attachments: Sequence[Span]) -> list[Span]:
    parts: list[Span] = []
    for begin, end, scope in attachments:
        found = list(_PART.finditer(text, begin, end))
        ends = [*(match.start() for match in found[1:]), end]
        parts += [
            (match.start(), until, f"{scope}/part {canonical(match['label'])}")
            for match, until in zip(found, ends, strict=False)
        ]
    return parts


def _titles(text: str, attachments: Sequence[Span]) -> dict[str, Scope]:
    """The attachments by the line of words under or beside their number."""
    titles: dict[str, Scope] = {}
    for begin, end, scope in attachments:
        head = text[begin : min(end, begin + 200)]
        words = (
            re.sub(r"^\S+\s+\S+[\s:.\u2013\u2014-]*", "", head).split("\n", 1)[0].strip(" .:-\u2013\u2014")
        )
        if 4 <= len(words) <= 80 and "/" not in words:
            titles.setdefault(" ".join(words.casefold().split()), scope)
    return titles


def _span_at(spans: Sequence[Span], offset: int) -> Span | None:
    at = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return spans[at] if at >= 0 and offset < spans[at][1] else None


def clause_at(clauses: Sequence[Clause], offset: int) -> Clause | None:
    """The clause that holds ``offset``."""
    at = bisect_right(clauses, offset, key=lambda clause: clause.start) - 1
    return clauses[at] if at >= 0 and offset < clauses[at].end else None
