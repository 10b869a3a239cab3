"""Words of a contract as the keyword index counts them.

Kept whole: section references (``4.2(b)``), abbreviations (``U.S.``), amounts (``1,000,000`` without its
commas), percentages and hyphenated words, of which the parts count as well. Words are stemmed with Snowball's
English stemmer; function words that carry no legal meaning are dropped, negations and exceptions are kept.
"""

import re
import threading
import unicodedata
from collections.abc import Sequence

import Stemmer

TOKENIZER_VERSION = "1"

_TOKEN = re.compile(
    r"""
    \d+(?:\.\d+)*(?:\([a-z0-9]{1,5}\))+      # 4.2(b)(ii)
    | (?:[a-z]\.){2,}                          # u.s.
    | \d[\d,.]*\d%? | \d%?                     # 1,000,000  4.2  5%
    | [^\W\d_]+(?:['\-][^\W\d_]+)*             # words, sub-licensee, party's
    """,
    re.VERBOSE,
)
_FOLD = str.maketrans({"\u2019": "'", "\u2018": "'", "\u2010": "-", "\u2011": "-", "\u00ad": None})
_STOP_WORDS = frozenset(
    """
    a about also am an and any are as at be been being but by can could did do does doing for from had has
    have having he her here hers herewith hereby herein hereof hereto him his how i if in into is it its
    itself me my of on or our ours shall she should so such than that the their theirs them then there
    thereby therein thereof thereto these they this those to too us was we were what when where which while
    who whom whose why will with would you your yours
    """.split()
)
_stemmers = threading.local()


def tokenize(text: str) -> list[str]:
    """Split ``text`` into the stemmed tokens of the keyword index, in reading order, repeats included."""
    folded = unicodedata.normalize("NFKC", text).translate(_FOLD).lower()
    tokens: list[str] = []
    for word in _TOKEN.findall(folded):
        tokens.extend(_forms(word))
    return stems(tokens)


def stems(words: Sequence[str]) -> list[str]:
    """Each of ``words``, in lower case, without its ending."""
    return _stemmer().stemWords(list(words))  # type: ignore[no-any-return]


def _forms(word: str) -> list[str]:
    if word[0].isdigit():
        whole = word.replace(",", "").rstrip(".")
        return [whole, whole.split("(", 1)[0]] if "(" in whole else [whole]
    if "-" in word:
        parts = [part for part in word.split("-") if len(part) > 3 and part not in _STOP_WORDS]
        return [word.replace("-", ""), *parts]
    word = word.removesuffix("'s").replace("'", "")
    return [] if word in _STOP_WORDS or not word else [word]


def _stemmer() -> Stemmer.Stemmer:
    # A Snowball stemmer keeps state between calls and must not be shared by threads.
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return _stemmers.english
