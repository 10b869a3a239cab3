"""A passage without the line breaks that the width of the page made."""

import re
from itertools import pairwise
from typing import Final

_CLOSED: Final = re.compile(r"[.;:!?][\"'\u201d\u2019)]*\s*$")
_CLAUSE: Final = re.compile(r"\s*(?:\([A-Za-z0-9]{1,4}\)|\d+(?:\.\d+)*[.)]?\s|[\u2022\u25aa\u25cf\u00a7])")
# A line this much shorter than the longest one was not broken by the width of the page.
SHORT_LINE: Final = 0.6


def reflowed(text: str) -> str:
    """A passage without blank lines and the line breaks that the width of the page made; those between
    clauses stay.
    """
    lines = [line for line in text.replace("\u00a0", " ").split("\n") if line.strip()] or [""]
    full = SHORT_LINE * max(map(len, lines))
    parts = [lines[0]]
    for before, line in pairwise(lines):
        closed = len(before) < full or _CLOSED.search(before) or _CLAUSE.match(line)
        parts.append(f"\n{line}" if closed else f" {line.lstrip()}")
    return "".join(parts)
