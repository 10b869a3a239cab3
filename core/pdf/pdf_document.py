"""Opening PDF bytes with pdfium, the same way for reading and for showing a page."""

from typing import Final

import pypdfium2 as pdfium

HEADER: Final = b"%PDF-"
HEADER_WINDOW: Final = 65_536


def find_header(content: bytes) -> int:
    """Offset of the PDF header within the first 64 KiB, or -1.

    Files saved from e-mail or a web server often carry a few lines of junk before it; the format allows
    1,024 bytes and pdfium no more, real files hold longer ones.
    """
    return content.find(HEADER, 0, HEADER_WINDOW + len(HEADER))


def open_document(content: bytes, password: str | None = None) -> pdfium.PdfDocument:
    """Open a PDF, skipping junk before its header; the caller closes it.

    Not thread-safe: pdfium must never run in two threads of a process at once.

    Raises:
        pdfium.PdfiumError: with ``err_code`` where pdfium gives one (password, format, no pages).
    """
    return pdfium.PdfDocument(content[max(find_header(content), 0) :], password=password)
