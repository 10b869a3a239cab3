"""The edges inside one contract: what contains, defines, uses, refers to and names what."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from core.passage_notes import chunk_at, word_pattern
from core.pipeline.graph.records import EdgeKind
from core.records import Chunk, DefinedTerm
from core.storage.tokens import tokenize
from ingest.graph.model_facts import Fact

LONGEST_NAME = 70
MOST_THINGS = 2_000
_ITEM = re.compile(r"^\(?\w{1,5}\)$|^[\d.]{1,9}$")

Triple = tuple[int, int, int]


Locate = Callable[[int], int | None]
"""Gives the node of the chunk in which an offset of the text lies; None between chunks."""


def locator(chunks: Sequence[Chunk]) -> Locate:
    """The ``Locate`` of a contract's chunks, which are in reading order."""

    def locate(offset: int) -> int | None:
        chunk = chunk_at(offset, chunks)
        return None if chunk is None else chunk.ordinal + 1

    return locate


def section_edges(chunks: Sequence[Chunk]) -> tuple[list[tuple[str, ...]], list[Triple]]:
    """Every heading path that holds chunks, and what it holds: chunks, and the sections below it."""
    numbers: dict[tuple[str, ...], int] = {}
    edges: list[Triple] = []
    first = 1 + len(chunks)

    def node(path: tuple[str, ...]) -> int:
        if path not in numbers:
            numbers[path] = len(numbers)
            parent = node(path[:-1]) if len(path) > 1 else 0
            edges.append((parent, first + numbers[path], EdgeKind.CONTAINS))
        return first + numbers[path]

    for position, chunk in enumerate(chunks, start=1):
        parent = node(chunk.heading_path) if chunk.heading_path else 0
        edges.append((parent, position, EdgeKind.CONTAINS))
    return list(numbers), edges


def term_edges(
    terms: Sequence[DefinedTerm], chunks: Sequence[Chunk], first: int, locate: Locate
) -> Iterator[Triple]:
    """Where each term is defined, and which chunks use it; a longer term hides a shorter one inside it."""
    nodes = {" ".join(term.term.split()): first + number for number, term in enumerate(terms)}
    defined = {(first + number, place) for number, term in enumerate(terms) if (place := locate(term.start))}
    for node, place in sorted(defined):
        yield node, place, EdgeKind.DEFINED_IN
    pattern = word_pattern(list(nodes))
    if pattern is None:
        return
    for position, chunk in enumerate(chunks, start=1):
        for match in pattern.finditer(chunk.text):
            node = nodes[" ".join(match.group().split())]
            if (node, position) not in defined:
                yield position, node, EdgeKind.USES


def name_of(path: Sequence[str]) -> str:
    """A short name of a heading path: its last heading, with the one above it where that says too little alone."""
    if not path:
        return "the opening words"
    first = len(path) - 1
    while first > 0 and all(_ITEM.match(name) for name in path[first:]):
        first -= 1
    return one_line(" \u203a ".join(path[first:]))


def one_line(text: str) -> str:
    """A name on one line, no longer than is drawn."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1].rstrip()}\u2026"


def fact_edges(
    facts: Sequence[Iterable[Fact]], things: dict[str, int], labels: list[str], first: int
) -> tuple[list[Triple], dict[str, str]]:
    """What passages say of things, and the words of each relation by both nodes.

    Args:
        facts: of each chunk.
        things: the number of each term by its stems; what facts speak of besides is added.
        labels: what each of them is called; filled in the same order.
        first: the node of the first of them.
    """
    edges: list[Triple] = []
    words: dict[str, str] = {}

    def node(name: str) -> int | None:
        key = " ".join(tokenize(name))
        if key not in things:
            if len(things) >= MOST_THINGS:
                return None
            things[key] = len(labels)
            labels.append(one_line(name))
        return first + things[key]

    for position, stated in enumerate(facts, start=1):
        for fact in stated:
            begin, end = node(fact.subject), node(fact.object)
            if begin is None or end is None or begin == end:
                continue
            edges += [
                (position, begin, EdgeKind.FACT),
                (position, end, EdgeKind.FACT),
                (begin, end, EdgeKind.FACT),
            ]
            words.setdefault(f"{begin}-{end}", one_line(fact.relation))
    return edges, words
