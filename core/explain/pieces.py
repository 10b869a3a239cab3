"""A passage in pieces that can be left out one at a time: sentences, and phrases within a sentence."""

import re

from core.answering.sentences import Span, split_contract

# Shorter pieces say too little alone; longer ones do not tell which words it was.
SHORTEST_PHRASE = 3
LONGEST_PHRASE = 8
# Sentences that say less than this go with the one that follows, such as "(a)" or a heading.
SHORTEST_SENTENCE = 3

_WORD = re.compile(r"\S+")
_CONNECTIVES = frozenset(
    "and or but nor unless except provided if when where which that who to for from by with without under upon "
    "in on of as than until before after during including".split()
)


def sentences(text: str, most: int) -> tuple[Span, ...]:
    """The sentences of a passage in order, at most ``most``: of more, neighbours are joined.

    Raises:
        ValueError: ``most`` is not positive.
    """
    if most < 1:
        raise ValueError(f"A passage has at least one piece, not {most}.")
    spans = _with_fragments(text, split_contract(text))
    while len(spans) > most:
        at = min(range(len(spans) - 1), key=lambda index: spans[index + 1].end - spans[index].start)
        spans[at : at + 2] = [Span(spans[at].start, spans[at + 1].end)]
    return tuple(spans)


def phrases(text: str, sentence: Span) -> tuple[Span, ...]:
    """The phrases of a sentence in order: cut at punctuation, then before a connective, and at eight words."""
    words = [Span(found.start(), found.end()) for found in _WORD.finditer(text, sentence.start, sentence.end)]
    found: list[Span] = []
    run: list[Span] = []
    for word in words:
        if run and (len(run) >= LONGEST_PHRASE or _begins(text, word, run)):
            found.append(Span(run[0].start, run[-1].end))
            run = []
        run.append(word)
    if run:
        found.append(Span(run[0].start, run[-1].end))
    return tuple(_joined_short(text, found))


def without(text: str, span: Span) -> str:
    """The text with a piece left out; one space stands where it was."""
    return f"{text[: span.start].rstrip()} {text[span.end :].lstrip()}".strip()


def situated(context: str, text: str) -> str:
    """What the models read: the context line, where there is one, and then the text."""
    return f"{context}\n{text}" if context else text


def _with_fragments(text: str, spans: tuple[Span, ...]) -> list[Span]:
    joined: list[Span] = []
    start: int | None = None
    for span in spans:
        start = span.start if start is None else start
        if len(Span(start, span.end).of(text).split()) >= SHORTEST_SENTENCE:
            joined.append(Span(start, span.end))
            start = None
    if start is not None:
        last = joined.pop() if joined else Span(start, start)
        joined.append(Span(min(last.start, start), spans[-1].end))
    return joined


def _begins(text: str, word: Span, run: list[Span]) -> bool:
    """True when a phrase of at least three words ends before ``word``."""
    if len(run) < SHORTEST_PHRASE:
        return False
    before = run[-1].of(text)
    return before[-1] in ",;:)" or word.of(text)[0] == "(" or word.of(text).casefold() in _CONNECTIVES


def _joined_short(text: str, spans: list[Span]) -> list[Span]:
    """A last phrase that is too short goes with the one before."""
    if len(spans) > 1 and len(spans[-1].of(text).split()) < SHORTEST_PHRASE:
        return [*spans[:-2], Span(spans[-2].start, spans[-1].end)]
    return spans
