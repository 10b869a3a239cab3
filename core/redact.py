"""Text from outside made safe to show: no key in it, nothing that steers a terminal, hides or reorders."""

import json
import re
import unicodedata
from functools import lru_cache
from typing import Final

# Controls, lone surrogates, codes without a meaning, and format characters: those that turn the direction of a
# line make it read differently from what it says, the others cannot be seen at all.
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Cn", "Cf"})
# Letters by their category, blank to the eye.
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Arabic, Persian and the Indic scripts need them between letters; elsewhere they only hide.
_JOINERS: Final = frozenset("\u200c\u200d")
_JOINED_CATEGORIES: Final = frozenset({"Lo", "Mn", "Mc"})
# Marks beyond these on one letter are painted over the lines above and below.
_MOST_MARKS: Final = 5
_ESCAPED_IN_JSON: Final = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
KEY: Final = "[key]"
# A shorter key, such as "ollama" or "EMPTY", is no secret, and its letters are words that an answer may need.
SHORTEST_SECRET: Final = 12


def printable(text: str) -> str:
    """``text`` without what cannot be seen or is not what it seems: control characters (newlines and tabs
    stay), lone surrogates, direction marks, characters of no width, and marks piled up on one letter.
    """
    kept: list[str] = []
    before = ""
    marks = 0
    for character in text:
        kind = _kind(character)
        if kind == "joiner":
            if before not in _JOINED_CATEGORIES:
                continue
        elif not kind:
            continue
        else:
            marks = marks + 1 if kind in ("Mn", "Me") else 0
            if marks > _MOST_MARKS:
                continue
            before = kind
        kept.append(character)
    return "".join(kept)


def printable_line(text: str) -> str:
    """``printable``, on one line."""
    return " ".join(printable(text).split())


def redact(text: str, key: str, limit: int = 200) -> str:
    """``text`` as one printable line of at most ``limit`` characters in which ``key`` does not occur.

    Of a long key its beginning does not occur either: services like to repeat one with the rest cut off.
    """
    line = printable_line(text)
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


def json_text(data: object, indent: int | None = None) -> str:
    """``data`` as JSON that any terminal can show: what ``printable`` would drop is there as an escape."""
    return _ESCAPED_IN_JSON.sub(_escape, json.dumps(data, ensure_ascii=False, indent=indent))


@lru_cache(maxsize=10_000)
def _kind(character: str) -> str:
    """The category of a character that is shown, "joiner", or "" for one that is dropped."""
    if character in "\n\t":
        return "Zs"
    if character in _JOINERS:
        return "joiner"
    category = unicodedata.category(character)
    return "" if category in _DROPPED_CATEGORIES or character in _BLANK else category


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found.group())[1:-1] if found.group() > "\x7f" else "\\u007f"
