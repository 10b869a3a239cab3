"""The words of a question as the thesaurus compares them: without case, ending, or the spelling of one side of the
Atlantic.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.storage.tokens import stems

_WORD: Final = re.compile(r"([^\W_]+(?:['\u2019](?!s\b)[^\W_]+)*)(?:['\u2019]s\b)?")
# What may stand between the words of one phrase; a sentence or a list item ends at anything else.
_WITHIN: Final = re.compile(r"(?:['\u2019]s?)?[\s&/()\-\u2010\u2011\u2013]*")
_SENTENCE_BEFORE: Final = re.compile(r"[.?!]\s+$")
_LEAST_LEFT: Final = 3
# Both sides of a comparison are changed alike, so that a word made wrong by a rule still meets itself.
_SPELLINGS: Final = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"ll", "l"),  # labelling, cancelled, willful, installment
        (r"is(e|ed|es|er|ers|ing|ation|ations)$", r"iz\1"),
        (r"^(behavi|col|endeav|fav|harb|hon|lab|neighb)our", r"\1or"),
        (r"^(licen|defen|offen)c", r"\1s"),
        (r"^(sublicen)c", r"\1s"),
        (r"tre(s?)$", r"ter\1"),
        (r"gramme(s?)$", r"gram\1"),
        (r"dgement", "dgment"),
    )
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, ``text[start:end]``, without its possessive ending; ``stem`` compares it within a phrase,
    ``singular``, which is stricter, where it stands alone.
    """

    start: int
    end: int
    stem: str
    singular: str


def words_of(text: str) -> tuple[Word, ...]:
    """Every word of ``text`` in order; the parts of a hyphenated word are words."""
    found = list(_WORD.finditer(text))
    spelt = [_spelt(match[1]) for match in found]
    return tuple(
        Word(match.start(1), match.end(1), stem, _singular(plain))
        for match, plain, stem in zip(found, spelt, stems(spelt), strict=True)
    )


def key_of(words: Sequence[Word]) -> tuple[str, ...]:
    """What two phrases that say the same share. The stem of a single word would say too much: an insurer is no
    insurance.
    """
    return (words[0].singular,) if len(words) == 1 else tuple(word.stem for word in words)


def one_phrase(text: str, words: Sequence[Word]) -> bool:
    """Whether nothing but spaces, hyphens and the like stands between ``words``."""
    return all(
        _WITHIN.fullmatch(text, before.end, after.start) for before, after in itertools.pairwise(words)
    )


def is_name(text: str, word: Word) -> bool:
    """Whether ``word`` begins with a capital letter that no sentence gives it; abbreviations are no names."""
    written = text[word.start : word.end]
    begins = not text[: word.start].strip() or _SENTENCE_BEFORE.search(text, 0, word.start) is not None
    return written[0].isupper() and not written.isupper() and not begins


def without_names(text: str) -> str:
    """``text`` without the words that are names; ``text`` itself where that leaves fewer than three words."""
    words = words_of(text)
    kept = [word for word in words if not is_name(text, word)]
    if len(kept) < _LEAST_LEFT:
        return text
    for word in reversed(words):
        if word not in kept:
            text = text[: word.start] + text[word.end :]
    return " ".join(text.split())


def _spelt(word: str) -> str:
    plain = word.lower().replace("\u2019", "").replace("'", "")
    for pattern, instead in _SPELLINGS:
        plain = pattern.sub(instead, plain)
    return plain


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
