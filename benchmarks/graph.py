"""The graph at the size of a large library: how long it takes to build, to walk, and how much memory it needs.

Usage: python -m benchmarks.graph [contracts]
"""

import resource
import sys
import time
import uuid
from collections.abc import Iterator

import numpy as np
from rich.console import Console

from core.pipeline.graph.records import ContractGraph, EdgeKind, Entry, Names, encode
from core.pipeline.graph.seeds import Seed, named_seeds
from core.pipeline.graph.walk import walk
from core.pipeline.graph.whole import build

CHUNKS, SECTIONS, TERMS, REFERENCES, USES = 60, 60, 35, 50, 230
QUESTIONS = 20


def synthetic(number: int, rng: np.random.Generator) -> bytes:
    """A contract with as many chunks, terms and references as the sample contracts have on average."""
    first_section, first_term = 1 + CHUNKS, 1 + CHUNKS + SECTIONS
    edges = {(0, first_section + one, EdgeKind.CONTAINS) for one in range(SECTIONS)}
    edges |= {(first_section + one, 1 + one, EdgeKind.CONTAINS) for one in range(CHUNKS)}
    edges |= {(first_term + one, int(rng.integers(1, CHUNKS)), EdgeKind.DEFINED_IN) for one in range(TERMS)}
    edges |= {
        (int(rng.integers(1, 1 + CHUNKS)), first_term + int(rng.integers(TERMS)), EdgeKind.USES)
        for _ in range(USES)
    }
    pairs = rng.integers(1, 1 + CHUNKS, size=(REFERENCES, 2)).tolist()
    edges |= {(begin, end, EdgeKind.REFERS) for begin, end in pairs if begin != end}
    terms = tuple(f"term {int(one)}" for one in rng.zipf(1.3, TERMS) % 5_000)
    entry = Entry(
        f"Agreement {number}",
        "2024-01-01",
        (f"Party {number % 3_000} Limited", f"Holder {number % 700} Inc"),
        CHUNKS,
        SECTIONS,
        terms,
        (),
        (),
    )
    headings = tuple(f"{one} Heading of a clause" for one in range(CHUNKS))
    names = Names(headings, headings, terms, {str(one): one for one in range(CHUNKS)}, {})
    ids = tuple(str(uuid.UUID(int=number * 1_000 + one)) for one in range(CHUNKS))
    return encode(ContractGraph(entry, names, ids, np.asarray(sorted(edges), dtype=np.int32)))


def main(contracts: int) -> None:
    """Measure and print."""
    rng, say = np.random.default_rng(3), Console(highlight=False).print
    bodies = [(f"{number:064x}", synthetic(number, rng)) for number in range(contracts)]
    stored = sum(len(body) for _, body in bodies)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    graph = build(_facts(bodies))
    built = time.perf_counter() - begin
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    seconds, every = [], set(range(contracts))
    for question in range(QUESTIONS):
        begin = time.perf_counter()
        near = {int(one): 0.2 for one in rng.integers(0, contracts, 5)}
        passages = [Seed(int(graph.first[one]) + 1, share, "") for one, share in near.items()]
        words = f"What does term {question + 1} mean for Party {question} Limited under clause 7?"
        named = named_seeds(graph, words, every, near)
        walk(graph, [*passages, *named], every, 0.85, 100)
        seconds.append(time.perf_counter() - begin)
    say(f"{contracts:,} contracts, {int(graph.first[-1]):,} nodes, {len(graph.edges):,} edges")
    say(f"stored {stored / 1e6:.0f} MB, built in {built:.1f} s, {grown / 1024:.0f} MB more memory")
    say(f"one question: median {np.median(seconds):.2f} s, longest {max(seconds):.2f} s")


def _facts(bodies: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    yield from bodies


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
