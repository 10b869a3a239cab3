"""Other wordings of the question: a model service's, or without one those of the legal thesaurus."""

from dataclasses import replace
from typing import Final

from core.errors import ChatUnavailable
from core.pipeline.module import Options, PreRetrieval
from core.pipeline.records import Formulation, Query
from core.pipeline.rewriting.by_model import ask_for_wordings, read_wordings
from core.pipeline.rewriting.thesaurus import Kind, shipped_thesaurus
from core.pipeline.tools import Tools

NAME: Final = "rewrite"
BY_MODEL: Final = "the model service"
BY_THESAURUS: Final = "the legal thesaurus"
NOTHING_KNOWN: Final = "The thesaurus knows no phrase of this question, so no other wording was searched."


def rewrite(query: Query, options: Options, tools: Tools) -> Query:
    """The query with at most ``count`` more formulations.

    A model's wordings and those with a synonym count ``weight`` in the fusion, those with a related term
    ``related_weight``.
    """
    if tools.chat is None:
        return _by_thesaurus(query, options, tools)
    count = int(options["count"])
    tools.on_step("The model writes other wordings of the question.")
    try:
        wordings = read_wordings(tools.ask(ask_for_wordings(query.question, count)), query.question, count)
    except ChatUnavailable as failure:
        return _instead(query, options, tools, f"{failure.subject}: {failure.reason}")
    if not wordings:
        return _instead(query, options, tools, "The model wrote no wording that can be searched.")
    weight = float(options["weight"])
    return _with(query, tuple(Formulation(wording, NAME, weight=weight, by=BY_MODEL) for wording in wordings))


def _instead(query: Query, options: Options, tools: Tools, reason: str) -> Query:
    note = f"{reason} The thesaurus was used instead."
    return _by_thesaurus(replace(query, notes=(*query.notes, note)), options, tools)


def _by_thesaurus(query: Query, options: Options, tools: Tools) -> Query:
    tools.on_step("Other words for the question's phrases are looked up.")
    weights = {Kind.SYNONYM: float(options["weight"]), Kind.RELATED: float(options["related_weight"])}
    found = shipped_thesaurus().reworded(query.question, int(options["count"]))
    if not found:
        return replace(query, notes=(*query.notes, NOTHING_KNOWN))
    return _with(
        query, tuple(Formulation(one.text, NAME, weight=weights[one.kind], by=BY_THESAURUS) for one in found)
    )


def _with(query: Query, formulations: tuple[Formulation, ...]) -> Query:
    return replace(query, formulations=(*query.formulations, *formulations))


REWRITE = PreRetrieval(
    NAME,
    rewrite,
    {"count": 3, "weight": 0.25, "related_weight": 0.1},
    writes=True,
    bounds={"count": (1, 8), "weight": (0.01, 1), "related_weight": (0.01, 1)},
    asks=True,
)
