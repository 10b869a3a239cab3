"""What is drawn on a page besides text."""

import ctypes
from dataclasses import dataclass
from itertools import islice
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points of the page's own coordinates."""

_MAX_OBJECTS: Final = 5_000
_MAX_DEPTH: Final = 3
NEARLY_WHITE: Final = 240
NEARLY_TRANSPARENT: Final = 20


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


def _is_visible(path: pdfium.PdfObject) -> bool:
    mode, stroked = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(path, mode, stroked) or not (mode.value or stroked.value):
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    getter = raw.FPDFPageObj_GetFillColor if mode.value else raw.FPDFPageObj_GetStrokeColor
    if not getter(path, red, green, blue, alpha):
        return True
    white = min(red.value, green.value, blue.value) >= NEARLY_WHITE
    return not white and alpha.value > NEARLY_TRANSPARENT


def _overlap(first: Box, second: Box) -> Box:
    return (
        max(first[0], second[0]),
        max(first[1], second[1]),
        min(first[2], second[2]),
        min(first[3], second[3]),
    )


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
