"""What is exported, and the kinds of file it can become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.conversation.records import StandAlone
from core.records import Answer, AnswerKind, Finding
from core.report import ModelNames


class Format(StrEnum):
    """A kind of file, by the ending of its name."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """What a browser is told the file is."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
    Format.PDF: "application/pdf",
}


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One question with all that a file about it says.

    Args:
        finding: the passages and candidates.
        answer: None when none was asked for, or it failed.
        models: which models took part.
        made_at: when the file is made, with its time zone.
        actor: who asked.
        asked_at: when the question was asked; None where that is not known.
        decision: the id under which the question is kept; empty where it is not.
        endpoint: host of the model service; empty when nothing left the machine.
        scope: titles by contract id of the contracts searched, where the question named them.
        follow_up: how the question came about where it follows another one.
    """

    finding: Finding
    answer: Answer | None
    models: ModelNames
    made_at: datetime
    actor: str = ""
    asked_at: datetime | None = None
    decision: str = ""
    endpoint: str = ""
    scope: Mapping[str, str] = field(default_factory=dict)
    follow_up: StandAlone | None = None


def file_name(number: int | str, answer: Answer | None, kind: Format) -> str:
    """The name of an answer's file; that of an answer that is missing or breaks off says so."""
    complete = answer is not None and answer.complete
    mark = "" if complete else f"-{'without-answer' if answer is None else answer.kind.value}"
    pages = "-cited-pages" if kind is Format.PDF else ""
    return f"proviso-question-{number}{pages}{mark}.{kind.value}"


HEADINGS = {
    AnswerKind.GENERATED: "Answer",
    AnswerKind.EXTRACT: "In the contracts\u2019 own words",
    AnswerKind.REFUSED: "No answer in these contracts",
    AnswerKind.INCOMPLETE: "INCOMPLETE answer",
    AnswerKind.UNAVAILABLE: "No answer from the model: UNAVAILABLE",
}
