"""What the user must be told about a contract although it could be read."""

from collections.abc import Callable, Sequence
from typing import Final

from core.instructions import holds_instruction
from ingest.reading.records import Opened, PageCondition, PageReading

_POOR: Final = 0.8


def reading_warnings(opened: Opened, readings: Sequence[PageReading]) -> tuple[str, ...]:
    """One sentence for everything a reader of the answers has to know, the gravest first."""
    unread = _numbers(readings, _is_unread)
    damaged = _numbers(readings, lambda page: page.condition is PageCondition.DAMAGED)
    partly = _numbers(readings, lambda page: page.condition is PageCondition.PICTURE and bool(page.lines))
    hidden = _numbers(readings, lambda page: page.hidden_text)
    commanding = _numbers(
        readings, lambda page: holds_instruction(" ".join(line.text for line in page.lines))
    )
    poor = _numbers(readings, lambda page: page.confidence is not None and page.confidence < _POOR)
    found = (
        unread and f"{_pages(unread)} {_has(unread)} no text and {_is(unread)} not searched.",
        damaged and f"{_pages(damaged)} {_is(damaged)} damaged and {_is(damaged)} not searched.",
        partly
        and f"{_pages(partly)} {_is(partly)} mostly a picture; only the few words beside it are searched.",
        _ocr_warning(readings),
        poor
        and f"{_pages(poor)} {_is(poor)} hard to read (OCR confidence below {_POOR:.0%}); compare the original.",
        hidden and f"{_pages(hidden)} {_holds(hidden)} text that a reader cannot see.",
        commanding and f"{_pages(commanding)} {_holds(commanding)} text that gives orders to an AI model.",
        opened.has_script and "The file contains a script, which was not run.",
        opened.has_attachment and "The file contains an attachment, which was not read.",
        not opened.structure_complete
        and "The file's structure is faulty, so scripts and attachments in it could not be looked for.",
    )
    return tuple(str(warning) for warning in found if warning)


def page_ranges(numbers: Sequence[int]) -> str:
    """Ascending page numbers in short: ``1-3, 6``."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _ocr_warning(readings: Sequence[PageReading]) -> str:
    read = [page for page in readings if page.condition is PageCondition.READ_BY_OCR]
    if not read:
        return ""
    lengths = [sum(len(line.text) for line in page.lines) for page in read]
    weighed = sum((page.confidence or 0.0) * length for page, length in zip(read, lengths, strict=True))
    numbers = [page.number for page in read]
    were = "was" if len(numbers) == 1 else "were"
    if any(page.confidence is None for page in read):
        return f"{_pages(numbers)} {were} read by OCR."
    return f"{_pages(numbers)} {were} read by OCR (confidence {weighed / max(1, sum(lengths)):.0%})."


def _is_unread(page: PageReading) -> bool:
    return page.condition in (PageCondition.PICTURE, PageCondition.GARBLED) and not page.lines


def _numbers(readings: Sequence[PageReading], wanted: Callable[[PageReading], bool]) -> list[int]:
    return [page.number for page in readings if wanted(page)]


def _pages(numbers: Sequence[int]) -> str:
    return f"{'Page' if len(numbers) == 1 else 'Pages'} {page_ranges(numbers)}"


def _is(numbers: Sequence[int]) -> str:
    return "is" if len(numbers) == 1 else "are"


def _has(numbers: Sequence[int]) -> str:
    return "has" if len(numbers) == 1 else "have"


def _holds(numbers: Sequence[int]) -> str:
    return "holds" if len(numbers) == 1 else "hold"
