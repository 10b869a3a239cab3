"""What is drawn on a page besides text, and text that is there but cannot be seen."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points of the page's own coordinates."""

_MAX_OBJECTS: Final = 5_000
_MAX_DEPTH: Final = 3
_SAMPLE_STEP: Final = 24
_CONFIRMING: Final = 12
_ENOUGH_HIDDEN: Final = 4
_TINY_POINTS: Final = 2.0
_NEARLY_WHITE: Final = 250
_NEARLY_TRANSPARENT: Final = 5


@dataclass(frozen=True, slots=True)
class Drawings:
    """Boxes of the pictures and of the visible shapes of a page, and the box of the page itself."""

    page_box: Box
    pictures: tuple[Box, ...] = ()
    shapes: tuple[Box, ...] = ()

    @property
    def picture_share(self) -> float:
        """The part of the page that pictures cover, 0-1; overlapping pictures count twice, up to 1."""
        page_area = _area(self.page_box)
        covered = sum(_area(_overlap(self.page_box, box)) for box in self.pictures)
        return min(1.0, covered / page_area) if page_area > 0 else 0.0

    def behind(self, x: float, y: float) -> bool:
        """True when a picture or a shape that is not white lies at the point."""
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._all)

    @property
    def _all(self) -> tuple[Box, ...]:
        return self.pictures + self.shapes


def page_box(page: pdfium.PdfPage) -> Box:
    """The visible part of the page: the crop box within the media box."""
    left, bottom, right, top = page.get_bbox()
    return left, bottom, right, top


def find_drawings(page: pdfium.PdfPage) -> Drawings:
    """Pictures and shapes of a page; at most 5,000 objects are looked at."""
    pictures: list[Box] = []
    shapes: list[Box] = []
    for drawn in islice(page.get_objects(max_depth=_MAX_DEPTH), _MAX_OBJECTS):
        if drawn.type == raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_box_on_page(drawn))
        elif drawn.type == raw.FPDF_PAGEOBJ_SHADING or (
            drawn.type == raw.FPDF_PAGEOBJ_PATH and _is_visible(drawn)
        ):
            shapes.append(_box_on_page(drawn))
    return Drawings(page_box(page), tuple(pictures), tuple(shapes))


def _box_on_page(drawn: pdfium.PdfObject) -> Box:
    left, bottom, right, top = drawn.get_bounds()
    container = drawn.container
    while container is not None:
        # pdfium gives the bounds of what a form draws in the form's own coordinates.
        left, bottom, right, top = container.get_matrix().on_rect(left, bottom, right, top)
        container = container.container
    return left, bottom, right, top


def has_hidden_text(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, starts: Sequence[int]) -> bool:
    """Whether text was made so that a reader does not see it: white on white, tiny, or beside the page.

    Every 24th character is looked at, and the first of every line; a single such character, as in a footnote
    mark, is not enough.

    Args:
        page: the page.
        text_page: its text.
        starts: pdfium's character index of the beginning of every line, in ascending order.
    """
    sight = _Sight(page, text_page)
    edges = [*starts, text_page.count_chars()]
    return any(
        sight.is_hidden(index) and sight.confirms(index)
        for start, end in pairwise(edges)
        for index in range(start, end, _SAMPLE_STEP)
    )


@dataclass(slots=True)
class _Sight:
    """Tells whether a character of a page can be seen; looks for drawings only when one is in doubt."""

    page: pdfium.PdfPage
    text_page: pdfium.PdfTextPage
    visible: Box = field(init=False)
    drawings: Drawings | None = None

    def __post_init__(self) -> None:
        self.visible = page_box(self.page)

    def is_hidden(self, index: int) -> bool:
        """True for a printing character that cannot be seen."""
        box = _character_box(self.text_page, index)
        if box is None:
            return False
        if _is_tiny(box) or not _touches(self.visible, box):
            return True
        if not _is_unpainted(self.text_page, index):
            return False
        self.drawings = self.drawings or find_drawings(self.page)
        return not self.drawings.behind((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)

    def confirms(self, index: int) -> bool:
        """True when the printing characters from ``index`` on are several and all hidden."""
        following = range(index, min(index + _CONFIRMING, self.text_page.count_chars()))
        printing = [near for near in following if _character_box(self.text_page, near) is not None]
        return len(printing) >= _ENOUGH_HIDDEN and all(self.is_hidden(near) for near in printing)


def _character_box(text_page: pdfium.PdfTextPage, index: int) -> Box | None:
    if raw.FPDFText_GetUnicode(text_page, index) <= 0x20 or raw.FPDFText_IsGenerated(text_page, index) == 1:
        return None
    box = raw.FS_RECTF()
    if not raw.FPDFText_GetLooseCharBox(text_page, index, box):
        return None
    return box.left, box.bottom, box.right, box.top


def _is_tiny(box: Box) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) < _TINY_POINTS


def _touches(outer: Box, inner: Box) -> bool:
    return inner[0] <= outer[2] and inner[2] >= outer[0] and inner[1] <= outer[3] and inner[3] >= outer[1]


def _is_unpainted(text_page: pdfium.PdfTextPage, index: int) -> bool:
    """White, transparent, or in the mode that paints nothing, as the text layer over a scan is."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if raw.FPDFText_GetFillColor(text_page, index, red, green, blue, alpha):
        white = min(red.value, green.value, blue.value) >= _NEARLY_WHITE
        if white or alpha.value <= _NEARLY_TRANSPARENT:
            return True
    drawn = raw.FPDFText_GetTextObject(text_page, index)
    mode = raw.FPDFTextObj_GetTextRenderMode(drawn) if drawn else raw.FPDF_TEXTRENDERMODE_FILL
    return bool(mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE)


def _is_visible(path: pdfium.PdfObject) -> bool:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(path, mode, stroked) or not (mode.value or stroked.value):
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    getter = raw.FPDFPageObj_GetFillColor if mode.value else raw.FPDFPageObj_GetStrokeColor
    if not getter(path, red, green, blue, alpha):
        return True
    white = min(red.value, green.value, blue.value) >= _NEARLY_WHITE
    return not white and alpha.value > _NEARLY_TRANSPARENT


def _overlap(first: Box, second: Box) -> Box:
    return (
        max(first[0], second[0]),
        max(first[1], second[1]),
        min(first[2], second[2]),
        min(first[3], second[3]),
    )


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
