"""One answer as a workbook: what was asked and answered, its statements, and every candidate with its numbers."""

from collections.abc import Iterator

from core.export.records import HEADINGS, AnswerRecord
from core.export.sentences import NO_ANSWER, READING, cautions, facts, faults, source
from core.export.tables import COLUMNS, Column, Value, candidate_rows
from core.export.workbook import add_facts, add_table, new_workbook, saved
from core.records import Statement

STATEMENTS = (
    Column("Statement", 80),
    Column("Supported", 11),
    Column("Why not", 34),
    Column("Citations", 11),
    Column("Sources", 60),
)


def answer_xlsx(record: AnswerRecord) -> bytes:
    """Sheets Answer, Statements (where there are any) and Passages."""
    book = new_workbook(record.finding.inquiry.question, record.made_at)
    add_facts(book, "Answer", _answer(record))
    if record.answer is not None and record.answer.statements:
        add_table(book, "Statements", STATEMENTS, map(_statement, record.answer.statements))
    add_table(book, "Passages", COLUMNS, candidate_rows(record.finding), frozen="D2")
    return saved(book)


def _answer(record: AnswerRecord) -> Iterator[tuple[str, Value]]:
    answer = record.answer
    yield "Question", record.finding.inquiry.question
    yield "Kind of answer", "No answer" if answer is None else HEADINGS[answer.kind]
    yield "Complete", "no" if answer is None or not answer.complete else "yes"
    yield "Note", NO_ANSWER if answer is None else answer.note
    if answer is not None and answer.text:
        yield "Answer", answer.text
    for caution in cautions(record):
        yield "Caution", caution
    yield from facts(record)
    yield "How to read this", READING


def _statement(statement: Statement) -> tuple[Value, ...]:
    return (
        statement.text,
        "yes" if statement.supported else "NO",
        "; ".join(faults(statement)),
        ", ".join(f"[{one.marker}]" for one in statement.citations),
        "; ".join(source(one.passage) for one in statement.citations if one.passage is not None),
    )
