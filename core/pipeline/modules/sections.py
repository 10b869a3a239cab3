"""The chunks of the sections that a question names, of a contract's particulars, or of the sections nearest to it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.pipeline.hierarchy.labels import chunks_in
from core.pipeline.hierarchy.nearest import nearest_sections, read_sections
from core.pipeline.hierarchy.outline import OUTLINE, VERSION, decode_outline
from core.pipeline.hierarchy.tier import Asked, Tier, tier_of
from core.pipeline.module import Options, Retrieval
from core.pipeline.records import Leg, Query
from core.pipeline.tools import Tools
from core.records import Hit

Found = Iterator[tuple[str, tuple[str, ...]]]


def sections(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """One leg, of the cheapest tier that can answer the question.

    A named section or a contract's particulars count ``opened`` times as much in the fusion as what another module
    finds, the nearest sections ``near`` times. A section is opened by its number in at most ``named_in`` contracts: in
    more, its number says nothing.
    """
    asked = tier_of(query.question)
    scope = query.contract_ids or tuple(tools.shelf.titles)
    found: dict[str, tuple[str, ...]] = {}
    weight = float(options["opened"])
    if asked.tier is Tier.SECTION and len(scope) <= int(options["named_in"]):
        found = _limited(_named_sections(asked, scope, tools), tools.limit)
    elif asked.tier is Tier.CONTRACT:
        found = _limited(_particulars(asked, scope, tools), tools.limit)
    if not found and float(options["near"]) > 0:
        weight = float(options["near"])
        found = _limited(_near(query, scope, int(options["sections"]), tools), tools.limit)
    if not found:
        return ()
    hits = tuple(Hit(chunk_id, rank, 1.0 / rank) for rank, chunk_id in enumerate(found, start=1))
    wording = replace(query.formulations[0], weight=weight * query.formulations[0].weight)
    return (Leg("sections", wording, hits, found),)


def _named_sections(asked: Asked, scope: Sequence[str], tools: Tools) -> Found:
    for contract_id in scope:
        chunks = tools.shelf.chunks_of(contract_id)
        for label in asked.labels:
            for chunk in chunks_in(label, chunks):
                yield chunk.chunk_id, ("section tier", tools.shelf.titles[contract_id], str(label))


def _particulars(asked: Asked, scope: Sequence[str], tools: Tools) -> Found:
    facts = tools.shelf.facts(OUTLINE, VERSION, scope)
    for contract_id in scope:
        if facts.get(contract_id) and contract_id in tools.shelf.titles:
            outline = decode_outline(facts[contract_id])
            chosen, what = (
                (outline.law_chunks, "governing law") if asked.law else (outline.front, "front page")
            )
            for chunk_id in chosen:
                yield chunk_id, ("contract tier", tools.shelf.titles[contract_id], what)


def _near(query: Query, scope: Sequence[str], limit: int, tools: Tools) -> Found:
    read = read_sections(tools.shelf, scope)
    if not read:
        return
    vector = tools.encoder.encode([query.question])[0]
    for place in nearest_sections(query.question, vector, read, limit):
        for chunk_id in place.section.chunk_ids:
            yield (
                chunk_id,
                ("clause tier", tools.shelf.titles.get(place.contract_id, ""), place.section.heading),
            )


def _limited(found: Found, limit: int) -> dict[str, tuple[str, ...]]:
    """The first ``limit`` chunks, each once."""
    chosen: dict[str, tuple[str, ...]] = {}
    for chunk_id, path in found:
        if len(chosen) == limit:
            break
        chosen.setdefault(chunk_id, path)
    return chosen


SECTIONS_OF = Retrieval("sections", sections, {"opened": 3.0, "near": 0.25, "sections": 10, "named_in": 8})
