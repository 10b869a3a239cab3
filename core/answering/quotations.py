"""Quotations: where a text quotes, and whether words stand verbatim in another text.

Print and retyping change white space, quotation marks, dashes, hyphens at line ends and ligatures; they are
folded before two texts are compared. Nothing else is: a changed word, case or figure is no quotation.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

# Bounds for hostile texts; no honest quotation comes near them.
MOST_PIECES = 12
MOST_PLACES = 50
MOST_NESTED = 8

_PARTNERS = {"\u201d": "\u201c\u201e\u201d", "\u00bb": "\u00ab", '"': '"'}
_MARKS = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]|\\n[ \\t]*\\n')

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_QUOTES = dict.fromkeys(map(ord, '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b`\u00b4'), "'")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_FOLDS: Final = {**_LIGATURES, **_QUOTES, **_DASHES, **_INVISIBLE}

_LINE_END_HYPHEN = re.compile(r"(?<=\w)[-\u2010\u00ad]\s*\n\s*(?=[a-z])")
_ELLIPSIS = re.compile(r"\[ ?(?:\.\.\.|\u2026) ?\]|\.{3,}|\u2026|\. \. \.")
_NEGATION = re.compile(r"\b(?:not|no|nor|never|neither|cannot|without|none)\b", re.IGNORECASE)
_SUB_CLAUSE = re.compile(r"\(?[A-Za-z0-9]{1,4}[.)]|\d+\.\d")
# A cut of so few words must not be the one that turns the meaning round.
_SHORT_CUT = 3


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every outermost quotation in double quotation marks, the marks included.

    Curly and straight marks, also nested. A quotation does not run over a blank line, and a mark without its
    partner quotes nothing.
    """
    outermost: list[tuple[int, int]] = []
    for start, end in sorted(_pairs(text)):
        if not outermost or start >= outermost[-1][1]:
            outermost.append((start, end))
    return outermost


def fold(text: str) -> str:
    """``text`` without the differences that print and retyping make: one line, plain marks, no ligatures."""
    text = unicodedata.normalize("NFC", text).translate(_FOLDS)
    text = re.sub(r"(?<!\w)'|'(?!\w)", "", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?-+ ?", "-", text).strip()


def stands_verbatim(quote: str, text: str) -> bool:
    """True when ``quote`` stands in ``text`` word for word.

    ``...`` leaves words out: the pieces around it must follow each other in ``text``, and no cut of a few
    words may drop a negation. A piece never begins or ends inside a word or a figure.
    """
    parts = _ELLIPSIS.split(" ".join(quote.split()))
    pieces = [piece for piece in map(_bare, parts) if piece]
    if not 1 <= len(pieces) <= MOST_PIECES:
        return False
    return any(_in_order(pieces, version) for version in _versions(text))


@lru_cache(maxsize=64)
def _versions(text: str) -> tuple[str, str]:
    # A hyphen at the end of a line is either part of the word or was put there by the printer.
    return fold(text), fold(_LINE_END_HYPHEN.sub("", text))


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    opened: list[tuple[str, int]] = []
    for found in _MARKS.finditer(text):
        mark, position = found.group(), found.start()
        if len(mark) > 1:
            opened.clear()
            continue
        partner = _partner(opened, mark)
        if partner is not None and _may_close(text, position):
            yield opened[partner][1], position + 1
            del opened[partner:]
        elif mark not in "\u201d\u00bb" and (mark != '"' or _may_open(text, position)):
            opened.append((mark, position))


def _partner(opened: list[tuple[str, int]], mark: str) -> int | None:
    partners = _PARTNERS.get(mark, "")
    deepest = max(0, len(opened) - MOST_NESTED)
    for index in range(len(opened) - 1, deepest - 1, -1):
        if opened[index][0] in partners:
            return index
    return None


def _may_close(text: str, position: int) -> bool:
    if text[position] != '"':
        return True
    before, after = text[position - 1], text[position + 1 : position + 2]
    return not (after.isalnum() and (before.isspace() or before in '(["\u201c\u2013\u2014'))


def _may_open(text: str, position: int) -> bool:
    return position == 0 or not text[position - 1].isalnum()


def _in_order(pieces: list[str], text: str) -> bool:
    ends = [0]
    for index, piece in enumerate(pieces):
        pattern = _pattern(piece)
        places = {
            found.end()
            for end in ends
            for found in pattern.finditer(text, end)
            if index == 0 or _may_leave_out(text[end : found.start()], piece)
        }
        ends = sorted(places)[:MOST_PLACES]
    return bool(ends)


def _may_leave_out(gap: str, piece: str) -> bool:
    is_short = len(gap.split()) <= _SHORT_CUT and not _SUB_CLAUSE.match(piece)
    return not (is_short and _NEGATION.search(gap))


def _pattern(piece: str) -> re.Pattern[str]:
    # "exclusive" is no quotation from "non-exclusive", "500" none from "1,500", "5" none from "5.5", and
    # "thirty" none from "thirty-five".
    start = r"(?<!\w)(?<!(?i:non)-)(?<!ty-)" if piece[0].isalnum() else ""
    start += r"(?<!\d[.,])" if piece[0].isdigit() else ""
    end = r"(?!\w)(?!-(?:one|two|three|four|five|six|seven|eight|nine)\b)" if piece[-1].isalnum() else ""
    end += r"(?![.,]\d)" if piece[-1].isdigit() else ""
    return re.compile(f"{start}{re.escape(piece)}{end}")


def _bare(part: str) -> str:
    return fold(part).strip(" '.,;:-")
