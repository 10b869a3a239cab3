"""``proviso ask``: one question, or a file of them, as text or as JSON."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.export import checked_kind, write_file
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
    PipelineName,
    conditions_of,
    limits_of,
    selection_of,
)
from cli.show import print_answer, print_finding, print_silence
from core.audit.actor import system_user
from core.audit.trail import AuditTrail, RecordedAnswerer, find_on_record, survey_on_record
from core.choose_answerer import choose_answerer
from core.contract_filter import ContractFilter, narrowed
from core.errors import InvalidSettings, ProvisoError
from core.explain.explainer import Explainer
from core.explain.silence_records import SilenceReport
from core.explain.silence_statement import silence_as_json
from core.export.answer_files import answer_file
from core.export.draw_originals import original_pages
from core.export.records import AnswerRecord, Format
from core.models import CrossEncoderScorer, load_encoder, load_scorer
from core.pipeline.recipe_file import named_recipe
from core.records import Answer, Finding, Inquiry, Selection
from core.redact import json_text
from core.report import JsonObject, ModelNames, finding_as_json
from core.scope import resolve_contracts
from core.search import Searcher, open_searcher, recipes_of
from core.settings import Settings, load_settings
from core.stage3_answer import Answerer
from core.storage.library import Library
from core.waiting_line import WaitingLine
from core.workbench.recorder import Context, Recorder, open_recorder
from ingest.open_library import open_library
from ingest.open_trail import chat_host, open_trail

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
    pipeline: str = ""
    recorder: Recorder | None = None
    wordings: tuple[str, ...] = ()

    def ask(
        self,
        inquiry: Inquiry,
        on_finding: Callable[[Finding], None] = lambda _: None,
        on_decision: Callable[[str], None] = lambda _: None,
    ) -> tuple[Finding, Answer | None]:
        """Find the evidence for ``inquiry`` and, where an answerer is there, answer from it, on the record.

        ``on_finding`` is given the evidence before the answerer is asked, ``on_decision`` the id of the decision
        before that, where decisions are kept.
        """
        actor = system_user()
        recorder = self.recorder or Recorder(None, self.trail.models)
        finding = find_on_record(self.searcher, self.trail, actor, inquiry)
        decision_id = recorder.found(finding, Context(actor), self.library.catalogue.ready_titles())
        if decision_id:
            on_decision(decision_id)
        on_finding(finding)
        if self.answerer is None:
            return finding, None
        logged = RecordedAnswerer(self.answerer, self.trail, actor)
        return finding, recorder.answer(decision_id, finding.evidence, logged)

    def survey(self, finding: Finding) -> SilenceReport:
        """What each contract in scope says at most, on the record."""
        searcher, settings = self.searcher, self.settings
        explainer = Explainer(
            searcher.encoder,
            searcher.scorer,
            self.library.snapshot,
            searcher.line,
            settings.encoder,
            self.scorer.name,
        )
        return survey_on_record(explainer, self.trail, system_user(), finding)

    def models(self, given: Answer | None) -> ModelNames:
        """The names of the models that took part."""
        return ModelNames(self.settings.encoder, self.scorer.name, given.model if given else "")


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")] = "",
    contract: InContracts = None,
    party: Party = None,
    law: Law = None,
    kind: Kind = None,
    dated_from: DatedFrom = "",
    dated_to: DatedTo = "",
    candidates: Candidates = None,
    keep: Keep = None,
    minimum_relevance: MinimumRelevance = None,
    pipeline: PipelineName = "",
    wording: Annotated[
        list[str] | None,
        typer.Option(help="Search this beside the question, in place of what the pipeline would write."),
    ] = None,
    best_of_each: BestOfEach = False,
    silence_report: Annotated[
        bool, typer.Option("--silence-report", help="Also search each contract on its own.")
    ] = False,
    no_answer: Annotated[bool, typer.Option("--no-answer", help="Passages only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one JSON object.")] = False,
    batch: Annotated[
        Path | None, typer.Option(help='Questions as JSON lines: {"question": ..., "contracts": [...]}')
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Write the record to this file: .docx, .xlsx, .csv, .json, or .pdf (cited pages)."),
    ] = None,
    data_dir: DataDirectory = None,
) -> None:
    """Ask a clause question; shows the kept passages beside the discarded candidates, and the answer.

    Exit code 0: answered or plainly refused; 1: it failed; 3: the answer is missing or breaks off.
    """
    if bool(question.strip()) == (batch is not None):
        raise InvalidSettings(
            "proviso ask", "needs a question or --batch, not both.", "See proviso ask --help."
        )
    file_kind = None if export is None else checked_kind(export, batch)
    settings = load_settings(data_dir)
    conditions = conditions_of(party, law, kind, dated_from, dated_to)
    limits = limits_of(settings, candidates, keep, minimum_relevance)
    with open_desk(
        settings,
        answering=not no_answer,
        conditions=conditions,
        pipeline=pipeline,
        wordings=tuple(wording or ()),
    ) as desk:
        selection = selection_of(best_of_each)
        if batch is not None:
            code = answer_batch(desk, batch, limits, selection, survey=silence_report)
        else:
            inquiry = inquiry_for(desk, question, contract or [], limits, selection)
            write = (
                None
                if export is None or file_kind is None
                else partial(write_record, desk, export, file_kind)
            )
            code = answer_one(desk, inquiry, as_json=as_json, survey=silence_report, write=write)
    raise typer.Exit(code)


@contextmanager
def open_desk(
    settings: Settings,
    *,
    answering: bool,
    conditions: ContractFilter | None = None,
    pipeline: str = "",
    wordings: tuple[str, ...] = (),
    role: str = "proviso ask",
) -> Iterator[Desk]:
    """Hold the library and give everything that a question needs.

    Raises:
        ProvisoError: the library or a model cannot be opened, or there is no such pipeline.
    """
    # Before any model is loaded, which takes longer.
    named_recipe(pipeline or settings.pipeline, recipes_of(settings))
    with ThreadPoolExecutor(2) as pool:
        # Side by side: reading weights, compiling them and opening the library each leave a core idle.
        loading_encoder = pool.submit(load_encoder, settings.encoder, settings)
        loading_scorer = pool.submit(load_scorer, settings.reranker, settings)
        with open_library(settings, role) as library:
            encoder, scorer = loading_encoder.result(), loading_scorer.result()
            line = WaitingLine(settings.max_waiting)
            searcher = open_searcher(settings, lambda: encoder, lambda: scorer, library.snapshot, line)
            trail = open_trail(settings)
            yield Desk(
                settings,
                library,
                scorer,
                searcher,
                trail,
                choose_answerer(settings, scorer) if answering else None,
                conditions or ContractFilter(),
                pipeline,
                open_recorder(settings, trail.models),
                wordings,
            )


def answer_one(
    desk: Desk,
    inquiry: Inquiry,
    *,
    as_json: bool,
    survey: bool = False,
    write: Callable[[Finding, Answer | None, str], None] | None = None,
) -> int:
    """Answer one question on the terminal or as JSON; returns the exit code, see ``ask``.

    ``survey`` adds what each contract says at most; ``write`` puts the record into a file.
    """
    ids: list[str] = []
    if as_json:
        finding, given = desk.ask(inquiry, on_decision=ids.append)
        _print_json(_as_json(desk, finding, given, survey, ids), indent=2)
    else:
        # The passages first: a slow model must not keep them.
        finding, given = desk.ask(
            inquiry, lambda found: print_finding(found, desk.settings.near_miss_margin, console), ids.append
        )
        print_answer(given, console)
        if survey:
            print_silence(desk.survey(finding), console)
        for decision_id in ids:
            console.print(Text(f"On record as {decision_id}; proviso replay {decision_id} asks again."))
    if write is not None:
        write(finding, given, "".join(ids))
    return _exit_code(given)


def _as_json(
    desk: Desk, finding: Finding, given: Answer | None, survey: bool, ids: Sequence[str]
) -> JsonObject:
    silence = {"silence": silence_as_json(desk.survey(finding))} if survey else {}
    return finding_as_json(finding, given, desk.models(given), "".join(ids)) | silence


def write_record(
    desk: Desk, path: Path, kind: Format, finding: Finding, given: Answer | None, decision_id: str = ""
) -> None:
    """Write the record of a question to ``path``; the audit log says so first.

    Raises:
        AuditUnavailable: it could not be logged, so nothing is written.
        InvalidSettings: the file cannot be written.
    """
    actor, inquiry, titles = system_user(), finding.inquiry, desk.library.catalogue.ready_titles()
    record = AnswerRecord(
        finding,
        given,
        desk.models(given),
        datetime.now(UTC),
        actor,
        decision=decision_id,
        endpoint=chat_host(desk.settings),
        scope={one: titles[one] for one in inquiry.contract_ids if one in titles},
    )
    desk.trail.exported(actor, f"record of a question ({kind.value})", inquiry.contract_ids, inquiry.question)
    write_file(path, answer_file(record, kind, original_pages(desk.library)))


def _exit_code(given: Answer | None) -> int:
    return 0 if given is None or given.complete else NOT_COMPLETE


def inquiry_for(
    desk: Desk, question: str, contracts: list[str], limits: dict[str, int | float], selection: Selection
) -> Inquiry:
    """The question with its scope and its limits.

    Raises:
        UnknownContract: a name fits no contract, or several, or no contract meets the conditions.
        InvalidSettings: a limit is out of range.
    """
    known = desk.library.catalogue.contracts()
    scope = narrowed(resolve_contracts(contracts, known), desk.conditions, known)
    try:
        return Inquiry(
            question,
            scope,
            int(limits["candidates"]),
            int(limits["keep"]),
            float(limits["minimum_relevance"]),
            selection,
            desk.pipeline or desk.settings.pipeline,
            desk.wordings,
        )
    except ValueError as error:
        raise InvalidSettings("The question", str(error), "") from None


def answer_batch(
    desk: Desk,
    batch: Path,
    limits: dict[str, int | float],
    selection: Selection = Selection.BEST,
    *,
    survey: bool = False,
) -> int:
    """Answer every line; the exit code is 1 when one failed, else 3 when an answer is not complete."""
    codes = {0}
    for number, question, contracts in _batch_lines(batch):
        try:
            ids: list[str] = []
            inquiry = inquiry_for(desk, question, contracts, limits, selection)
            finding, given = desk.ask(inquiry, on_decision=ids.append)
            record = _as_json(desk, finding, given, survey, ids)
        except ProvisoError as error:
            codes.add(1)
            _print_json({"line": number, "question": question, "error": str(error)})
            continue
        codes.add(_exit_code(given))
        _print_json(record)
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
