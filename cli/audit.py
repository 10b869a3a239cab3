"""``proviso audit``: verify the audit log and export it."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.options import DataDirectory
from core.audit.actor import system_user
from core.audit.chain import verify
from core.audit.log import AuditLog, Row
from core.export.plain_text import csv_text
from core.redact import printable
from core.settings import load_settings
from ingest.open_trail import audit_log, open_trail

audit = typer.Typer(help="Verify and export the audit log.", no_args_is_help=True)
COLUMNS = (
    "number",
    "at",
    "actor",
    "action",
    "outcome",
    "subject",
    "question",
    "question_sha256",
    "contract_ids",
    "passages",
    "selection",
    "promoted",
    "removed",
    "reason",
    "encoder",
    "reranker",
    "answerer",
    "endpoint",
    "hash",
    "pipeline",
)


@audit.command("verify")
def verify_log(
    head: Annotated[
        str, typer.Option(help="A head noted earlier, NUMBER:HASH, that the log must still hold.")
    ] = "",
    data_dir: DataDirectory = None,
) -> None:
    """Recompute every hash; exit code 1 when an entry was changed, removed, added or moved."""
    log = audit_log(load_settings(data_dir))
    chain = verify(log, head.strip())
    console = Console(highlight=False)
    for fault in chain.faults:
        console.print(Text("WRONG ", style="bold red") + Text(printable(fault)), soft_wrap=True)
    if chain.faults:
        raise typer.Exit(1)
    console.print(
        Text(f"{chain.entries} entries in one chain. Head, to be noted elsewhere: {chain.head}"),
        soft_wrap=True,
    )


@audit.command("export")
def export_log(
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line (the default).")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Entries from this time on, UTC."),
    ] = None,
    data_dir: DataDirectory = None,
) -> None:
    """Write the log to the standard output. The export is itself an entry of the log."""
    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json exclude each other.")
    settings = load_settings(data_dir)
    open_trail(settings).exported(system_user(), "audit log")
    entries = exported(audit_log(settings), since)
    if as_csv:
        table = csv.writer(sys.stdout)
        table.writerow(COLUMNS)
        table.writerows(cells(entry) for entry in entries)
    else:
        sys.stdout.writelines(json.dumps(entry, ensure_ascii=True) + "\n" for entry in entries)


def exported(log: AuditLog, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every entry with its number and hash; an entry that is no JSON any more is given as it stands.

    Raises:
        AuditUnavailable: the file cannot be read.
    """
    begin = "" if since is None else since.replace(tzinfo=UTC).isoformat(timespec="milliseconds")
    for row in log.rows():
        fields = _fields(row)
        # Times of one form and one zone sort as text.
        if str(fields.get("at", begin)) >= begin:
            yield {"number": row.number, **fields, "hash": row.hash}


def cells(entry: dict[str, Any]) -> list[str]:
    """An entry as the cells of ``COLUMNS``; nothing in them acts as a formula."""
    return [_cell(entry.get(column, "")) for column in COLUMNS]


def _fields(row: Row) -> dict[str, Any]:
    try:
        fields = json.loads(row.entry)
    except ValueError:
        fields = None
    return fields if isinstance(fields, dict) else {"damaged": row.entry}


def _cell(value: object) -> str:
    match value:
        case {"name": name}:
            text = str(name)
        case list():
            text = " ".join(_item(one) for one in value)
        case _:
            text = str(value)
    return csv_text(text)


def _item(value: object) -> str:
    match value:
        case {"chunk_id": chunk_id, "relevance": relevance}:
            return f"{chunk_id}={relevance}"
        case _:
            return str(value)
