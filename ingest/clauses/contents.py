"""Finding a table of contents, so that its lines are not taken for the headings they announce."""

import re

from ingest.clauses.lines import Line
from ingest.clauses.numerals import read_number
from ingest.clauses.titles import look_of

_HEADING = re.compile(r"(?:table\s+of\s+)?contents:?|index(?:\s+of\s+\w+)?", re.IGNORECASE)
_PAGE_LINE = re.compile(r".{2,150}?(?:[\s.]+|(?<=[A-Za-z”\")\]]))(\d{1,3}|[A-Z]-\d{1,2})")
_LEADERS = re.compile(r"\.{4}|(?:\. ){4}|…{2}")
_SEARCHED = 40_000
_LONGEST_GAP = 6
_MOST_LINES = 400
_LONGEST_ENTRY = 100
_SHORTEST_REPEATED = 8
_FEWEST_ENTRIES = 4
_FEWEST_WITHOUT_HEADING = 8


def find_contents(lines: tuple[Line, ...]) -> list[tuple[int, int]]:
    """Spans of line indices, end excluded, that are tables of contents."""
    spans: list[tuple[int, int]] = []
    index = 0
    while index < len(lines) and (lines[index].start < _SEARCHED or _LEADERS.search(lines[index].text)):
        headed = bool(_HEADING.fullmatch(lines[index].text))
        end = index
        if headed or _page_of(lines[index], headed) is not None:
            end = _end_of(lines, index + headed, headed)
        if end > index:
            spans.append((index, end))
        index = max(index + 1, end)
    return spans


def _page_of(line: Line, headed: bool) -> int | None:
    """The page number a line of a table of contents ends with, or None when the line is something else."""
    match = _PAGE_LINE.fullmatch(line.text) if len(line.text) <= 170 else None
    if match is None or "$" in line.text or not any(character.isalpha() for character in line.text):
        return None
    if not headed and not _LEADERS.search(line.text) and read_number(line.text[:60]) is None:
        return None
    return int(match[1].rsplit("-", 1)[-1])


def _end_of(lines: tuple[Line, ...], first: int, headed: bool) -> int:
    pages: list[int] = []
    last = first
    for index in range(first, len(lines)):
        page = _page_of(lines[index], headed)
        if page is not None and (not pages or page >= pages[-1] or page < 4 or "-" in lines[index].text[-5:]):
            pages.append(page)
            last = index + 1
        elif index - last >= (_LONGEST_GAP if headed else 1):
            break
    needed = _FEWEST_ENTRIES if headed else _FEWEST_WITHOUT_HEADING
    if len(pages) >= needed or sum(bool(_LEADERS.search(line.text)) for line in lines[first:last]) >= 3:
        return last
    return _end_by_repetition(lines, first) if headed else first - headed


def _end_by_repetition(lines: tuple[Line, ...], first: int) -> int:
    """Where a list of headings without page numbers ends: before the first that comes again, now with its text."""
    seen: set[str] = set()
    end = first
    for index in range(first, min(first + _MOST_LINES, len(lines))):
        words = lines[index].text
        number = read_number(words[:60])
        entry = "".join(character for character in words.casefold() if character.isalnum())
        if entry in seen and len(entry) > _SHORTEST_REPEATED:
            break
        seen.add(entry)
        if len(words) <= _LONGEST_ENTRY and look_of(words[number[1] :] if number else words):
            end = index + 1
        elif index - end >= _LONGEST_GAP:
            break
    return end if end - first >= _FEWEST_WITHOUT_HEADING else first - 1
