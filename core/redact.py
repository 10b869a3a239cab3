"""Text from outside made safe to show: no key in it, nothing that steers a terminal or reorders a line."""

import unicodedata

# Control, format-free surrogate and private codes; the bidirectional controls make a line read differently
# from what it says.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """``text`` without control characters (newlines and tabs stay), lone surrogates and direction marks."""
    return "".join(character for character in text if character in "\n\t" or _is_printable(character))


def redact(text: str, key: str, limit: int = 200) -> str:
    """``text`` as one printable line of at most ``limit`` characters in which ``key`` does not occur."""
    line = " ".join(printable(text).split())
    if key.strip():
        line = line.replace(key.strip(), "[key]")
    return line if len(line) <= limit else f"{line[: limit - 3].rstrip()}..."


def _is_printable(character: str) -> bool:
    return character not in _BIDIRECTIONAL and unicodedata.category(character) not in _DROPPED_CATEGORIES
