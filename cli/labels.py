"""``proviso labels``: the firm's judgements of passages, counted or written for ``proviso eval``."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.options import DataDirectory
from core.audit.actor import system_user
from core.redact import json_text
from core.settings import load_settings
from core.workbench.labels import LabelStore
from core.workbench.workbench import open_workbench

console = Console(highlight=False)


def labels(
    export: Annotated[
        Path | None, typer.Option(help="A new folder: questions, judgements and the contracts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every judgement, one JSON object a line.")] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Count the judgements that readers gave with their thumbs; --export makes a folder for proviso eval."""
    settings = load_settings(data_dir)
    given = LabelStore(open_workbench(settings.directory)).all()
    if as_json:
        sys.stdout.writelines(json_text(asdict(label)) + "\n" for label in given)
        return
    if export is None:
        counts = Counter(label.verdict.value for label in given)
        people = len({label.actor for label in given})
        questions = len({label.question for label in given})
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "none yet"
        console.print(Text(f"{len(given)} judgements ({said}) of {questions} questions by {people} readers"))
        return
    from ingest.export_labels import export_labels
    from ingest.open_library import open_library
    from ingest.open_trail import open_trail

    with open_library(settings, "proviso labels") as library:
        open_trail(settings).exported(system_user(), "judgements of passages, with their contracts")
        done = export_labels(given, library, export)
    console.print(Text(json.dumps(asdict(done))))
    console.print(Text(f"proviso eval {export} measures the reranker on them."))
