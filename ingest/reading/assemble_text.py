"""From the lines of the pages to the contract's text: running lines out, offsets in."""

from collections.abc import Sequence
from dataclasses import replace

from core.records import Page, TextRun, TextSource, WordBox
from ingest.reading.records import PageCondition, PageLine, PageReading
from ingest.reading.running_lines import find_running_lines

_SOURCES = {
    PageCondition.TEXT: TextSource.TEXT,
    PageCondition.BLANK: TextSource.TEXT,
    PageCondition.PICTURE: TextSource.TEXT,
    PageCondition.READ_BY_OCR: TextSource.OCR,
}


def assemble_text(readings: Sequence[PageReading]) -> tuple[str, tuple[Page, ...]]:
    """Join the pages' own lines to one text.

    Lines are joined by a newline, paragraphs by an empty line, pages by a newline, and
    ``text[page.start:page.end]`` is the text of a page.
    """
    left_out = find_running_lines([[line.text for line in reading.lines] for reading in readings])
    texts: list[str] = []
    pages: list[Page] = []
    start = 0
    for reading, skipped in zip(readings, left_out, strict=True):
        kept = [line for index, line in enumerate(reading.lines) if index not in skipped]
        page, text = _page(reading, kept, start)
        texts.append(text)
        pages.append(page)
        start = page.end + 1
    return "\n".join(texts), tuple(pages)


def _page(reading: PageReading, lines: Sequence[PageLine], start: int) -> tuple[Page, str]:
    text = ""
    runs: list[TextRun] = []
    words: list[WordBox] = []
    parts: list[str] = []
    offset = start
    for index, line in enumerate(lines):
        between = "" if index == 0 else "\n\n" if line.starts_paragraph else "\n"
        offset += len(between)
        runs.extend(replace(run, start=run.start + offset) for run in line.runs)
        words.extend(replace(word, start=word.start + offset) for word in line.words)
        parts += (between, line.text)
        offset += len(line.text)
    text = "".join(parts)
    source = _SOURCES.get(reading.condition, TextSource.NONE)
    if not reading.lines and reading.condition is not PageCondition.BLANK:
        source = TextSource.NONE
    page = Page(
        reading.number,
        reading.label,
        start,
        start + len(text),
        source,
        tuple(runs),
        tuple(words),
        reading.confidence if source is TextSource.OCR else None,
    )
    return page, text
