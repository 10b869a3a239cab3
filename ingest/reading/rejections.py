"""The words for every reason to reject a file, and for what the user can do about it."""

from typing import Final

from core.errors import PasswordNeeded, RejectedFile
from ingest.reading.records import ReadLimits, Rejection

_EXPORT_AGAIN: Final = "Open it in a PDF viewer, save or export it as a new PDF, and add that."

_WORDS: Final[dict[Rejection, tuple[str, str]]] = {
    Rejection.EMPTY: ("the file is empty.", "Check the original and add it again."),
    Rejection.NOT_A_PDF: (
        "this is not a PDF; it looks like {looks_like}.",
        "Export the contract as a PDF and add that.",
    ),
    Rejection.TOO_LARGE: (
        "the file has {found:,} bytes; the limit is {limits.max_bytes:,}.",
        "Reduce its size or raise the limit (max_upload_mb).",
    ),
    Rejection.DAMAGED: ("the file is damaged or incomplete.", f"Get the file again, or: {_EXPORT_AGAIN}"),
    Rejection.PASSWORD_REQUIRED: (
        "the file is protected by a password.",
        "Give the password, or add an unprotected copy.",
    ),
    Rejection.PASSWORD_WRONG: ("the password given does not open the file.", "Check the password."),
    Rejection.PROTECTED_OTHERWISE: (
        "the file is protected in a way that Proviso cannot open.",
        "Open it in the program that it was made for, save an unprotected PDF, and add that.",
    ),
    Rejection.CRASHED: (
        "the file is damaged: the PDF library failed on it and was stopped.",
        f"Get the file again, or: {_EXPORT_AGAIN}",
    ),
    Rejection.NO_PAGES: ("the file has no pages.", _EXPORT_AGAIN),
    Rejection.TOO_MANY_PAGES: (
        "the file has {found:,} pages; the limit is {limits.max_pages:,}.",
        "Split it into single contracts or raise the limit (max_pages).",
    ),
    Rejection.TOO_MUCH_TEXT: (
        "the file holds more than {limits.max_characters:,} characters of text.",
        "Split it into single contracts.",
    ),
    Rejection.EXPLODES: (
        "a page unpacks to far more data than a contract can hold, as in a file made to do harm.",
        f"If you trust the file: {_EXPORT_AGAIN}",
    ),
    Rejection.TOO_SLOW: (
        "reading took longer than {limits.wall_seconds:g} seconds and was stopped.",
        f"{_EXPORT_AGAIN} Or raise the limit (read_timeout).",
    ),
    Rejection.TOO_MUCH_MEMORY: (
        "reading needed more than {megabytes:,} MB of memory and was stopped.",
        _EXPORT_AGAIN,
    ),
    Rejection.NEEDS_OCR: (
        "no page has text; this is a scan and needs OCR, which is not in use here.",
        "Install the OCR extra (pip install 'proviso[ocr]') and switch OCR on, or add a searchable copy.",
    ),
    Rejection.NO_TEXT: (
        "no text was found on any page.",
        "Check that the pages are legible, or add a searchable copy.",
    ),
    Rejection.READER_BROKEN: (
        "the PDF reader could not be started.",
        "This is not the file's fault: check that Proviso and its libraries are installed completely.",
    ),
}


_LOCKED: Final = frozenset({Rejection.PASSWORD_REQUIRED, Rejection.PASSWORD_WRONG})


def rejected(
    file_name: str, reason: Rejection, limits: ReadLimits, *, found: int = 0, looks_like: str = ""
) -> RejectedFile:
    """The error for ``file_name``; ``found`` is the offending amount, ``looks_like`` a kind of file."""
    words, next_step = _WORDS[reason]
    megabytes = limits.memory // 1024**2
    kind = PasswordNeeded if reason in _LOCKED else RejectedFile
    return kind(
        file_name,
        words.format(found=found, looks_like=looks_like, limits=limits, megabytes=megabytes),
        next_step,
    )
