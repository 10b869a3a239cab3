"""``proviso doctor``: is everything in order, and if not, what to do."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from core.audit.chain import check_audit
from core.choose_answerer import open_chat
from core.errors import StoreBusy, StoreUnavailable
from core.health import Check, check_chat, check_library, check_models
from core.redact import printable_line
from core.settings import Settings, load_settings
from ingest.open_library import open_library
from ingest.open_trail import audit_log

SMALLEST_FREE_SPACE = 1 << 30


def doctor(
    data_dir: Annotated[Path | None, typer.Option(help="Where the library is kept.")] = None,
) -> None:
    """Check models, library, OCR, disk and model service; exit code 1 when something is wrong."""
    settings = load_settings(data_dir)
    console = Console(highlight=False)
    sound = True
    for check in _checks(settings):
        sound &= check.sound
        mark = Text("ok    ", style="green") if check.sound else Text("WRONG ", style="bold red")
        console.print(mark + Text(f"{check.name}: {printable_line(check.detail)}"))
    raise typer.Exit(0 if sound else 1)


def _checks(settings: Settings) -> Iterator[Check]:
    settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(settings.directory).free
    yield Check(
        "data directory", free > SMALLEST_FREE_SPACE, f"{settings.directory}, {free / (1 << 30):.1f} GiB free"
    )
    yield from check_models(settings)
    ocr = "installed" if find_spec("rapidocr") else "not installed; scanned pages cannot be read"
    yield Check("OCR", True, ocr if settings.ocr else "switched off")
    yield from _library_checks(settings)
    yield check_audit(audit_log(settings))
    if settings.chat_configured:
        yield check_chat(settings, open_chat(settings))
    else:
        yield Check("model service", True, "none configured; answers are extracts of the contracts")


def _library_checks(settings: Settings) -> Iterator[Check]:
    try:
        with open_library(settings, "proviso doctor") as library:
            yield from check_library(library)
    except StoreBusy as error:
        yield Check("library", True, f"not checked, {error.reason}")
    except StoreUnavailable as error:
        yield Check("library", False, str(error))
