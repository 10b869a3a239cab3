"""Rows as CSV that a spreadsheet opens without running any of it."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from core.export.plain_text import csv_text
from core.export.records import AnswerRecord
from core.export.sentences import pipeline
from core.export.tables import COLUMNS, Value, candidate_rows
from core.found_by import wording_words

# Excel takes a file without this mark for one in the character set of its country.
_UTF8: Final = "utf-8-sig"


def csv_table(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """A table as CSV. Numbers stay numbers; a text that begins like a formula gets an apostrophe in front."""
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow(headings)
    table.writerows([csv_text(value) if isinstance(value, str) else value for value in row] for row in rows)
    return buffer.getvalue()


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """The same as a file."""
    return csv_table(headings, rows).encode(_UTF8)


def answer_csv(record: AnswerRecord) -> bytes:
    """Every candidate of a question with every rank and score, kept or discarded; on each row the question, and how it
    was searched.
    """
    finding = record.finding
    question = finding.inquiry.question
    headings = ["Question", *(column.heading for column in COLUMNS), "Pipeline", "Searched as well", "Notes"]
    how = (
        pipeline(record),
        "\n".join(wording_words(wording) for wording in finding.wordings),
        "\n".join(finding.notes),
    )
    return csv_bytes(headings, ((question, *row, *how) for row in candidate_rows(finding)))
