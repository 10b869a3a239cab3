"""Cited pages drawn from the stored originals, each in the confined process."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import ProvisoError
from core.pdf.page_image import PageImage
from core.pdf.page_process import draw_page
from core.records import Page
from core.storage.library import Library

if TYPE_CHECKING:
    from core.export.cited_pages import CitedPage, DrawPage

# Sharp when printed, and well under a megabyte a page.
SCALE = 2.0


def original_pages(library: Library, password_of: Callable[[str], str | None] = lambda _: None) -> "DrawPage":
    """Draws pages of the library's originals.

    Args:
        library: holds the originals and where the characters stand on their pages.
        password_of: the password of a contract that is protected by one, where it is known.
    """

    def draw(cited: "CitedPage") -> PageImage:
        chunk = cited.chunk
        page = _page(library, cited)
        try:
            content = library.originals.get(chunk.contract_id)
        except FileNotFoundError:
            raise ProvisoError(
                cited.title, "the stored original is missing.", "Add the file again."
            ) from None
        password = password_of(chunk.contract_id)
        return draw_page(content, page, chunk.start, chunk.end, scale=SCALE, password=password)

    return draw


def _page(library: Library, cited: "CitedPage") -> Page:
    found = library.catalogue.pages(cited.chunk.contract_id, cited.page, cited.page)
    if not found:
        raise ProvisoError(cited.title, "it is no longer in the library.", "Add the file again.")
    return found[0]
