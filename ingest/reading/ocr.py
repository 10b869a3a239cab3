"""Reading scanned pages: each page is drawn as a picture and its lines are recognised. Runs in a process of
its own, never in the application's.
"""

import importlib
import importlib.util
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pypdfium2 as pdfium

from core.pdf.pdf_document import open_document
from core.records import WordBox
from ingest.reading.ocr_layout import Picture, Recognised, in_rows, ink_bands, word_places
from ingest.reading.page_text import paragraph_starts
from ingest.reading.records import Finished, Message, PageCondition, PageLine, PageRead, PageReading, ReadTask

DOTS_PER_INCH: Final = 200
_MAX_PIXELS: Final = 12_000_000
_LEGIBLE: Final = 0.5
_SHORT: Final = 2
_BLANK_POINTS: Final = 36
_MARGIN_POINTS: Final = 14
_TO_ASCII: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# The detector's usual threshold (0.5) now and then misses a whole line of a clean page, and its usual scaling
# blows a narrow strip up to many times its size.
_ENGINE: Final = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Det.box_thresh": 0.3,
    "Det.limit_type": "max",
    "Det.limit_side_len": 2400,
}

Recognise = Callable[[Picture], Sequence[Recognised]]
"""Takes a picture (blue-green-red) and gives what stands on it, in pixels of that picture."""


def ocr_available() -> bool:
    """Whether the optional OCR libraries are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def load_recogniser() -> Recognise:
    """RapidOCR with the models that come inside its package; nothing is downloaded."""
    onnxruntime = importlib.import_module("onnxruntime")
    onnxruntime.disable_telemetry_events()
    engine = importlib.import_module("rapidocr").RapidOCR(params=_ENGINE)

    def recognise(picture: Picture) -> list[Recognised]:
        found = engine(picture, return_word_box=True)
        if found.txts is None:
            return []
        return [
            _recognised(*line)
            for line in zip(found.txts, found.scores, found.boxes, found.word_results, strict=True)
        ]

    return recognise


def _recognised(text: str, score: float, corners: Any, words: Any) -> Recognised:  # noqa: ANN401
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    pieces = tuple(
        (piece.translate(_TO_ASCII), float(min(x for x, _ in box)), float(max(x for x, _ in box)))
        for piece, _, box in words
    )
    return Recognised(text.translate(_TO_ASCII), float(score), min(xs), min(ys), max(xs), max(ys), pieces)


def read_by_ocr(content: bytes, task: ReadTask, recognise: Recognise) -> Iterator[Message]:
    """Read the pages that ``task.ocr_pages`` names (from 1).

    Yields:
        A ``PageRead`` for each, of condition PICTURE where nothing was found on it, and ``Finished``.
    """
    with open_document(content, task.password) as document:
        for number in task.ocr_pages:
            yield PageRead(_read_page(document[number - 1], number, recognise))
    yield Finished()


def _read_page(page: pdfium.PdfPage, number: int, recognise: Recognise) -> PageReading:
    width, height = page.get_size()
    scale = min(DOTS_PER_INCH / 72, math.sqrt(_MAX_PIXELS / max(1.0, width * height)))
    bitmap, found = _upright(page, scale, recognise)
    if not found:
        return PageReading(number, "", PageCondition.PICTURE)
    rows = in_rows(found)
    place = bitmap.get_posconv(page)
    starts = paragraph_starts([row[0].bottom / scale for row in rows])
    lines = tuple(_page_line(row, start, place) for row, start in zip(rows, starts, strict=True))
    letters = sum(len(line.text) for line in found)
    confidence = sum(line.confidence * len(line.text) for line in found) / letters
    return PageReading(number, "", PageCondition.READ_BY_OCR, lines, min(1.0, max(0.0, confidence)))


def _upright(
    page: pdfium.PdfPage, scale: float, recognise: Recognise
) -> tuple[pdfium.PdfBitmap, list[Recognised]]:
    """The page as it reads best: a sheet may have lain in the scanner sideways or upside down.

    It is turned only when what was found is doubtful, so an ordinary page costs no more.
    """
    tries: list[tuple[float, pdfium.PdfBitmap, list[Recognised]]] = []
    for degrees in (0, 90, 270, 180):
        bitmap = page.render(scale=scale, rotation=degrees, rev_byteorder=False)
        found = _found_on(np.asarray(bitmap.to_numpy()), scale, recognise)
        letters = sum(len(line.text) for line in found)
        weight = sum(_legibility(line) for line in found)
        tries.append((weight, bitmap, found))
        if not found or weight >= _LEGIBLE * letters:
            break
    _, bitmap, found = max(tries, key=lambda attempt: attempt[0])
    return bitmap, found


def _legibility(line: Recognised) -> float:
    """How many letters of a line count as read: few when in doubt, none when the line stands on end."""
    on_end = len(line.text) > _SHORT and line.bottom - line.top > line.right - line.left
    return 0.0 if on_end else len(line.text) * line.confidence**4


def _found_on(picture: Picture, scale: float, recognise: Recognise) -> list[Recognised]:
    """What stands on the picture, each of its parts recognised by itself: the detector overlooks a single
    line on an otherwise empty page.
    """
    found: list[Recognised] = []
    for left, top, right, bottom in ink_bands(
        picture, round(_BLANK_POINTS * scale), round(_MARGIN_POINTS * scale)
    ):
        part = np.ascontiguousarray(picture[top:bottom, left:right])
        found += [_moved(line, left, top) for line in recognise(part) if line.text.strip()]
    return found


def _moved(line: Recognised, right: int, down: int) -> Recognised:
    return replace(
        line,
        left=line.left + right,
        right=line.right + right,
        top=line.top + down,
        bottom=line.bottom + down,
        pieces=tuple((text, start + right, end + right) for text, start, end in line.pieces),
    )


def _page_line(row: Sequence[Recognised], starts_paragraph: bool, place: pdfium.PdfPosConv) -> PageLine:
    text = ""
    words: list[WordBox] = []
    for box in row:
        text += " " if text else ""
        for start, word, left, right in word_places(box):
            left_x, top_y = place.to_page(int(left), int(box.top))
            right_x, bottom_y = place.to_page(math.ceil(right), math.ceil(box.bottom))
            words.append(
                WordBox(
                    len(text) + start,
                    len(word),
                    min(left_x, right_x),
                    min(top_y, bottom_y),
                    max(left_x, right_x),
                    max(top_y, bottom_y),
                )
            )
        text += box.text.strip()
    return PageLine(text, starts_paragraph, words=tuple(words))
