"""Lines and pictures on the pages of a PDF, from the top down."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import reportlab
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase.pdfmetrics import getFont, registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.export.plain_text import document_text

_FONT: Final = "Vera"
_MARGIN: Final = 42.0
_FOOT: Final = 24.0
_LEADING: Final = 1.35


class Pen:
    """Writes on a canvas, downwards.

    Args:
        canvas: the document.
        size: width and height of its pages in points.
    """

    def __init__(self, canvas: Canvas, size: tuple[float, float]) -> None:
        self._canvas = canvas
        self._width, self._height = size
        self._y = self._height - _MARGIN
        # Bound to the document, so that it is embedded and shows alike everywhere.
        self._known = _characters()

    def drawable(self, text: str) -> str:
        """``text`` on one line; a letter that the font does not have is a question mark."""
        line = " ".join(document_text(text).split())
        return "".join(character if ord(character) in self._known else "?" for character in line)

    def line(self, text: str, size: float = 10, most: int = 8) -> None:
        """A paragraph of at most ``most`` lines; what is left out shows as dots."""
        whole = simpleSplit(self.drawable(text), _FONT, size, self._width - 2 * _MARGIN)
        lines = [*whole[: most - 1], f"{whole[most - 1][:-3]}..."] if len(whole) > most else whole
        for piece in lines:
            if self._y < _MARGIN + size:
                self.end_page()
            self._y -= size * _LEADING
            self._canvas.setFont(_FONT, size)
            self._canvas.drawString(_MARGIN, self._y, piece)
        self._y -= 3

    def gap(self) -> None:
        """Some room."""
        self._y -= 10

    def picture(self, image: ImageReader) -> None:
        """A picture as large as the rest of the page allows, framed."""
        width, height = image.getSize()
        room = (self._width - 2 * _MARGIN, self._y - _MARGIN - 8)
        scale = min(room[0] / width, room[1] / height)
        drawn = (width * scale, height * scale)
        left, bottom = (self._width - drawn[0]) / 2, self._y - 4 - drawn[1]
        self._canvas.drawImage(image, left, bottom, *drawn)
        self._canvas.setLineWidth(0.5)
        self._canvas.setStrokeGray(0.6)
        self._canvas.rect(left, bottom, *drawn)
        self._y = bottom

    def foot(self, text: str) -> None:
        """A line under the page."""
        shown = self.drawable(text)
        self._canvas.setFont(_FONT, 8)
        self._canvas.drawString((self._width - stringWidth(shown, _FONT, 8)) / 2, _FOOT, shown)

    def end_page(self) -> None:
        """Go on with the next page."""
        self._canvas.showPage()
        self._y = self._height - _MARGIN


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    registerFont(TTFont(_FONT, str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")))
    # The stubs know no fonts but the built-in ones.
    face: Any = getattr(getFont(_FONT), "face")  # noqa: B009
    return frozenset(face.charToGlyph)
