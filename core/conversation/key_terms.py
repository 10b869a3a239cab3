"""A follow-up without a model: whether it leans on what was asked before, and the key terms it takes from there."""

import re
from collections import Counter
from collections.abc import Iterable

from core.conversation.records import Rewriter, StandAlone, Thread
from core.storage.tokens import tokenize

# So many words that mean something make a question that can be searched as it stands.
ENOUGH_WORDS = 2
MOST_TERMS = 12

_LEAD_IN = re.compile(r"(?:and|but|or|so|then|also|ok|okay|well)\b[\s,]*", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"(?:what|how)\s+about\b[\s,]*|(?:the\s+)?same\s+(?:for|in|under|with)\b\s*", re.IGNORECASE
)
_FOR = re.compile(r"(?:for|in|under|with)\s+", re.IGNORECASE)
_POINTER = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those|there|such|he|she|former|latter|same|else|otherwise)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:[-'\u2019.][^\W_]+)*%?")
_NOTHING_OF_ITS_OWN = frozenset(
    tokenize(
        "agreement contract clause section parties party say says apply applies mean means long often much many provide"
    )
)

_QUESTION_VERB = re.compile(
    r"bears?|happens?|says?|means?|applies|apply|appl(?:y|ies)|need(?:s|ed)?|must|may|might|get|gets|give[sn]?|make[s]?|let"
    r"|find|tell|show|list|whether|much|many|long|often|soon|please|agreement|contract|part(?:y|ies)|either|neither|one|other",
    re.IGNORECASE,
)


def leans_on_earlier(question: str) -> bool:
    """Whether a question can hardly be understood without the one before it.

    It begins as a continuation ("and ...", "what about ..."), points at something before it has named anything
    ("is it capped?"), or has less than two words that mean something ("how long?").
    """
    text = question.strip()
    if _LEAD_IN.match(text) or re.match(r"(?:what|how)\s+about\b|(?:the\s+)?same\b", text, re.IGNORECASE):
        return True
    pointer = _POINTER.search(text)
    if pointer and len(own_words(text[: pointer.start()])) < ENOUGH_WORDS:
        return True
    return len(own_words(text)) < ENOUGH_WORDS


def by_key_terms(typed: str, thread: Thread, note: str = "") -> StandAlone:
    """The follow-up with the key terms of the question before it, in its scope or that of a contract it names.

    "What about X?" asks the earlier question of X; a follow-up that only names a contract asks the earlier
    question there; any other is asked with the earlier question's terms beside it.
    """
    earlier = thread.questions[-1]
    text = typed.strip()
    lead_in = _LEAD_IN.match(text)
    core = text[lead_in.end() :] if lead_in else text
    about = _WHAT_ABOUT.match(core) or (_FOR.match(core) if lead_in else None)
    subject = core[about.end() :] if about else core
    named = _named(subject, thread, loosely=about is not None)
    own = own_words(subject) - own_words(
        " ".join(title for contract_id, title in thread.titles if contract_id in named)
    )
    if named and not own:
        question = earlier
    elif about and own:
        question = f"{earlier.rstrip(' ?.')}: {subject.rstrip(' ?.')}?"
    elif leans_on_earlier(text):
        question = (
            f"{_sentence(core)} ({', '.join(key_terms(earlier, without=own_words(subject)))})".removesuffix(
                " ()"
            )
        )
    else:
        question = text
    return StandAlone(typed, question, named or thread.contract_ids, Rewriter.TERMS, note)


def _named(text: str, thread: Thread, *, loosely: bool) -> tuple[str, ...]:
    """The contracts that ``text`` names: by a word that no other title has and one more of theirs, or, ``loosely``,
    by that word alone.
    """
    asked = set(tokenize(text))
    words = {contract_id: set(tokenize(title)) - _NOTHING_OF_ITS_OWN for contract_id, title in thread.titles}
    uses = Counter(word for title in words.values() for word in title)
    return tuple(
        contract_id
        for contract_id, title in words.items()
        if any(uses[word] == 1 for word in title & asked) and (loosely or len(title & asked) > 1)
    )


def own_words(text: str) -> set[str]:
    """The stems of ``text`` that mean something, without those that any question about a contract may hold."""
    return set(tokenize(text)) - _NOTHING_OF_ITS_OWN


def key_terms(question: str, without: Iterable[str] = ()) -> list[str]:
    """The words of ``question`` that mean something, as written, neighbours joined to phrases."""
    said = set(without)
    phrases: list[list[str]] = []
    end = -1
    for word in _WORD.finditer(question):
        stems = set(tokenize(word.group()))
        if not stems or stems & said or _QUESTION_VERB.fullmatch(word.group()):
            continue
        said |= stems
        if phrases and question[end : word.start()].isspace():
            phrases[-1].append(word.group())
        else:
            phrases.append([word.group()])
        end = word.end()
    return [" ".join(phrase) for phrase in phrases][:MOST_TERMS]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
