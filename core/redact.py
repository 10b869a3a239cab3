"""Text from outside made safe to show: no key in it, nothing that steers a terminal or reorders a line."""

import re
import unicodedata

# Control, format-free surrogate and private codes; the bidirectional controls make a line read differently
# from what it says.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs", "Cn"})
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KEY = "[key]"
# A shorter key, such as "ollama" or "EMPTY", is no secret, and its letters are words that an answer may need.
SHORTEST_SECRET = 12


def printable(text: str) -> str:
    """``text`` without control characters (newlines and tabs stay), lone surrogates and direction marks."""
    return "".join(character for character in text if character in "\n\t" or _is_printable(character))


def redact(text: str, key: str, limit: int = 200) -> str:
    """``text`` as one printable line of at most ``limit`` characters in which ``key`` does not occur.

    Of a long key its beginning does not occur either: services like to repeat one with the rest cut off.
    """
    line = " ".join(printable(text).split())
    secret = key.strip()
    if secret:
        line = re.sub(re.escape(secret), KEY, line, flags=re.IGNORECASE)
    if len(secret) >= 2 * SHORTEST_SECRET:
        line = re.sub(re.escape(secret[:SHORTEST_SECRET]) + r"\S*", KEY, line, flags=re.IGNORECASE)
    return line if len(line) <= limit else f"{line[: limit - 3].rstrip()}..."


class KeyFilter:
    """Takes a key out of a text that comes in pieces, wherever the pieces end.

    Args:
        key: what must not come through; a short one is no secret and does.
    """

    def __init__(self, key: str) -> None:
        self._key = key.strip() if len(key.strip()) >= SHORTEST_SECRET else ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that may be shown now; an end that could be the beginning of the key is held back."""
        if not self._key:
            return piece
        text = (self._held + piece).replace(self._key, KEY)
        longest = min(len(self._key) - 1, len(text))
        held = next((size for size in range(longest, 0, -1) if text.endswith(self._key[:size])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back, at the end of the text: most of a key stays hidden, a few letters are harmless."""
        held, self._held = self._held, ""
        return held if len(held) < SHORTEST_SECRET else KEY


def _is_printable(character: str) -> bool:
    return character not in _BIDIRECTIONAL and unicodedata.category(character) not in _DROPPED_CATEGORIES
