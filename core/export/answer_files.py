"""One answer as a file of the kind that is asked for."""

from typing import TYPE_CHECKING

from core.export.records import AnswerRecord, Format

if TYPE_CHECKING:
    from core.export.cited_pages import DrawPage


def answer_file(record: AnswerRecord, kind: Format, draw: "DrawPage") -> bytes:
    """The file's bytes; ``draw`` is only asked for the PDF of the cited pages.

    The export must be in the audit log before this is called.
    """
    # Each library is loaded when its format is first asked for: none of them belongs to a start.
    match kind:
        case Format.DOCX:
            from core.export.answer_docx import answer_docx

            return answer_docx(record)
        case Format.XLSX:
            from core.export.answer_xlsx import answer_xlsx

            return answer_xlsx(record)
        case Format.CSV:
            from core.export.csv_file import answer_csv

            return answer_csv(record)
        case Format.JSON:
            from core.export.json_file import answer_json

            return answer_json(record)
        case Format.PDF:
            from core.export.cited_pages import cited_pages_pdf

            return cited_pages_pdf(record, draw)
