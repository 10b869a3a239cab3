"""Lines that say nothing but which page this is: 12, - 12 -, Page 3 of 20, A-3, iv."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

_NEAR_PAGE: Final = 10
_LARGEST_ROMAN: Final = 39

_COUNT: Final = r"(?:\d{1,4}|[ivxlc]{1,7})"
_BARE: Final = re.compile(r"\d{1,4}")
_ROMAN: Final = re.compile(r"[ivxlc]{1,7}")
_DASHED: Final = re.compile(rf"[-–—]\s*{_COUNT}(?:\s*[-–—])?|{_COUNT}\s*[-–—]")
_OF_PAGES: Final = re.compile(r"\d{1,4}\s*(?:of|/)\s*\d{1,4}")
_PAGE_WORD: Final = re.compile(
    rf"\W{{0,2}}(?:page|pg\.?|p\.)\s*[-–—]?\s*(?:{_COUNT}|[a-z]-\d{{1,4}})(?:\s*(?:of|/)\s*\d{{1,4}})?\W{{0,2}}",
    re.IGNORECASE,
)
_OF_SCHEDULE: Final = re.compile(r"[A-Z]{1,2}-\d{1,3}")

_DIGITS: Final = (
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_VALUES: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


def number_value(number: str) -> int | None:
    """The value of decimal digits or of a lower-case roman numeral; None for letters that are not one."""
    if number.isdigit():
        return int(number)
    values = [_VALUES[letter] for letter in number]
    following = [*values[1:], 0]
    total = sum(-value if value < after else value for value, after in zip(values, following, strict=True))
    return total if _roman(total) == number else None


def _roman(value: int) -> str:
    written = ""
    for amount, letters in _DIGITS:
        written += letters * (value // amount)
        value %= amount
    return written


def is_page_number(line: str, number: int, offsets: set[int], at_foot: bool) -> bool:
    """Whether a line at the edge of page ``number`` is only its page number.

    A bare number may as well be the last cell of a table. It counts when it is near the page's own number or
    in step with other pages; ``offsets`` are those of ``page_number_offsets``.
    """
    if _BARE.fullmatch(line):
        offset = int(line) - number
        return abs(offset) <= _NEAR_PAGE or offset in offsets
    if _ROMAN.fullmatch(line):
        # A lone x is a ticked box.
        return line != "x" and 1 <= (number_value(line) or 0) <= _LARGEST_ROMAN
    if at_foot and _OF_SCHEDULE.fullmatch(line):
        return True
    return any(pattern.fullmatch(line) for pattern in (_DASHED, _OF_PAGES, _PAGE_WORD))


def page_number_offsets(outermost: Sequence[Sequence[str]]) -> set[int]:
    """Number minus page for the bare numbers that two pages or more have in common.

    Args:
        outermost: the few lines nearest to the top and bottom of every page.
    """
    seen: defaultdict[int, set[int]] = defaultdict(set)
    for number, lines in enumerate(outermost, start=1):
        for line in lines:
            if _BARE.fullmatch(line):
                seen[int(line) - number].add(number)
    return {offset for offset, numbers in seen.items() if len(numbers) > 1}
