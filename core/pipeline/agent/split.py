"""A compound question as its clauses: several sentences, several questions in one, a list of things asked for.

Cut is only between clauses: "and" inside a noun phrase ("terms and conditions") joins words, and stays.
"""

import re
from typing import Final

from core.answering.sentences import split_contract
from core.conversation.key_terms import by_key_terms, leans_on_earlier, own_words
from core.conversation.records import Thread

MOST_CLAUSES: Final = 6
_ASKS: Final = r"(?:who|whom|whose|what|when|where|which|why|how|whether)\b"
_BEFORE: Final = r"(?:(?:at|by|for|from|in|of|on|out of|to|under|until|up to|within|with)\s+)?"
_SUBJECT: Final = (
    r"(?:it|its|he|she|they|we|you|i|there|this|that|these|those|the|an?|any|anyone|anybody|either|neither|each|both"
    r"|someone|somebody|nobody|our|your|my|his|her|their|money|what|every)\b"
)
_VERB: Final = r"(?:is|are|was|were|can|could|may|might|must|should|shall|will|would|has|have|had)"
# A verb before its subject begins a question of its own; one without ("and must pay") goes on with the last.
_INVERTED: Final = rf"(?:(?:does|do|did)\s+(?!not\b)\w|{_VERB}\s+(?:{_SUBJECT}|(?-i:[A-Z])))"
_CLAUSE: Final = rf"(?={_BEFORE}{_ASKS}|{_INVERTED}|if\s+(?:so|not)\b)"
_BETWEEN: Final = re.compile(
    rf"\s*;\s+(?:and\s+|or\s+|but\s+)?|\s*(?:,|\s[\u2013\u2014-])?\s+(?:and|or|but)\s+{_CLAUSE}|\s*,\s+{_CLAUSE}",
    re.IGNORECASE,
)
_MARKER: Final = re.compile(r"(?:^|(?<=[\s:;,?.]))\((?:[a-h]|[1-9]|i{1,3}|i?v)\)\s+")
_SUBORDINATE: Final = re.compile(r"(?:if|when|where|once|after|before|while|as|until)\b", re.IGNORECASE)
_JOINS: Final = re.compile(r";|\b(?:and|or|but)\s", re.IGNORECASE)
_ASKED: Final = re.compile(rf"{_BEFORE}{_ASKS}|{_INVERTED}", re.IGNORECASE)
_VERB_FIRST: Final = re.compile(rf"(?:does|do|did|{_VERB})\s", re.IGNORECASE)
_LIST: Final = re.compile(
    r"(?P<asks>(?:what|which|who)\s+(?:is|are|were)|(?:list|give|summarise|summarize|state|find|tell\s+me|describe)(?:\s+me)?)"
    r"\s+(?P<items>(?:the|its|any|their)\s+[^,?]+(?:,\s+(?:and\s+)?[^,?]+)+)[?.]?",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(r",\s+(?:and\s+)?|\s+and\s+(?=(?:the|its|any|their)\s)")
_OF: Final = re.compile(
    r"\s+(?P<of>(?:in|under|of|for|between|from)\s+(?:the\s+|our\s+)?(?:[A-Z]|this|contract|agreement).*)$"
)


def split_question(question: str) -> tuple[str, ...]:
    """The clauses of a question in their order, each of which can be searched on its own; at least one.

    A clause that leans on the first ("and is it capped?") takes its key terms over; one that means too little of
    its own stays with the one before it.
    """
    joined: list[str] = []
    for clause in (clause for sentence in _sentences(question) for clause in _clauses(sentence)):
        if joined and not own_words(clause):
            joined[-1] = f"{joined[-1].rstrip('?. ')}, {clause[:1].lower()}{clause[1:]}"
        else:
            joined.append(clause)
    if not 2 <= len(joined) <= MOST_CLAUSES:
        return (question.strip(),)
    return tuple(dict.fromkeys(_standing_alone(clause, joined[:at]) for at, clause in enumerate(joined)))


def _sentences(question: str) -> list[str]:
    listed = _MARKER.split(question)
    pieces = listed if len(listed) > 2 else [question]
    spans = ((piece, span) for piece in pieces for span in split_contract(piece))
    return [" ".join(span.of(piece).split()) for piece, span in spans]


def _clauses(sentence: str) -> list[str]:
    asked = sentence.endswith("?")
    pieces = _listed(sentence)
    if not pieces:
        pieces = _at_clauses(sentence) if asked or _ASKED.match(sentence) else [sentence]
    return [_ended(piece, asked=asked) for piece in pieces if piece.strip(" ,.?")]


def _at_clauses(sentence: str) -> list[str]:
    """Cut between clauses once something is asked: "If X ends, who pays?" is one question, so is "when and how?"."""
    pieces: list[str] = []
    begin = 0
    for cut in _BETWEEN.finditer(sentence):
        before = sentence[begin : cut.start()].strip()
        asked = _ASKED.search(before) or _VERB_FIRST.match(before)
        opens = _SUBORDINATE.match(before) and not _JOINS.search(cut.group())
        if opens or not (asked and own_words(before) and own_words(sentence[cut.end() :])):
            continue
        pieces.append(before)
        begin = cut.end()
    return [*pieces, sentence[begin:]]


def _listed(sentence: str) -> list[str]:
    """The questions of "What are the A, the B and the C under D?", one for each thing asked for."""
    match = _LIST.fullmatch(sentence.strip())
    if match is None:
        return []
    items = [item.strip() for item in _ITEM.split(match["items"]) if item.strip()]
    last, *more = [item.strip() for item in re.split(r"\s+and\s+", items[-1], maxsplit=1)]
    items = [*items[:-1], last, *more]
    if len(items) < 3 or any(_ASKED.match(item) for item in items):
        return []
    of = _OF.search(items[-1])
    shared = f" {of['of']}" if of else ""
    items[-1] = items[-1][: of.start()] if of else items[-1]
    if any(len(item.split()) > 8 for item in items):
        return []
    return [f"{match['asks']} {item}{shared}?" for item in items]


def _standing_alone(clause: str, before: list[str]) -> str:
    if not before or not leans_on_earlier(clause):
        return clause
    return by_key_terms(clause, Thread((before[0],), (), ())).question


def _ended(piece: str, *, asked: bool) -> str:
    words = piece.strip(" ,;.?\u2013\u2014-")
    words = re.sub(r"^(?:and|or|but)\s+", "", words, flags=re.IGNORECASE)
    return f"{words[:1].upper()}{words[1:]}{'?' if asked else '.'}"
