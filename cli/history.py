"""``proviso history`` and ``proviso replay``: the questions on record, and one of them asked again."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.options import DataDirectory
from cli.show import print_search
from core.audit.actor import system_user
from core.audit.trail import RecordedAnswerer
from core.errors import InvalidSettings
from core.redact import printable, printable_line
from core.settings import Settings, load_settings
from core.timestamps import checked_day
from core.workbench.decision import Decision, to_json
from core.workbench.decision_store import DecisionFilter, DecisionStore
from core.workbench.recorder import open_recorder
from core.workbench.replay import Comparison, Difference
from core.workbench.run_again import run_again
from core.workbench.workbench import open_workbench

console = Console(highlight=False)
# Exit code of a replay that came out otherwise.
DIFFERS = 3
DAY = "The day"


def history(
    decision: Annotated[str, typer.Argument(help="Id of a decision, or its beginning, to show it.")] = "",
    words: Annotated[str, typer.Option(help="Words of the question, or of a contract's title.")] = "",
    since: Annotated[str, typer.Option(help="YYYY-MM-DD")] = "",
    until: Annotated[str, typer.Option(help="YYYY-MM-DD")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole record of one decision, as JSON.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Forget this decision.")] = False,
    delete_before: Annotated[str, typer.Option(help="Forget every decision before this day.")] = "",
    data_dir: DataDirectory = None,
) -> None:
    """List the questions on record, newest first, or show one: question, answer, what left the building."""
    settings = load_settings(data_dir)
    store = DecisionStore(open_workbench(settings.directory))
    if delete and not decision:
        raise InvalidSettings("--delete", "needs the id of a decision.", "proviso history lists them.")
    if delete_before:
        day = checked_day(delete_before.strip(), DAY)
        _forgetting(settings, f"every decision before {day}")
        console.print(Text(f"{store.delete_before(day)} decisions deleted"))
    elif delete:
        found = store.get(decision)
        _forgetting(settings, found.decision_id)
        store.delete(found.decision_id)
        console.print(Text(f"decision {found.decision_id} deleted"))
    elif decision:
        found = store.get(decision)
        if as_json:
            sys.stdout.write(to_json(found).decode() + "\n")
        else:
            _show(found)
    else:
        wanted = DecisionFilter(
            "",
            words,
            "",
            since and checked_day(since.strip(), DAY),
            until and checked_day(until.strip(), DAY),
            limit,
        )
        for one in store.find(wanted):
            head = f"{one.decision_id}  {one.at}  {one.actor}  {one.kind.value}, answer: {one.answer_kind}"
            console.print(Text(f"{printable_line(head)}\n    {printable_line(one.question)}"))


def replay(
    decision: Annotated[str, typer.Argument(help="Id of a decision, or its beginning.")],
    with_answer: Annotated[bool, typer.Option("--answer", help="Answer again as well and compare.")] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Ask a question on record again, with its settings, and say what differs. Exit code 3 when anything does."""
    settings = load_settings(data_dir)
    before = DecisionStore(open_workbench(settings.directory)).get(decision)
    comparison = _again(before, settings, with_answer=with_answer)
    console.print(Text(comparison.verdict, style="bold"))
    for heading, differences in (
        ("Models, index, contracts", comparison.setting),
        ("Candidates", comparison.ranking),
        ("Answer", comparison.answer),
    ):
        _print(heading, differences)
    same = comparison.same_ranking and not comparison.answer
    raise typer.Exit(0 if same else DIFFERS)


def _again(before: Decision, settings: Settings, *, with_answer: bool) -> Comparison:
    # Opening the library loads the indexes, which listing decisions does not need.
    from cli.ask import open_desk

    with open_desk(settings, answering=with_answer) as desk:
        actor = system_user()
        writer = desk.answerer and RecordedAnswerer(desk.answerer, desk.trail, actor)
        recorder = open_recorder(settings, desk.trail.models)
        return run_again(before, desk.searcher, desk.trail, recorder, actor, writer).comparison


def _print(heading: str, differences: tuple[Difference, ...]) -> None:
    if not differences:
        return
    console.print(Text(f"\n{heading}", style="bold"))
    for one in differences:
        style = "bold" if one.decisive else ""
        console.print(Text(printable_line(f"{one.subject}: {one.before} -> {one.now}"), style=style))


def _show(decision: Decision) -> None:
    console.print(Text(printable(decision.finding.inquiry.question), style="bold"))
    console.print(Text(printable_line(f"{decision.at}  {decision.actor}  Proviso {decision.version}")))
    console.print(Text(printable_line(f"Pipeline {decision.finding.inquiry.pipeline}")))
    print_search(decision.finding, console)
    for judged in decision.finding.ranking.kept:
        chunk = judged.candidate.chunk
        line = f"{judged.rank:>3}  {judged.relevance:.3f}  {judged.candidate.contract_title}, p. {chunk.page_start}"
        console.print(Text(printable_line(line)))
    if decision.answer is not None:
        console.print(Text(f"\n{printable(decision.answer.text or decision.answer.note)}"))
    if not decision.sent:
        console.print(Text("\nWhat left the building: nothing."))
    for one in decision.sent:
        head = f"What left the building: {one.purpose}, to {one.host}, {one.at or decision.at}"
        console.print(Text(f"\n{printable_line(head)}", style="bold"))
        for message in one.messages:
            console.print(Text(printable(message)))


def _forgetting(settings: Settings, what: str) -> None:
    """The audit log says what is about to be deleted."""
    from ingest.open_trail import open_trail

    open_trail(settings).forgotten(system_user(), what)
