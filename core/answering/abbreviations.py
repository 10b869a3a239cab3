"""Full stops that do not end a sentence: abbreviations of contracts, initials, and numbers of clauses."""

import re
from typing import Final

# All in lower case and without their last full stop.
_NEVER_LAST: Final = frozenset(
    ("e.g", "i.e", "cf", "viz", "v", "vs", "mr", "mrs", "ms", "dr", "prof", "hon", "messrs", "approx",
     "incl")
)  # fmt: skip
_PERHAPS_LAST: Final = frozenset(
    ("inc", "ltd", "co", "corp", "plc", "bros", "etc", "al", "st", "dept", "est")
)  # fmt: skip
_BEFORE_A_NUMBER: Final = frozenset(
    ("no", "nos", "art", "arts", "sec", "secs", "sect", "cl", "cls", "para", "paras", "pt", "ch", "vol",
     "fig", "ex", "exh", "app", "sched", "p", "pp", "reg", "regs", "s", "ss", "jan", "feb", "mar",
     "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
)  # fmt: skip
# After an abbreviation that may also be a last word, these begin a new sentence and a name does not.
_FIRST_WORDS: Final = frozenset(
    ("the", "this", "that", "these", "those", "if", "in", "any", "each", "no", "such", "all", "neither",
     "either", "except", "subject", "upon", "for", "where", "when", "unless", "notwithstanding", "it",
     "its", "a", "an", "however", "nothing", "every", "both", "on", "by", "to", "at", "after", "before",
     "during", "without", "with", "should", "failing", "provided", "save", "accordingly", "otherwise",
     "clause", "section", "article")
)  # fmt: skip

_ACRONYM = re.compile(r"(?:[a-z]\.)+[a-z]")
_NUMBER = re.compile(r"\s*(?:[A-Z]{0,3}[-/]?\d|\(|[IVXLC]+\b|[A-Z]\b)")
_NAMED_BY_LETTER = re.compile(
    r"(?:section|clause|article|paragraph|schedule|exhibit|annex|appendix|part|item|class|option)",
    re.IGNORECASE,
)


def is_abbreviation(before: str, following: str) -> bool:
    """True when the full stop between ``before`` and ``following`` ends an abbreviation and no sentence.

    Args:
        before: the sentence up to the full stop.
        following: the text after it, without leading white space.
    """
    words = before.split()
    if not words:
        return False
    last = words[-1].lstrip("([\"'\u201c\u2018")
    name = last.lower()
    first = re.split(r"\W", following, maxsplit=1)[0].lower()
    if name in _NEVER_LAST:
        return True
    if name == "no":
        # "No. Clause 8 excludes it." is an answer, "Amendment No. One" is a name.
        return following[:1].isdigit() or (last == "No" and len(words) > 1)
    if name in _BEFORE_A_NUMBER:
        return bool(_NUMBER.match(following))
    if name in _PERHAPS_LAST or _ACRONYM.fullmatch(name):
        return first not in _FIRST_WORDS
    is_initial = len(last) == 1 and last.isupper() and len(words) > 1
    return is_initial and not _NAMED_BY_LETTER.fullmatch(words[-2]) and first not in _FIRST_WORDS
