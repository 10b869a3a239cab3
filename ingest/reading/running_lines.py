"""Running headers, footers and page numbers: the lines of a page that are not part of the contract.

A line is running when it stands at the top or bottom of several pages near each other and says the same on
each, apart from a number that grows with the pages. What happens once stays.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from ingest.reading.page_numbers import is_page_number, number_value, page_number_offsets

Side = Literal["top", "bottom"]
Key = tuple[Side, str, int]
"""Edge of the page, the line with its page number cut out, and number minus page (0 without a number)."""

SIDES: Final[tuple[Side, ...]] = ("top", "bottom")
EDGE_LINES: Final = 5
FEWEST_PAGES: Final = 3
FEWEST_PAGES_OF_ENDINGS: Final = 5
SHARE_OF_SPAN: Final = 0.4
HALF: Final = 0.5
_NUMBER_LINES: Final = 2
_MOST_NUMBERS: Final = 8
_FEWEST_LETTERS: Final = 3
_WORDS_OF_SENTENCE: Final = 6
_PLACE: Final = "\0"

_NUMBER: Final = re.compile(r"\d{1,5}|\b[ivxlc]{1,7}\b")
_FILING_STAMP: Final = re.compile(r"Source: .{2,150}, [^,]{1,15}, \d{1,2}/\d{1,2}/\d{4}")
_NUMBERED_PART: Final = re.compile(
    r"(?:article|section|clause|schedule|exhibit|annex|appendix|attachment|part|chapter|amendment|addendum"
    r"|option|lot|phase|item|table|no\.?)\W{0,3}(?:no\.?\s*)?(?:\d|[ivxlc]+\b)",
    re.IGNORECASE,
)
_SIGNATURE_BLOCK: Final = re.compile(
    r"/s/|\W*(?:by|name|print(?:ed)? name|title|its|date[d]?|attest|witness(?:ed)?|signed|signature|address"
    r"|attention|attn|e-?mail|tel(?:ephone)?|phone|fax(?:simile)?|in witness|chief|chair\w*|authori[sz]ed"
    r"|(?:vice |senior |executive |managing |general )*"
    r"(?:president|director|secretary|treasurer|manager|partner))\b",
    re.IGNORECASE,
)
_FILLING: Final = re.compile(
    r"\W*(?:(?:intentionally|deliberately)?\s*(?:omitted|left blank|deleted)|intentionally|reserved|none|n/a"
    r"|not (?:applicable|used)|to be (?:agreed|determined|provided))\b|\W*[\d.,]+\W*[^\W\d]*\W*$",
    re.IGNORECASE,
)


def find_running_lines(pages: Sequence[Sequence[str]]) -> tuple[frozenset[int], ...]:
    """For every page the indices of the lines that are not part of its text.

    Lines are taken from the edges inwards up to the first line that is the contract's own. Words are never
    lost altogether: the top of the first page keeps all but page numbers (there a running header is the
    title), and what runs over less than half of the pages stays where it stands first (there it is the
    heading of a schedule, or a signature block that comes several times).

    Args:
        pages: the lines of every page from top to bottom, without white space at their edges.
    """
    running = _running_keys(pages)
    offsets = page_number_offsets([_outermost(lines) for lines in pages])
    return tuple(
        _left_out(lines, number, running, offsets) or _left_out(lines, number, {}, offsets)
        for number, lines in enumerate(pages, start=1)
    )


def _left_out(
    lines: Sequence[str], number: int, running: dict[Key, int], offsets: set[int]
) -> frozenset[int]:
    """Empty when it would be the whole page: pages so short are not told apart by what they repeat."""
    left_out = frozenset(index for side in SIDES for index in _peeled(lines, side, number, running, offsets))
    return left_out if len(left_out) < len(lines) or not running else frozenset()


def _peeled(
    lines: Sequence[str], side: Side, number: int, running: dict[Key, int], offsets: set[int]
) -> Iterator[int]:
    """Indices of the outermost lines of one edge, up to the first that belongs to the text."""
    for index in _edge(lines, side):
        line = lines[index]
        repeated = any(running.get(key, number) < number for key in _keys(side, line, number))
        stamped = _FILING_STAMP.fullmatch(line) is not None
        if not (repeated or stamped or is_page_number(line, number, offsets, at_foot=side == "bottom")):
            return
        yield index


def _outermost(lines: Sequence[str]) -> list[str]:
    return [lines[index] for side in SIDES for index in _edge(lines, side)[:_NUMBER_LINES]]


def _running_keys(pages: Sequence[Sequence[str]]) -> dict[Key, int]:
    """Each running line with the last page, from the first, on which it must stay (0: it stays on none)."""
    seen: defaultdict[Key, set[int]] = defaultdict(set)
    for number, lines in enumerate(pages, start=1):
        for side in SIDES:
            for index in _edge(lines, side):
                for key in _keys(side, lines[index], number):
                    seen[key].add(number)
    return {
        key: _kept_until(key, min(on), len(on), len(pages))
        for key, on in seen.items()
        if _is_running(key[1], on, len(pages))
    }


def _is_running(line: str, numbers: set[int], page_count: int) -> bool:
    """Three pages or more, and a good part of the pages from the first of them to the last.

    What may be the end of a sentence that some pages happen to share must stand on most pages.
    """
    if line[0].islower() or (" " not in line and line.endswith((".", ",", ";"))):
        return len(numbers) >= FEWEST_PAGES_OF_ENDINGS and len(numbers) >= HALF * page_count
    span = max(numbers) - min(numbers) + 1
    return len(numbers) >= FEWEST_PAGES and len(numbers) >= SHARE_OF_SPAN * span


def _kept_until(key: Key, first: int, count: int, page_count: int) -> int:
    side, line, _ = key
    if _PLACE in line:
        return 0
    if count < HALF * page_count:
        return first
    return 1 if side == "top" else 0


def _edge(lines: Sequence[str], side: Side) -> range:
    """Indices of the lines nearest to an edge, from the edge inwards."""
    near = min(EDGE_LINES, len(lines))
    return range(near) if side == "top" else range(len(lines) - 1, len(lines) - 1 - near, -1)


def _keys(side: Side, line: str, number: int) -> Iterator[Key]:
    """Everything that this line would have in common with the same running line on another page."""
    squeezed = " ".join(line.split())
    if _SIGNATURE_BLOCK.match(squeezed):
        return
    letters = sum(character.isalpha() for character in squeezed)
    if letters >= _FEWEST_LETTERS and not _FILLING.match(squeezed):
        yield side, _folded(squeezed), 0
    if _NUMBERED_PART.match(squeezed) or _is_sentence(squeezed):
        return
    for match in list(_NUMBER.finditer(squeezed))[:_MOST_NUMBERS]:
        value = number_value(match[0])
        if value is not None:
            around = f"{squeezed[: match.start()]}{_PLACE}{squeezed[match.end() :]}"
            yield side, _folded(around), value - number


def _is_sentence(line: str) -> bool:
    """Sentences on successive pages may well count up: "Payment 3 falls due in month 3."."""
    return line.endswith((".", ";", ":")) and len(line.split()) >= _WORDS_OF_SENTENCE


def _folded(line: str) -> str:
    """Without the case that headers vary in; the first letter keeps it, as it tells a sentence's end."""
    return line[0] + line[1:].casefold()
