"""Saved comparisons of pipelines: written by ``proviso eval --pipelines``, read by the page of the app."""

from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.settings import Settings
from evals.pipelines.records import FORMAT, PipelineReport
from evals.report_files import UnreadableReport, evaluations_directory, write_dated

_REPORT: Final = TypeAdapter(PipelineReport)
FOLDER: Final = "pipelines"


def pipelines_directory(settings: Settings) -> Path:
    """Where comparisons, their outcomes and the scores they share are kept."""
    return evaluations_directory(settings) / FOLDER


def to_json(report: PipelineReport, indent: int | None = None) -> bytes:
    """A comparison as UTF-8 JSON."""
    return _REPORT.dump_json(report, indent=indent)


def save(report: PipelineReport, directory: Path) -> Path:
    """Write a comparison to ``directory``.

    Raises:
        OSError: the disk is full or not writable.
    """
    return write_dated(to_json(report), directory, report.created_at, "pipelines")


def load(path: Path) -> PipelineReport:
    """Read a saved comparison.

    Raises:
        UnreadableReport: the file is gone, damaged, or of another version of Proviso.
    """
    again = "Delete the file, or run proviso eval --pipelines again."
    try:
        report = _REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UnreadableReport(path.name, f"is no comparison ({type(error).__name__}).", again) from None
    if report.format != FORMAT:
        raise UnreadableReport(path.name, f"is of format {report.format}, not {FORMAT}.", again)
    return report
