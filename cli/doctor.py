"""``proviso doctor``: is everything in order, and if not, what to do."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.options import DataDirectory
from core.audit.chain import check_audit
from core.choose_answerer import open_chat
from core.errors import CatalogueUnusable, StoreBusy, StoreUnavailable
from core.health import Check, check_chat, check_models
from core.library_checks import check_folder, check_indexes, check_stored
from core.redact import printable_line
from core.settings import Settings, load_settings
from core.storage.disk import make_folder
from core.storage.jobs import Jobs
from core.storage.open_vectors import engine_name
from core.storage.originals import Originals
from core.workbench.workbench import check_workbench
from ingest.open_library import examine_library, read_catalogue
from ingest.open_trail import audit_log
from ingest.repair_library import repair_library

SMALLEST_FREE_SPACE = 1 << 30


def doctor(
    data_dir: DataDirectory = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="First put right what can be, and say what was done.")
    ] = False,
) -> None:
    """Check models, library, OCR, disk and model service; nothing is changed without --repair.

    Exit code 0: everything is in order, after the repair when one was asked for. 1: something is wrong, or could
    not be repaired.
    """
    settings = load_settings(data_dir)
    console = Console(highlight=False)
    if repair:
        for sentence in repair_library(settings):
            console.print(Text("done  ", style="yellow") + Text(printable_line(sentence)))
    sound = True
    for check in _checks(settings):
        sound &= check.sound
        mark = Text("ok    ", style="green") if check.sound else Text("WRONG ", style="bold red")
        console.print(mark + Text(f"{check.name}: {printable_line(check.detail)}"))
    if not sound and not repair:
        console.print("What concerns the library may be put right by proviso doctor --repair.")
    raise typer.Exit(0 if sound else 1)


def _checks(settings: Settings) -> Iterator[Check]:
    make_folder(settings.directory)
    free = shutil.disk_usage(settings.directory).free
    yield Check(
        "data directory", free > SMALLEST_FREE_SPACE, f"{settings.directory}, {free / (1 << 30):.1f} GiB free"
    )
    yield from check_models(settings)
    ocr = "installed" if find_spec("rapidocr") else "not installed; scanned pages cannot be read"
    yield Check("OCR", True, ocr if settings.ocr else "switched off")
    yield Check("vector store", True, engine_name(settings))
    yield from check_folder(settings.directory)
    yield from _library_checks(settings)
    yield check_workbench(settings.directory)
    yield check_audit(audit_log(settings))
    if settings.chat_configured:
        yield check_chat(settings, open_chat(settings))
    else:
        yield Check("model service", True, "none configured; answers are extracts of the contracts")


def _library_checks(settings: Settings) -> Iterator[Check]:
    try:
        catalogue = read_catalogue(settings)
        yield from check_stored(
            catalogue, Jobs(catalogue.database), Originals(settings.directory / "originals")
        )
        with examine_library(settings, "proviso doctor") as library:
            problem = library.load_keywords()
            if problem:
                yield Check("keyword index file", False, problem)
            yield from check_indexes(library)
    except StoreBusy as error:
        yield Check("indexes", True, f"not checked, the library {error.reason}")
    except (StoreUnavailable, CatalogueUnusable) as error:
        yield Check("library", False, str(error))
