"""HyDE: a clause that could answer the question is searched with, for answers are nearer to it than to the question.

With a model service it is written, without one it is the nearest of Proviso's own model clauses.
"""

from dataclasses import replace
from typing import Final

from core.errors import ChatUnavailable
from core.pipeline.module import Options, PreRetrieval
from core.pipeline.records import Formulation, Query
from core.pipeline.rewriting.by_model import ask_for_clause, read_clause
from core.pipeline.rewriting.model_clauses import nearest, shipped_clauses
from core.pipeline.tools import Tools

NAME: Final = "hypothetical_clause"
BY_MODEL: Final = "a hypothetical clause, by the model service"
BY_PROVISO: Final = "a hypothetical clause, one of Proviso's own"
WRITTEN: Final = "A clause written by the model, which stands in no contract, was searched with."


def hypothetical_clause(query: Query, options: Options, tools: Tools) -> Query:
    """The query with a hypothetical clause as one more formulation, which counts ``weight`` in the fusion.

    A model clause whose similarity to the question is below ``least_similarity`` is not used, and a note says so.
    ``bm25`` says whether its words are searched as well.
    """
    if tools.chat is None:
        return _nearest(query, options, tools)
    tools.on_step("The model writes a clause that could answer the question.")
    try:
        clause = read_clause(tools.ask(ask_for_clause(query.question)))
    except ChatUnavailable as failure:
        return _instead(query, options, tools, f"{failure.subject}: {failure.reason}")
    if not clause:
        return _instead(query, options, tools, "The model wrote no clause.")
    return _with(query, clause, options, WRITTEN, BY_MODEL)


def _instead(query: Query, options: Options, tools: Tools, reason: str) -> Query:
    note = f"{reason} The nearest model clause was looked for instead."
    return _nearest(replace(query, notes=(*query.notes, note)), options, tools)


def _nearest(query: Query, options: Options, tools: Tools) -> Query:
    tools.on_step("The nearest model clause is looked for.")
    found = nearest(query.question, tools.encoder, shipped_clauses())
    least = float(options["least_similarity"])
    if found.similarity < least:
        note = (
            f"No model clause is near this question (the nearest, on {found.clause.topic}, has a similarity of "
            f"{found.similarity:.2f}, and {least:.2f} is needed), so none was searched with."
        )
        return replace(query, notes=(*query.notes, note))
    note = (
        f"A model clause on {found.clause.topic}, which stands in no contract, was searched with "
        f"(similarity to the question {found.similarity:.2f})."
    )
    return _with(query, found.clause.text, options, note, BY_PROVISO)


def _with(query: Query, clause: str, options: Options, note: str, by: str) -> Query:
    one = Formulation(clause, NAME, bm25=bool(options["bm25"]), weight=float(options["weight"]), by=by)
    return replace(query, formulations=(*query.formulations, one), notes=(*query.notes, note))


HYPOTHETICAL_CLAUSE = PreRetrieval(
    NAME,
    hypothetical_clause,
    {"weight": 0.25, "least_similarity": 0.4, "bm25": True},
    writes=True,
    bounds={"weight": (0.01, 1), "least_similarity": (-1, 1)},
    asks=True,
)
