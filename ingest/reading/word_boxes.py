"""Boxes of the words of a text layer, for a page whose original has no characters to highlight."""

import ctypes
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from core.records import WordBox
from ingest.reading.records import PageLine

_WORD: Final = re.compile(r"\S+")


def with_word_boxes(text_page: pdfium.PdfTextPage, lines: Sequence[PageLine]) -> tuple[PageLine, ...]:
    """The lines with a box for every word in place of their runs, which point into another file's text."""
    return tuple(
        replace(
            line, runs=(), words=tuple(_word(text_page, line, match) for match in _WORD.finditer(line.text))
        )
        for line in lines
    )


def _word(text_page: pdfium.PdfTextPage, line: PageLine, match: re.Match[str]) -> WordBox:
    boxes = [
        box
        for run in line.runs
        for offset in range(max(run.start, match.start()), min(run.start + run.length, match.end()))
        if (box := _box(text_page, run.char_index + offset - run.start)) is not None
    ]
    if not boxes:
        return WordBox(match.start(), len(match[0]), 0.0, 0.0, 0.0, 0.0)
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return WordBox(match.start(), len(match[0]), min(lefts), min(bottoms), max(rights), max(tops))


def _box(text_page: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float] | None:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return None
    return left.value, bottom.value, right.value, top.value
