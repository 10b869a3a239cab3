"""``proviso compare``: one question through several pipelines, side by side."""

import sys
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column as Heading
from rich.table import Table
from rich.text import Text

from cli.ask import Desk, inquiry_for, open_desk
from cli.options import (
    BestOfEach,
    Candidates,
    DataDirectory,
    DatedFrom,
    DatedTo,
    InContracts,
    Keep,
    Kind,
    Law,
    MinimumRelevance,
    Party,
    conditions_of,
    limits_of,
    selection_of,
)
from core.audit.actor import system_user
from core.audit.trail import find_on_record
from core.compare_pipelines import Column, PipelineComparison, Place, Row, compare_pipelines
from core.errors import InvalidSettings
from core.pipeline.recipe_file import named_recipe
from core.records import Finding, Inquiry
from core.redact import json_text, printable_line
from core.report import JsonObject, finding_as_json
from core.search import recipes_of
from core.settings import load_settings
from core.workbench.decision import DecisionKind
from core.workbench.recorder import Context, Recorder

console = Console(highlight=False)


def compare(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    pipelines: Annotated[str, typer.Option(help="Names, separated by commas; proviso pipelines lists them.")],
    contract: InContracts = None,
    party: Party = None,
    law: Law = None,
    kind: Kind = None,
    dated_from: DatedFrom = "",
    dated_to: DatedTo = "",
    candidates: Candidates = None,
    keep: Keep = None,
    minimum_relevance: MinimumRelevance = None,
    best_of_each: BestOfEach = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Put a question through several pipelines and show what each keeps; nothing is answered.

    Each of them is a question on record and in the audit log.
    """
    settings = load_settings(data_dir)
    names = wanted(pipelines)
    recipes = recipes_of(settings)
    for name in names:
        named_recipe(name, recipes)
    conditions = conditions_of(party, law, kind, dated_from, dated_to)
    limits = limits_of(settings, candidates, keep, minimum_relevance)
    selection = selection_of(best_of_each)
    with open_desk(settings, answering=False, conditions=conditions, role="proviso compare") as desk:
        like = inquiry_for(desk, question, contract or [], limits, selection)
        findings = find_each(desk, like, names)
        made = compare_pipelines(findings)
        if as_json:
            sys.stdout.write(json_text(comparison_as_json(made, desk), 2) + "\n")
        else:
            print_comparison(made, console)


def wanted(pipelines: str) -> tuple[str, ...]:
    """The names that are compared, each once.

    Raises:
        InvalidSettings: fewer than two.
    """
    names = tuple(dict.fromkeys(name.strip() for name in pipelines.split(",") if name.strip()))
    if len(names) < 2:
        raise InvalidSettings(
            f"--pipelines {pipelines!r}", "names fewer than two pipelines.", "Give two or more: naive,hybrid."
        )
    return names


def find_each(desk: Desk, like: Inquiry, names: tuple[str, ...]) -> list[Finding]:
    """What each pipeline finds, one after the other, on record and in the audit log."""
    actor = system_user()
    recorder = desk.recorder or Recorder(None, desk.trail.models)
    findings: list[Finding] = []
    parent = ""
    for name in names:
        found = find_on_record(desk.searcher, desk.trail, actor, replace(like, pipeline=name))
        context = Context(actor, DecisionKind.COMPARISON, parent)
        decision_id = recorder.found(found, context, desk.library.catalogue.ready_titles())
        parent = parent or decision_id
        findings.append(found)
    return findings


def comparison_as_json(made: PipelineComparison, desk: Desk) -> JsonObject:
    """The comparison with every finding as ``proviso ask --json`` prints it."""
    names = [column.pipeline for column in made.columns]
    return {
        "question": made.columns[0].finding.inquiry.question,
        "verdict": made.verdict,
        "kept": [
            {
                "chunk_id": row.candidate.chunk.chunk_id,
                "contract": row.candidate.contract_title,
                "contract_id": row.candidate.chunk.contract_id,
                "heading": row.candidate.chunk.heading,
                "page_start": row.candidate.chunk.page_start,
                "places": {
                    name: None
                    if place is None
                    else {"rank": place.rank, "relevance": place.relevance, "kept": place.kept}
                    for name, place in zip(names, row.places, strict=True)
                },
            }
            for row in made.rows
        ],
        "pipelines": {column.pipeline: _side_as_json(column, desk) for column in made.columns},
    }


def _side_as_json(column: Column, desk: Desk) -> JsonObject:
    return {
        "seconds": round(column.seconds, 4),
        "calls": column.calls,
        "tokens": column.tokens,
        "only_kept": [one.candidate.chunk.chunk_id for one in column.only_kept],
        "only_found": [one.candidate.chunk.chunk_id for one in column.only_found],
        "finding": finding_as_json(column.finding, None, desk.models(None)),
    }


def print_comparison(made: PipelineComparison, into: Console) -> None:
    """The verdict, the kept passages in one table, and a line for each pipeline."""
    into.print(Text(printable_line(made.verdict), style="bold"))
    # Names of recipes are names of files, so that rich must not read markup in them.
    table = Table("Passage", *(Heading(escape(printable_line(one.pipeline))) for one in made.columns))
    for row in made.rows:
        table.add_row(Text(_passage(row)), *(Text(place_words(place)) for place in row.places))
    into.print(table)
    for column in made.columns:
        calls = f", {column.calls} model calls, about {column.tokens:,} tokens" if column.calls else ""
        into.print(
            Text(
                f"{printable_line(column.pipeline)}: {column.seconds:.2f} s{calls};"
                f" {len(column.finding.ranking.kept)} of {len(column.finding.ranking.all)} candidates kept,"
                f" {len(column.only_kept)} kept and {len(column.only_found)} found by it alone"
            ),
            soft_wrap=True,
        )
        for note in column.finding.notes:
            into.print(Text(f"  Note: {printable_line(note)}", style="yellow"), soft_wrap=True)


def _passage(row: Row) -> str:
    chunk = row.candidate.chunk
    heading = chunk.heading_path[-1] if chunk.heading_path else chunk.text[:60]
    return printable_line(f"{row.candidate.contract_title}, p. {chunk.page_start}, {heading}")


def place_words(place: Place | None) -> str:
    """Where a pipeline has a passage, as short as a cell."""
    if place is None:
        return "not found"
    return f"{'kept, ' if place.kept else 'not kept, '}rank {place.rank}, {place.relevance:.3f}"
