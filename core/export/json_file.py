"""The whole decision as JSON, every text exactly as it is."""

from core.export.records import AnswerRecord
from core.redact import json_text
from core.report import finding_as_json


def answer_json(record: AnswerRecord) -> bytes:
    """The object of ``proviso ask --json``; what cannot be seen on a screen is there as an escape."""
    return json_text(finding_as_json(record.finding, record.answer, record.models), indent=2).encode()
