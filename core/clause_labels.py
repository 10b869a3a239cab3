"""Numbers of clauses in one form, wherever they are written: in a reference, a heading or a question."""

import re
from typing import Final

ATTACHED: Final = ("schedule", "exhibit", "annex", "appendi", "attachment")
"""What the words for attachments begin with, in small letters."""
ATTACHMENT: Final = r"schedules?|exhibits?|annex(?:es)?|appendi(?:x|ces)|attachments?"
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def stem(kind: str) -> str:
    """``Schedules`` and ``schedule`` as one word; a kind that is no attachment as it is."""
    return next((one for one in ATTACHED if kind.lower().startswith(one)), kind.lower())


def canonical(label: str) -> str:
    """``4.2 (B)`` as ``4.2(b)``; roman numerals as numbers, so that Article IX is the parent of 9.1."""
    plain = re.sub(r"\s", "", label)
    head = re.match(r"[IVXLC]+(?=$|\.)", plain)
    if head:
        plain = f"{_roman(head.group())}{plain[head.end() :]}"
    return re.sub(r"\([^()]*\)", lambda item: item.group().lower(), plain)


def _roman(numeral: str) -> int:
    values = [_ROMAN[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-one if one < after else one for one, after in zip(values, following, strict=True))
