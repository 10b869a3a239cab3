"""References from one clause of a contract to another, and where the clause meant begins."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.clause_labels import ATTACHED, ATTACHMENT, canonical, stem
from core.records import CrossReference, DefinedTerm
from ingest.clauses.records import Clause
from ingest.terms.labels import LABEL, REFERENCE
from ingest.terms.places import Places, Scope, clause_at, read_places

_REFERENCE = re.compile(REFERENCE)
_ONE_LABEL = re.compile(LABEL)
# What follows when another document is meant: a statute, a rule, another agreement.
_ELSEWHERE = re.compile(
    r"[\s,]{1,5}(?:of|to|under|in)\s+(?:the\s+|that\s+(?:certain\s+)?|such\s+|its\s+|title\s+)?(?!this\b|the\s+Agreement\b)"
    r"(?:[\w.&'\u2019-]+\s+){0,6}?(?:Act|Code|Law|Laws|Regulations?|Rules?|Statutes?|Directive|Constitution|GDPR|HGB|U\.?S\.?C"
    r"|(?:[A-Z][\w-]+\s+){1,5}(?:Agreement|Lease|Contract|Indenture|Plan|Note|Deed|Bylaws))\b"
)
_WITHIN = re.compile(
    rf"[\s,]{{1,5}}(?:of|to|in)\s+(?:(?P<part>(?i:part))\s+(?P<part_label>{LABEL})[\s,]{{1,5}}(?:of|to|in)\s+)?"
    rf"(?:(?P<that>(?:that|the\s+same)\s+(?i:{ATTACHMENT})\b)|(?P<kind>(?i:{ATTACHMENT}))\s+(?P<label>{LABEL})"
    r"|(?:the\s+)?(?P<name>[A-Z]\w+(?:\s+(?:[A-Z]\w+|and|of|for|to)){0,6}))"
)
_WITHIN_PART = re.compile(rf"[\s,]{{1,5}}(?:of|to|in)\s+(?P<part>(?i:part))\s+(?P<part_label>{LABEL})")
# ``Annex 1 Part B``, ``Schedule 3, paragraph 2(a)``: the attachment comes first.
_BEFORE = re.compile(rf"(?P<kind>\b(?i:{ATTACHMENT}))\s+(?P<label>{LABEL})[\s,]{{0,5}}\(?$")
_POINTS_AT = re.compile(rf"(?P<kind>\b(?i:{ATTACHMENT}))\s+(?P<label>{LABEL})")
_NEARBY = 300


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    kind: str
    label: str
    whole_start: int
    whole_end: int


def find_cross_references(
    text: str, clauses: Sequence[Clause], terms: Sequence[DefinedTerm] = (), places: Places | None = None
) -> tuple[CrossReference, ...]:
    """Every reference to a clause that this contract has, in order; what names nothing in it is left out.

    ``12.3(b)`` means item (b) of clause 12.3, or clause 12.3 where the item does not stand on its own. Inside a
    schedule, a paragraph of the schedule comes before a clause of the same number; ``paragraph 4.2 of Schedule 6``,
    ``Annex 1 Part B`` and ``item 8 of the Contract Particulars`` name the schedule. References to statutes and to
    other agreements are left out, and so is one that stands in the clause it names.

    Args:
        text: of the contract, signs made plain.
        clauses: its clauses.
        terms: that it defines; one that means a schedule may stand for it.
        places: where its numbers begin, where they are read already.
    """
    known = read_places(text, clauses) if places is None else places
    names = _names(text, known, terms)
    found = []
    for one in _references(text):
        target = _target(one, text, known, names)
        here = clause_at(clauses, one.start)
        if target is not None and not (here is not None and here.start == target):
            found.append(CrossReference(one.start, one.end, target))
    return tuple(found)


def find_dangling_references(
    text: str, terms: Sequence[DefinedTerm], places: Places
) -> tuple[tuple[int, int, str], ...]:
    """References to clauses that this contract has not, as start, end and number: an amendment means those of the
    agreement that it amends.
    """
    names = _names(text, places, terms)
    return tuple(
        (one.start, one.end, canonical(one.label))
        for one in _references(text)
        if not one.kind.startswith((*ATTACHED, "part", "item", "paragraph"))
        and _target(one, text, places, names) is None
    )


def _references(text: str) -> Iterator[_Found]:
    for match in _REFERENCE.finditer(text):
        if _ELSEWHERE.match(text, match.end()):
            continue
        for number, label in enumerate(_ONE_LABEL.finditer(match["labels"])):
            begin = match.start("labels") + label.start()
            yield _Found(
                match.start() if number == 0 else begin,
                match.start("labels") + label.end(),
                match["kind"].strip().lower(),
                label.group(),
                match.start(),
                match.end(),
            )


def _target(one: _Found, text: str, places: Places, names: Mapping[str, Scope]) -> int | None:
    if one.kind.startswith(ATTACHED):
        label = canonical(one.label)
        # An exhibit C-1 may stand under the heading of exhibit C.
        whole = (f"{stem(one.kind)} {name}" for name in (label, canonical(re.split(r"[-(]", label)[0])))
        return next((places.starts["", name] for name in whole if ("", name) in places.starts), None)
    scopes = _named_scope(one, text, places, names)
    inside = places.scopes_at(one.start)
    if one.kind.startswith("part"):
        return _part(one, scopes or inside, text, places)
    if one.kind.startswith("item"):
        inside = inside[:-1]
    if one.kind.startswith(("clause", "subclause")):
        # Schedules have paragraphs: a clause is one of the body.
        inside = ("", *inside[:-1])
    if one.kind.startswith(("paragraph", "item")):
        found = (places.find((scope,), canonical(one.label)) for scope in scopes or inside)
        return next((start for start in found if start is not None), None)
    return places.find(scopes or inside, canonical(one.label))


def _part(one: _Found, scopes: Sequence[Scope], text: str, places: Places) -> int | None:
    """A part of the schedule that is named, stood in or spoken of last, else the only one of its label."""
    label = canonical(one.label)
    last = list(_POINTS_AT.finditer(text, max(0, one.start - _NEARBY), one.start))
    near = [f"{stem(last[-1]['kind'])} {canonical(last[-1]['label'])}"] if last else []
    for scope in (*scopes, *near):
        if scope and (scope, f"part {label}") in places.starts:
            return places.starts[scope, f"part {label}"]
        if scope and (start := places.find((scope,), label)) is not None:
            return start
    alone = {start for (scope, number), start in places.starts.items() if scope and number == f"part {label}"}
    return alone.pop() if len(alone) == 1 else None


def _named_scope(one: _Found, text: str, places: Places, names: Mapping[str, Scope]) -> tuple[Scope, ...]:
    """The attachment, and its part, that the words around a reference name; () where they name none."""
    after = _WITHIN.match(text, one.whole_end)
    if after is not None:
        scope = _scope_of(after, one, text, names)
        if scope:
            part = f"{scope}/part {canonical(after['part_label'])}" if after["part"] else ""
            return (part, scope) if part else (scope,)
    in_part = _WITHIN_PART.match(text, one.whole_end)
    if in_part is not None:
        label = f"part {canonical(in_part['part_label'])}"
        return tuple(scope for _, _, scope in places.parts if scope.endswith(f"/{label}"))[:1]
    before = _BEFORE.search(text[max(0, one.whole_start - 40) : one.whole_start])
    return (f"{stem(before['kind'])} {canonical(before['label'])}",) if before else ()


def _scope_of(after: re.Match[str], one: _Found, text: str, names: Mapping[str, Scope]) -> Scope:
    if after["kind"]:
        return f"{stem(after['kind'])} {canonical(after['label'])}"
    if after["that"]:
        last = list(_POINTS_AT.finditer(text, max(0, one.whole_start - _NEARBY), one.whole_start))
        return f"{stem(last[-1]['kind'])} {canonical(last[-1]['label'])}" if last else ""
    words = " ".join(after["name"].casefold().split())
    while words and words not in names:
        words = words.rpartition(" ")[0]
    return names.get(words, "")


def _names(text: str, places: Places, terms: Sequence[DefinedTerm]) -> dict[str, Scope]:
    """Attachments by their titles and by the defined terms that mean them."""
    names = dict(places.titles)
    for term in terms:
        points = _POINTS_AT.search(text, term.start, min(term.end, term.start + 160))
        if points:
            names.setdefault(term.term.casefold(), f"{stem(points['kind'])} {canonical(points['label'])}")
    return names
