"""Texts by the model service from the command line: what would leave is said first, and a person agrees to it."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.interrupt import interruptible
from cli.options import require_service
from core.audit.actor import system_user
from core.choose_answerer import open_chat
from core.errors import InvalidSettings
from core.records import Contract
from core.redact import printable, printable_line
from core.scope import resolve_contracts
from core.settings import Settings
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from ingest.annotate import annotate_due
from ingest.by_model.plan import plan_texts
from ingest.by_model.records import Outcome, Part, Plan, TextKind
from ingest.by_model.write import Desk, write_texts
from ingest.open_trail import chat_host, open_trail

console = Console(highlight=False)
notes = Console(stderr=True, highlight=False)
# Exit code when texts are missing, or facts could not be made of every contract.
NOT_COMPLETE = 3
AboutContracts = Annotated[
    list[str] | None,
    typer.Argument(help="With --model or --show: ids, file names or titles; none means all."),
]
Show = Annotated[
    bool, typer.Option("--show", help="Print what --model would send, in full, and send nothing.")
]
Yes = Annotated[bool, typer.Option("--yes", help="With --model: agree to what is said to leave.")]
# Contracts that are named before "and so many more".
MOST_NAMED = 20
# How often progress is told, in parts of the whole.
SHARES = 20


@dataclass(frozen=True)
class Wish:
    """What a command was told of texts by a model: have them written (``model``) about these contracts (none means
    all), print what would be sent and send nothing (``show``), agree beforehand (``agreed``).
    """

    contracts: tuple[str, ...]
    model: bool
    show: bool
    agreed: bool

    def check(self, command: str) -> None:
        """Raise InvalidSettings where what belongs to ``--model`` stands without it."""
        if (self.contracts or self.agreed) and not (self.model or self.show):
            raise InvalidSettings(
                "Contracts and --yes", "belong to --model.", f"See proviso {command} --help."
            )


def write_first(
    wish: Wish,
    kind: TextKind,
    parts_of: Callable[[Sequence[Contract], Library], Iterable[Part]],
    fact: str,
    library: Library,
    settings: Settings,
) -> bool:
    """Have the texts of ``kind`` written before the facts of kind ``fact`` are made of them, where that is wished.

    Returns:
        False where some texts are missing.

    Raises:
        Exit: the requests were shown, or nobody agreed to them.
        As ``write_when_agreed``.
    """
    if not (wish.model or wish.show):
        return True
    annotate_due(library)
    known = library.catalogue.contracts()
    wanted = resolve_contracts(wish.contracts, known)
    chosen = [one for one in known if not wish.contracts or one.contract_id in wanted]
    plan = plan_texts(kind, parts_of(chosen, library), ModelTexts(library.catalogue.database))
    if wish.show:
        show_requests(plan)
        raise typer.Exit
    outcome = write_when_agreed(plan, library, settings, agreed=wish.agreed)
    if outcome is None:
        raise typer.Exit(1)
    library.derived.forget(fact, outcome.contract_ids)
    return not (outcome.left or outcome.failures)


def show_requests(plan: Plan) -> None:
    """Write every request in full to the standard output; nothing is sent."""
    for number, request in enumerate(plan.requests, start=1):
        title = printable_line(request.parts[0].contract)
        console.print(
            Text(f"Request {number} of {len(plan.requests)}: {title}", style="bold"), soft_wrap=True
        )
        console.print(Text(printable(request.sent)), soft_wrap=True)


def write_when_agreed(plan: Plan, library: Library, settings: Settings, *, agreed: bool) -> Outcome | None:
    """Say what would leave, ask, and carry the plan out; None when the answer is no.

    Args:
        plan: what is to be asked.
        library: where the texts are kept.
        settings: name the model service.
        agreed: do not ask.

    Raises:
        InvalidSettings: there is no service, or nobody who could be asked.
        AuditUnavailable: a request could not be logged; it was not sent.
    """
    require_service(settings)
    _tell(plan, settings)
    if not plan.requests:
        return Outcome(0, plan.sharing, (), 0)
    if not agreed:
        if not sys.stdin.isatty():
            raise InvalidSettings(
                "This command",
                "sends contract text and nobody can be asked.",
                "Give --yes to agree, or --show.",
            )
        if not typer.confirm("Send it?", err=True):
            return None
    return _written(plan, library, settings)


def _tell(plan: Plan, settings: Settings) -> None:
    known = f" {plan.known} are known and not asked for again." if plan.known else ""
    console.print(
        Text(
            f"{plan.kind.name}: {plan.parts} passages in {len(plan.requests)} requests to write about.{known}"
        )
    )
    if not plan.requests:
        return
    console.print(
        Text(
            f"Their text, {plan.characters:,} characters in all, would leave this machine for"
            f" {settings.chat_model} at {chat_host(settings)}: about {plan.tokens_sent:,} tokens sent and at most"
            f" {plan.tokens_received:,} received. --show prints every request and sends none."
        ),
        soft_wrap=True,
    )
    named = list(plan.contracts.items())
    for name, count in named[:MOST_NAMED]:
        console.print(Text(f"  {count:>6} passages of {printable_line(name)}"), soft_wrap=True)
    if len(named) > MOST_NAMED:
        console.print(Text(f"  and those of {len(named) - MOST_NAMED} more contracts"))


def _written(plan: Plan, library: Library, settings: Settings) -> Outcome:
    store = ModelTexts(library.catalogue.database)
    desk = Desk(open_chat(settings), settings.chat_model, store, open_trail(settings), system_user())
    told = 0

    def progress(done: int, of: int) -> None:
        nonlocal told
        if done - told >= max(1, of // SHARES) or done == of:
            told = done
            notes.print(Text(f"{done} of {of} passages"))

    with interruptible() as stopped:
        outcome = write_texts(plan, desk, progress, stopped.is_set)
    console.print(Text(f"{outcome.written} written and kept."))
    for one in outcome.failures:
        said = f"{one.contract}: {one.parts} passages have none: {one.reason} {one.next_step}"
        console.print(Text(printable_line(said), style="yellow"), soft_wrap=True)
    if outcome.left:
        said = f"{outcome.left} passages were not asked about. Run the command again to go on."
        console.print(Text(said, style="yellow"))
    return outcome
