"""The terms that a contract defines, and where each definition stands."""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.records import ChunkKind, DefinedTerm
from ingest.clauses.records import Clause

LONGEST_DEFINITION = 700
LONGEST_LEAD = 260

_OPEN, _CLOSE = "\"\u201c\u2018'", "\"\u201d\u2019'"
_QUOTED = rf"[{_OPEN}](?P<term>[A-Z0-9][^{_OPEN}{_CLOSE}()\n]{{0,58}}?[\w.)])[,]?[{_CLOSE}]"
_VERB = (
    r"\s*(?:\([^()]{0,80}\)\s*)?,?\s*(?:(?:as\s+used\s+(?:herein|in\s+this\s+\w+)|when\s+used\s+\w+|for\s+purposes\s+of"
    r"\s+this\s+\w+)\s*,?\s*)?(?:shall\s+|will\s+)?(?:means?\b|ha(?:s|ve)\s+the\s+(?:same\s+)?meanings?\b|includes?\b"
    r"|refers?\s+to\b|is\s+defined\b|are\s+defined\b)"
)
_MEANS = re.compile(_QUOTED + r"(?:\s+(?:or|and)\s+[\"\u201c][^\"\u201d\n]{1,50}[\"\u201d])?" + _VERB)
_BRACKETED = re.compile(rf"\((?:[^()\n{_OPEN}]|\n(?!\n)){{0,70}}?{_QUOTED}[^()]{{0,90}}\)")
_WORD = r"[A-Z][\w&/\u2019'-]*"
_PLAIN = re.compile(
    rf"^[ \t]*(?:\(?\w{{1,4}}(?:\.\d+)*[.)][ \t]+)?(?P<term>{_WORD}(?:[ ](?:{_WORD}|of|and|or|to|the|for|in)){{0,5}})"
    r"[ \t]*:?[ \t]*(?:shall[ \t]+)?(?:means?\b|has[ \t]+the[ \t]+meaning)",
    re.MULTILINE,
)
_ABBREVIATED = (
    r"(?<!\b[A-Z])(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)(?<!\bNo)(?<!\bMr)(?<!\bMrs)(?<!\bDr)"
    r"(?<!i\.e)(?<!e\.g)"
)
_SENTENCE_END = re.compile(_ABBREVIATED + r"[.;][\"\u201d\u2019)]{0,2}(?=\s*\n|\s+[A-Z\"\u201c(\d]|\s*$)")
_SENTENCE_START = re.compile(rf"(?:{_ABBREVIATED}[.;:][\"\u201d)]*\s+|\n\s*\n)(?=[^\s])")
_NO_TERM = frozenset("Agreement Section Article Exhibit Schedule Yes No".split())


def find_defined_terms(text: str, clauses: Sequence[Clause] = ()) -> tuple[DefinedTerm, ...]:
    """Each term once, in the order of the definitions.

    Counted are words in quotation marks that "mean" something or that a bracket introduces (the "Supplier"), and,
    among the definitions, capitalised words at the beginning of a line that mean something. Where a term is both
    introduced and given a meaning, the meaning is its definition.

    Args:
        text: of the contract, signs made plain.
        clauses: its clauses, which say where the definitions are.
    """
    found: dict[str, DefinedTerm] = {}
    for term in (*_meanings(text), *_plain(text, clauses), *_introduced(text)):
        found.setdefault(term.term, term)
    return tuple(sorted(found.values(), key=lambda term: (term.start, term.term)))


def _meanings(text: str) -> Iterator[DefinedTerm]:
    matches = list(_MEANS.finditer(text))
    limits = [*(match.start() for match in matches[1:]), len(text)]
    for match, limit in zip(matches, limits, strict=False):
        yield from _term(match["term"], match.start(), _end(text, match.end(), limit))


def _plain(text: str, clauses: Iterable[Clause]) -> Iterator[DefinedTerm]:
    for clause in clauses:
        if clause.kind is not ChunkKind.DEFINITIONS:
            continue
        for match in _PLAIN.finditer(text, clause.start, clause.end):
            yield from _term(match["term"], match.start("term"), _end(text, match.end(), clause.end))


def _introduced(text: str) -> Iterator[DefinedTerm]:
    for match in _BRACKETED.finditer(text):
        begin = max(0, match.start() - LONGEST_LEAD)
        start = begin
        for sentence in _SENTENCE_START.finditer(text, begin, match.start()):
            start = sentence.end()
        if start == begin and begin > 0:
            start = text.find(" ", begin) + 1
        yield from _term(match["term"], start, match.end())


def _term(term: str, start: int, end: int) -> Iterator[DefinedTerm]:
    words = " ".join(term.split()).rstrip(",.")
    if words and words not in _NO_TERM and any(character.isalpha() for character in words) and len(words) > 1:
        yield DefinedTerm(words, start, end)


def _end(text: str, begin: int, limit: int) -> int:
    limit = min(limit, begin + LONGEST_DEFINITION, len(text))
    found = _SENTENCE_END.search(text, begin, limit)
    end = found.end() if found else limit
    while end > begin and text[end - 1].isspace():
        end -= 1
    return end
