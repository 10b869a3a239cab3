"""``proviso ask``: one question, or a file of them, as text or as JSON."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.audit.actor import system_user
from core.audit.trail import AuditTrail, RecordedAnswerer, find_on_record
from core.choose_answerer import choose_answerer
from core.contract_filter import ContractFilter, narrowed
from core.errors import InvalidSettings, ProvisoError
from core.models import CrossEncoderScorer, load_encoder, load_scorer
from core.records import Answer, Finding, Inquiry, Judged
from core.redact import json_text, printable, printable_line
from core.report import ModelNames, finding_as_json
from core.scope import resolve_contracts
from core.search import Searcher
from core.settings import Settings, load_settings
from core.stage3_answer import Answerer, answer
from core.storage.library import Library
from core.waiting_line import WaitingLine
from ingest.open_library import open_library
from ingest.open_trail import open_trail

console = Console(highlight=False)
# Exit code of a question whose passages were found and whose answer is missing or breaks off.
NOT_COMPLETE = 3


@dataclass(frozen=True)
class Desk:
    """Everything a question needs, loaded once."""

    settings: Settings
    library: Library
    scorer: CrossEncoderScorer
    searcher: Searcher
    trail: AuditTrail
    answerer: Answerer | None
    conditions: ContractFilter = field(default_factory=ContractFilter)

    def ask(
        self, inquiry: Inquiry, on_finding: Callable[[Finding], None] = lambda _: None
    ) -> tuple[Finding, Answer | None]:
        """Find the evidence for ``inquiry`` and, where an answerer is there, answer from it, on the record.

        ``on_finding`` is given the evidence before the answerer is asked.
        """
        actor = system_user()
        finding = find_on_record(self.searcher, self.trail, actor, inquiry)
        on_finding(finding)
        if self.answerer is None:
            return finding, None
        return finding, answer(finding.evidence, RecordedAnswerer(self.answerer, self.trail, actor))

    def models(self, given: Answer | None) -> ModelNames:
        """The names of the models that took part."""
        return ModelNames(self.settings.encoder, self.scorer.name, given.model if given else "")


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")] = "",
    contract: Annotated[
        list[str] | None, typer.Option(help="Search only this contract: id, file name or title.")
    ] = None,
    party: Annotated[list[str] | None, typer.Option(help="Only contracts with a party so named.")] = None,
    law: Annotated[list[str] | None, typer.Option(help="Only contracts under this law.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only contracts of this type.")] = None,
    dated_from: Annotated[str, typer.Option(help="Only contracts of this day or later, YYYY-MM-DD.")] = "",
    dated_to: Annotated[str, typer.Option(help="Only contracts of this day or earlier.")] = "",
    candidates: Annotated[int | None, typer.Option(help="Candidates to rerank, 20 to 200.")] = None,
    keep: Annotated[int | None, typer.Option(help="Passages to keep, 1 to 20.")] = None,
    minimum_relevance: Annotated[float | None, typer.Option(help="Keep nothing below, 0 to 1.")] = None,
    no_answer: Annotated[bool, typer.Option("--no-answer", help="Passages only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
    batch: Annotated[
        Path | None, typer.Option(help='Questions as JSON lines: {"question": ..., "contracts": [...]}')
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
) -> None:
    """Ask a clause question; shows the kept passages beside the discarded candidates, and the answer.

    Exit code 0: answered or plainly refused; 1: it failed; 3: the answer is missing or breaks off.
    """
    if bool(question.strip()) == (batch is not None):
        raise InvalidSettings(
            "proviso ask", "needs a question or --batch, not both.", "See proviso ask --help."
        )
    settings = load_settings(data_dir)
    conditions = ContractFilter(
        tuple(party or ()), tuple(law or ()), tuple(kind or ()), dated_from.strip(), dated_to.strip()
    )
    changes = {"candidates": candidates, "keep": keep, "minimum_relevance": minimum_relevance}
    limits = {name: getattr(settings, name) if value is None else value for name, value in changes.items()}
    with open_library(settings, "proviso ask") as library:
        scorer = load_scorer(settings.reranker, settings)
        answerer = None if no_answer else choose_answerer(settings, scorer)
        encoder = load_encoder(settings.encoder, settings)
        line = WaitingLine(settings.max_waiting)
        searcher = Searcher(lambda: encoder, lambda: scorer, library.snapshot, line, settings.rrf_k)
        desk = Desk(settings, library, scorer, searcher, open_trail(settings), answerer, conditions)
        if batch is not None:
            code = answer_batch(desk, batch, limits)
        else:
            code = answer_one(desk, _inquiry(desk, question, contract or [], limits), as_json=as_json)
    raise typer.Exit(code)


def answer_one(desk: Desk, inquiry: Inquiry, *, as_json: bool) -> int:
    """Answer one question on the terminal or as JSON; returns the exit code, see ``ask``."""
    if as_json:
        finding, given = desk.ask(inquiry)
        _print_json(finding_as_json(finding, given, desk.models(given)), indent=2)
    else:
        # The passages first: a slow model must not keep them.
        _, given = desk.ask(inquiry, _print_finding)
        _print_answer(given)
    return _exit_code(given)


def _exit_code(given: Answer | None) -> int:
    return 0 if given is None or given.complete else NOT_COMPLETE


def _inquiry(desk: Desk, question: str, contracts: list[str], limits: dict[str, int | float]) -> Inquiry:
    known = desk.library.catalogue.contracts()
    scope = narrowed(resolve_contracts(contracts, known), desk.conditions, known)
    try:
        return Inquiry(
            question,
            scope,
            int(limits["candidates"]),
            int(limits["keep"]),
            float(limits["minimum_relevance"]),
        )
    except ValueError as error:
        raise InvalidSettings("The question", str(error), "") from None


def answer_batch(desk: Desk, batch: Path, limits: dict[str, int | float]) -> int:
    """Answer every line; the exit code is 1 when one failed, else 3 when an answer is not complete."""
    codes = {0}
    for number, question, contracts in _batch_lines(batch):
        try:
            finding, given = desk.ask(_inquiry(desk, question, contracts, limits))
        except ProvisoError as error:
            codes.add(1)
            _print_json({"line": number, "question": question, "error": str(error)})
            continue
        codes.add(_exit_code(given))
        _print_json(finding_as_json(finding, given, desk.models(given)))
    return 1 if 1 in codes else max(codes)


def _batch_lines(batch: Path) -> Iterator[tuple[int, str, list[str]]]:
    try:
        lines = batch.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(str(batch), f"cannot be read ({type(error).__name__}).", "Check it.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            yield number, str(fields["question"]), [str(name) for name in fields.get("contracts") or []]
        except (ValueError, KeyError, TypeError, AttributeError):
            shape = '{"question": ..., "contracts": [...]}'
            raise InvalidSettings(f"{batch}, line {number}", f"is not {shape}.", "Correct it.") from None


def _print_json(data: object, indent: int | None = None) -> None:
    sys.stdout.write(json_text(data, indent) + "\n")
    sys.stdout.flush()


def _print_finding(finding: Finding) -> None:
    for heading, group in (("Kept", finding.ranking.kept), ("Discarded", finding.ranking.discarded[:10])):
        console.print(Text(f"{heading}", style="bold"))
        for judged in group:
            console.print(Text(_line(judged)))
        console.print()
    more = len(finding.ranking.discarded) - 10
    if more > 0:
        console.print(Text(f"and {more} more; --json has them all\n"))
    for caution in finding.cautions:
        console.print(Text(printable_line(caution), style="yellow"))


def _print_answer(given: Answer | None) -> None:
    if given is None:
        return
    heading = "Answer" if given.complete else f"{given.kind.value.upper()} ANSWER"
    console.print(Text(heading, style="bold" if given.complete else "bold red"))
    if given.text:
        console.print(Text(printable(given.text)))
    console.print(Text(printable_line(given.note), style="italic"))


def _line(judged: Judged) -> str:
    candidate, chunk = judged.candidate, judged.candidate.chunk
    dense = candidate.dense.rank if candidate.dense else "-"
    bm25 = candidate.bm25.rank if candidate.bm25 else "-"
    pages = f"p. {chunk.page_start}" + (f"-{chunk.page_end}" if chunk.page_end > chunk.page_start else "")
    head = (
        f"{judged.rank:>3}  {judged.relevance:.3f}  dense {dense}, BM25 {bm25}, fused {candidate.fused_rank}"
    )
    where = printable_line(f"{candidate.contract_title}, {pages}, {chunk.heading}")
    return f"{head}  {where}\n     {printable_line(chunk.text)[:300]}"
