"""The chunks of the sections that a question names, of a contract's particulars, or of the sections nearest to it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.pipeline.hierarchy.labels import chunks_in
from core.pipeline.hierarchy.nearest import nearest_sections
from core.pipeline.hierarchy.outline import OUTLINE, VERSION, decode_outline
from core.pipeline.hierarchy.tier import OPENED_IN, Asked, Tier, tier_of
from core.pipeline.module import Options, Retrieval
from core.pipeline.modules.bm25 import bm25
from core.pipeline.modules.dense import dense
from core.pipeline.records import Leg, Option, Query
from core.pipeline.tools import Tools
from core.records import Hit

SECTION_NOTE = (
    "Opened directly: {}. The reranker judges words, not numbers: a passage that it discards can be promoted."
)
CONTRACT_NOTE = "Looked first where contracts say this of themselves: {}."
LISTED = 5
Found = Iterator[tuple[str, tuple[str, ...]]]


def sections(query: Query, options: Options, tools: Tools) -> tuple[Leg, ...]:
    """The legs of the cheapest tier that can answer the question.

    A question that asks what a section says gets its chunks and no others: the reranker cannot tell them by their
    number. Otherwise what was opened counts ``opened`` times as much in the fusion as what is found by ``dense`` and
    ``bm25`` in the scope, and the ``sections`` nearest to the question ``near`` times.
    """
    asked = tier_of(query.question)
    scope = query.contract_ids or tuple(tools.shelf.titles)
    opened: tuple[Leg, ...] = ()
    if asked.tier is Tier.SECTION and len(scope) <= OPENED_IN:
        opened = _leg(query, _named_sections(asked, scope, tools), options["opened"], tools, SECTION_NOTE)
        if opened and asked.alone:
            return opened
    elif asked.tier is Tier.CONTRACT:
        opened = _leg(query, _particulars(asked, scope, tools), options["opened"], tools, CONTRACT_NOTE)
    if not opened and options["near"]:
        opened = _leg(query, _near(query, scope, int(options["sections"]), tools), options["near"], tools)
    return (*opened, *dense(query, {}, tools), *bm25(query, {}, tools))


def _leg(query: Query, found: Found, weight: Option, tools: Tools, note: str = "") -> tuple[Leg, ...]:
    """What was found as a leg, in its order; none where nothing was."""
    paths: dict[str, tuple[str, ...]] = {}
    for chunk_id, path in found:
        if len(paths) == tools.limit:
            break
        paths.setdefault(chunk_id, path)
    hits = tuple(Hit(chunk_id, rank, 1.0 / rank) for rank, chunk_id in enumerate(paths, start=1))
    wording = replace(query.formulations[0], weight=float(weight) * query.formulations[0].weight)
    places = dict.fromkeys(path[-1] for path in paths.values())
    notes = (note.format(", ".join(list(places)[:LISTED])),) if note else ()
    return (Leg("sections", wording, hits, paths, notes),) if hits else ()


def _named_sections(asked: Asked, scope: Sequence[str], tools: Tools) -> Found:
    for contract_id in scope:
        chunks = tools.shelf.chunks_of(contract_id)
        for label in asked.labels:
            for chunk in chunks_in(label, chunks):
                yield chunk.chunk_id, ("section tier", tools.shelf.titles[contract_id], str(label))


def _particulars(asked: Asked, scope: Sequence[str], tools: Tools) -> Found:
    some = scope[: tools.limit]
    facts = tools.shelf.facts(OUTLINE, VERSION, some)
    for contract_id in some:
        if facts.get(contract_id) and contract_id in tools.shelf.titles:
            outline = decode_outline(facts[contract_id])
            chosen, what = (
                (outline.law_chunks, "governing law") if asked.law else (outline.front, "front page")
            )
            for chunk_id in chosen:
                yield chunk_id, ("contract tier", tools.shelf.titles[contract_id], what)


def _near(query: Query, scope: Sequence[str], limit: int, tools: Tools) -> Found:
    vector = tools.encoder.encode([query.question])[0]
    for place in nearest_sections(query.question, vector, scope, limit, tools.shelf):
        for chunk_id in place.section.chunk_ids:
            yield (
                chunk_id,
                ("clause tier", tools.shelf.titles.get(place.contract_id, ""), place.section.heading),
            )


SECTIONS_OF = Retrieval(
    "sections",
    sections,
    {"opened": 3.0, "near": 0.25, "sections": 10},
    {"opened": (0.01, 10), "near": (0, 10), "sections": (1, 100)},
)
