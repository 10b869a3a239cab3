"""Many sessions at once while contracts are added: errors, crossed results, latency, memory, the line.

    python -m benchmarks.load --sessions 50 --questions 10 --cheap       the services, a counting scorer
    python -m benchmarks.load --sessions 50 --questions 2 --candidates 20   the services, the real reranker
    python -m benchmarks.load --sessions 50 --questions 2 --candidates 20 --http   the real app over websockets

Exit code 1 when a question failed or a result was another session's.
"""

import json
import socket
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.load_core import Load, run_core
from benchmarks.load_http import run_http
from benchmarks.load_report import as_table
from core.settings import load_settings


def main(
    sessions: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    questions: Annotated[int, typer.Option(min=1, help="Questions a session asks, one after the other.")] = 2,
    files: Annotated[int, typer.Option(min=0, help="Contracts that are indexed meanwhile.")] = 10,
    candidates: Annotated[int, typer.Option(min=20, max=200)] = 100,
    cheap: Annotated[
        bool, typer.Option("--cheap", help="Count words instead of running the reranker.")
    ] = False,
    http: Annotated[
        bool, typer.Option("--http", help="Start the real app and use it over websockets.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure one load in a library of its own."""
    if cheap and http:
        raise typer.BadParameter("The app has no cheap scorer: leave out --cheap or --http.")
    load = Load(sessions, questions, files, cheap)
    with tempfile.TemporaryDirectory(prefix="proviso-load-") as temporary:
        settings = load_settings(Path(temporary)).model_copy(update={"candidates": candidates})
        report = run_http(load, settings, free_port()) if http else run_core(load, settings)
    if as_json:
        sys.stdout.write(json.dumps(asdict(report), indent=2) + "\n")
    else:
        Console().print(as_table(report))
    if report.errors or report.crossed or not report.audit_whole:
        raise typer.Exit(1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    typer.run(main)
