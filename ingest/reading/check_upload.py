"""The first look at uploaded bytes, before anything parses them."""

from typing import Final

from core.pdf.pdf_document import find_header
from ingest.reading.records import ReadLimits, Rejection
from ingest.reading.rejections import rejected

_MARKUP_WINDOW: Final = 1_024

_SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "a Word document, another Office file or a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Word, Excel or Outlook file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a rich text document"),
    (b"%!PS", "a PostScript file"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
)


def other_format(content: bytes) -> str:
    """The kind of file that the first bytes declare, or "" when they declare none."""
    return next((kind for signature, kind in _SIGNATURES if content.startswith(signature)), "")


def looks_like(content: bytes) -> str:
    """What bytes without a PDF header seem to be, in words."""
    declared = other_format(content)
    if declared:
        return declared
    start = content[:_MARKUP_WINDOW].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        return "a web page (HTML)"
    if start.startswith(b"<?xml"):
        return "an XML file"
    if start and all(byte >= 32 or byte in b"\t\r\n\f" for byte in start):
        return "a text file"
    return "no kind of file that Proviso knows"


def check_upload(content: bytes, file_name: str, limits: ReadLimits) -> None:
    """Turn away what is not worth parsing.

    Raises:
        RejectedFile: empty, larger than the limit, or without a PDF header in its first 64 KiB. An archive
            or program that merely holds a PDF is not one.
    """
    if not content:
        raise rejected(file_name, Rejection.EMPTY, limits)
    if len(content) > limits.max_bytes:
        raise rejected(file_name, Rejection.TOO_LARGE, limits, found=len(content))
    if find_header(content) < 0 or other_format(content):
        raise rejected(file_name, Rejection.NOT_A_PDF, limits, looks_like=looks_like(content))
