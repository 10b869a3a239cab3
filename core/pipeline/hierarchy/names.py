"""Names of parties, titles and files in a question."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from core.pipeline.hierarchy.contract_index import ContractIndex
from core.pipeline.hierarchy.mention import Kind, Mention
from core.pipeline.hierarchy.outline import digests
from core.pipeline.hierarchy.periods import NOUN
from core.pipeline.hierarchy.postings import Rows
from core.pipeline.hierarchy.words import CONTRACT_WORDS, PLACES, ROLES, UNTOLD, Word, words_of

# A name without its capital, or with that of a sentence, is no shorter than this.
SHORTEST = 4
_OF_CONTRACT = re.compile(
    r"(?:['\u2019]s)?(?:\s+(?!(?:the|an?|our|this|that|when|if|of|to|in|on|by|for|and|or|is|was|are|be)\b)[\w&-]+){0,2}?"
    rf"\s+{NOUN}\b",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['\u2019]s?$")


def find_names(
    question: str, index: ContractIndex, elsewhere: Sequence[tuple[int, int]] = ()
) -> Iterator[Mention]:
    """Words that stand together in a name that a contract goes by; those within the spans ``elsewhere`` are no name.

    Ordinary words, roles and places name nobody alone. A name is written with a capital, or "agreement" or the like
    follows.
    """
    words = [
        word for word in words_of(question) if not any(begin <= word.start < end for begin, end in elsewhere)
    ]
    at = 0
    while at < len(words):
        length, of = _longest(words[at:], index)
        run = words[at : at + length]
        if length and _is_name(question, words, at, length, of, index):
            rows = _with_openings(np.unique(index.name_rows[of]), run, index)
            start, end = run[0].start, run[-1].end
            yield Mention(Kind.NAME, _POSSESSIVE.sub("", question[start:end]), start, end, rows, rows[:0])
        at += max(1, length)


def _longest(words: Sequence[Word], index: ContractIndex) -> tuple[int, Rows]:
    """How many of ``words`` from the first stand together in a name, and in which names."""
    names, length = index.name_rows[:0], 0
    for word in words:
        holding = index.names.holding(word.folded)
        both = holding if length == 0 else np.intersect1d(names, holding, assume_unique=True)
        if not len(both):
            break
        names, length = both, length + 1
    return length, names


def _is_name(
    question: str, words: Sequence[Word], at: int, length: int, names: Rows, index: ContractIndex
) -> bool:
    """Whether the ``length`` words from ``at``, which stand in ``names``, are meant as a name."""
    run = words[at : at + length]
    telling = [word for word in run if word.folded not in UNTOLD and not word.folded.isdigit()]
    cased = _cased(question)
    written = cased and all(word.capital for word in run)
    if not telling:
        # Network Solutions: ordinary words, but a whole name and written as one.
        whole = bool(np.any(index.names.lengths[names] == len({word.folded for word in run})))
        known = {word.folded for word in run} - ROLES - CONTRACT_WORDS - PLACES
        return length > 1 and whole and bool(known) and written
    ordinary = np.isin(digests([word.folded for word in telling]), index.ordinary).tolist()
    own = [word for word, common in zip(telling, ordinary, strict=True) if not common]
    if length > 1 and written:
        return True
    if length == 1 and cased and _part_of_another(question, words, at):
        return False
    begins = not question[: run[0].start].strip() or question[: run[0].start].rstrip()[-1] in ".?!:"
    if length == 1 and len(run[0].folded) < (SHORTEST if begins else SHORTEST - 1):
        return False
    if cased and any(word.capital for word in own):
        return True
    said = _stands_for_contract(question, run)
    if len(own) == length:
        return said and all(len(word.folded) >= SHORTEST for word in own)
    return length == 1 and written and said and not begins


def _part_of_another(question: str, words: Sequence[Word], at: int) -> bool:
    """Whether the word at ``at`` is half of a name that no contract has: a capital stands right beside it."""
    before = words[at - 1] if at > 0 and words[at - 1].start > 0 else None
    after = words[at + 1] if at + 1 < len(words) else None
    return any(
        one is not None
        and one.capital
        and one.folded not in UNTOLD
        and not question[min(one.end, words[at].end) : max(one.start, words[at].start)].strip()
        for one in (before, after)
    )


def _stands_for_contract(question: str, run: Sequence[Word]) -> bool:
    """Whether "agreement", "lease" or the like follows within three words that belong to it."""
    return _OF_CONTRACT.match(question, run[-1].end) is not None


def _cased(question: str) -> bool:
    """Whether capitals mean something in ``question``: some letters are small, and some words begin with one."""
    words = [match.group() for match in re.finditer(r"[^\W\d_]+", question)]
    small = sum(word[0].islower() for word in words)
    return any(word[0].isupper() for word in words) and 4 * small >= len(words)


def _with_openings(rows: Rows, run: Sequence[Word], index: ContractIndex) -> Rows:
    """``rows`` and the contracts that have these words, with capitals, on their first pages."""
    found = index.opening.holding(run[0].folded)
    for word in run[1:]:
        found = np.intersect1d(found, index.opening.holding(word.folded), assume_unique=True)
    return np.union1d(rows, found)
