"""Reports in the data directory: written by ``proviso eval``, read by the page of the app."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.errors import ProvisoError
from core.settings import Settings
from evals.report import FORMAT, Case, Excerpt, Report, Section

DIRECTORY: Final = "evaluations"
MOST_BYTES: Final = 5_000_000
# Tried in this order until the file is small enough; 0 leaves the passages out.
TEXT_LENGTHS: Final = (800, 400, 150, 0)
_REPORT: Final = TypeAdapter(Report)


class UnreadableReport(ProvisoError):
    """A saved report that cannot be shown."""


def evaluations_directory(settings: Settings) -> Path:
    """Where reports and the libraries of evaluations are kept."""
    return settings.directory / DIRECTORY


def library_directory(settings: Settings, folder: Path) -> Path:
    """The data directory of the library that holds the contracts of ``folder`` and no others."""
    digest = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()
    return evaluations_directory(settings) / f"{_slug(folder.resolve().name)}-{digest[:8]}"


def to_json(report: Report, indent: int | None = None) -> bytes:
    """A report as UTF-8 JSON."""
    return _REPORT.dump_json(report, indent=indent)


def save(report: Report, directory: Path) -> Path:
    """Write a report of at most 5 MB to ``directory``; passages are shortened where it would be larger.

    Raises:
        OSError: the disk is full or not writable.
    """
    return write_dated(to_json(fitted(report)), directory, report.created_at, _slug(report.source))


def write_dated(content: bytes, directory: Path, created_at: str, name: str) -> Path:
    """Write a file named by its moment (UTC in ISO 8601) and ``name``, whole or not at all.

    Raises:
        OSError: the disk is full or not writable.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    moment = re.sub(r"\D", "", created_at)[:14]
    path = directory / f"{moment}-{name}.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(content)
    temporary.replace(path)
    return path


def saved_reports(directory: Path) -> tuple[Path, ...]:
    """The files of all saved reports, the newest first."""
    return tuple(sorted(directory.glob("*.json"), key=lambda path: path.name, reverse=True))


def load(path: Path) -> Report:
    """Read a saved report.

    Raises:
        UnreadableReport: the file is gone, damaged, or of another version of Proviso.
    """
    try:
        report = _REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableReport(
            path.name,
            f"is no report ({type(error).__name__}).",
            "Delete the file, or run proviso eval again.",
        ) from None
    if report.format != FORMAT:
        raise UnreadableReport(
            path.name, f"is of format {report.format}, not {FORMAT}.", "Run proviso eval again."
        )
    return report


def fitted(report: Report, most_bytes: int = MOST_BYTES) -> Report:
    """``report`` with its passages as long as ``most_bytes`` of JSON allow; a note says when they are cut."""
    if len(to_json(report)) <= most_bytes:
        return report
    for length in TEXT_LENGTHS:
        note = f"Passages are cut to {length} characters to keep the report small."
        shorter = replace(
            report,
            sections=tuple(_cut_section(one, length) for one in report.sections),
            notes=(*report.notes, note if length else "Passages are left out to keep the report small."),
        )
        if len(to_json(shorter)) <= most_bytes:
            break
    return shorter


def _cut_section(section: Section, length: int) -> Section:
    return replace(section, cases=tuple(_cut_case(case, length) for case in section.cases))


def _cut_case(case: Case, length: int) -> Case:
    return replace(case, right=_cut(case.right, length), rival=_cut(case.rival, length))


def _cut(excerpt: Excerpt | None, length: int) -> Excerpt | None:
    if excerpt is None or not length:
        return None
    if len(excerpt.text) <= length:
        return excerpt
    return replace(excerpt, text=f"{excerpt.text[:length].rstrip()}...")


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "evaluation"
