"""Which contracts a question compares: those it names, or every contract in scope."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from core.conversation.key_terms import own_words
from core.records import Contract

# A word that stands in the names of more contracts than this names none of them.
MOST_SHARING: Final = 3
_DOCUMENTS: Final = r"(?:contracts?|agreements?|deals?|leases?|licen[cs]es?|arrangements?)"
_COMPARES: Final = re.compile(
    r"\b(?:compar(?:e|es|ed|ing|ison)|versus|vs|differ(?:s|ent|ence|ences)?|rank|for each of|each of (?:the|our|these)"
    r"|longest|shortest|highest|lowest|steepest|quickest|slowest|strictest|earliest|latest|most|least|same)\b"
    r"|\bagainst that\b|:\s[^?]*,[^?]*\band\b|:\s[^?]*\bor\b",
    re.IGNORECASE,
)
_EVERY: Final = re.compile(
    r"\b(?:which|what|how many|any|all|each|every|none|some|rank)\s+(?:(?:one\s+)?of\s+)?"
    rf"(?:(?:our|my|the|these)\s+)?(?:\w+\s+)?{_DOCUMENTS}\b"
    rf"|\b(?:across|among|over)\s+(?:all\s+)?(?:our|my|the|these)\s+(?:\w+\s+)?{_DOCUMENTS}\b"
    r"|\b(?:which|what)\s+(?:of\s+(?:our|my)\b|counterpart(?:y|ies)\b)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")


def compares(question: str) -> bool:
    """Whether what a question says of several contracts is to be held side by side."""
    return _COMPARES.search(question) is not None


def asks_every_contract(question: str) -> bool:
    """Whether a question is put to contracts as a set, such as "which of our agreements"."""
    return _EVERY.search(question) is not None


def named_contracts(question: str, contracts: Sequence[Contract]) -> tuple[Contract, ...]:
    """The contracts that a question names, in the order of ``contracts``.

    A name is a capitalised word of the question that few contracts have in their title, parties or file name, or
    any word of it that stands in the title of one contract alone.
    """
    names = {one.contract_id: _words(_name_of(one)) for one in contracts}
    titles = {one.contract_id: own_words(one.profile.title) for one in contracts}
    sharing = Counter(word for words in names.values() for word in words)
    titled = Counter(word for words in titles.values() for word in words)
    asked = own_words(question)
    capitals = _words(" ".join(word for word in _WORD.findall(question) if word[0].isupper()))
    own = {word for word in capitals if 0 < sharing[word] <= MOST_SHARING}
    alone = {word for word in asked if titled[word] == 1 and sharing[word] == 1}
    return tuple(one for one in contracts if names[one.contract_id] & own or titles[one.contract_id] & alone)


def _name_of(contract: Contract) -> str:
    parts = (contract.profile.title, *contract.profile.parties, contract.file_name.removesuffix(".pdf"))
    return " ".join(parts).replace("_", " ")


def _words(texts: str | Iterable[str]) -> set[str]:
    return own_words(texts if isinstance(texts, str) else " ".join(texts))
