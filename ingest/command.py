"""``proviso ingest`` and ``python -m ingest``: a progress bar, one line a file, or a report as JSON."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from core.errors import ProvisoError
from core.redact import printable_line
from core.settings import Settings, load_settings
from core.storage.jobs import FileReport, FileStatus, Job
from ingest.add_files import add_files
from ingest.collect_files import collect_files
from ingest.open_library import read_catalogue
from ingest.passwords import Passwords, read_password_file

COLOURS = {
    FileStatus.READY: "green",
    FileStatus.DUPLICATE: "yellow",
    FileStatus.REJECTED: "red",
    FileStatus.CANCELLED: "yellow",
}


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="PDF files, or folders searched recursively.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Do nothing when the library holds a contract.")
    ] = False,
    password_file: Annotated[
        Path | None,
        typer.Option(help="A file of passwords for protected files, one a line; otherwise you are asked."),
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
) -> None:
    """Add contracts to the library. Exit code 1 when a file was rejected; the others are in."""
    console = Console(stderr=as_json, highlight=False)
    try:
        settings = load_settings(data_dir)
        if if_empty and read_catalogue(settings).contracts():
            return
        given = read_password_file(password_file) if password_file is not None else ()
        reports = _add(collect_files(paths), settings, console, given, asks=not as_json)
    except ProvisoError as error:
        console.print(Text(printable_line(str(error)), style="red"))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        console.print("Stopped. Files not yet indexed stay in the queue and are finished at the next start.")
        raise typer.Exit(130) from None
    if as_json:
        json.dump([asdict(report) for report in reports], sys.stdout, indent=2)
        sys.stdout.write("\n")
    if any(report.status is FileStatus.REJECTED for report in reports):
        raise typer.Exit(1)


def _add(
    files: tuple[Path, ...], settings: Settings, console: Console, given: tuple[str, ...], *, asks: bool
) -> tuple[FileReport, ...]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        overall = bars.add_task(f"{len(files)} files", total=len(files))
        current = bars.add_task("", total=1.0)

        def on_progress(job: Job, step: str, share: float) -> None:
            bars.update(current, description=f"{step} {printable_line(job.file_name)[:48]}", completed=share)

        def on_report(report: FileReport) -> None:
            bars.console.print(_line(report), soft_wrap=True)
            bars.advance(overall)

        def ask(file_name: str) -> str:
            # The bars are redrawn all the time and would write over the question.
            bars.stop()
            question = f"Password for {printable_line(file_name)} (Enter leaves it out)"
            answer: str = typer.prompt(question, default="", hide_input=True, show_default=False, err=True)
            bars.start()
            return answer

        passwords = Passwords(given, ask if asks and sys.stdin.isatty() else None)
        return add_files(files, settings, on_progress, on_report, passwords)


def _line(report: FileReport) -> str:
    colour = COLOURS[report.status]
    details = [f"{report.pages} pages, {report.chunks} chunks"] if report.pages else []
    details += [detail for detail in (*report.warnings, report.error) if detail]
    rest = escape(printable_line("; ".join(details)))
    return f"[{colour}]{report.status.value:>9}[/{colour}]  {escape(printable_line(report.file))}  {rest}"
