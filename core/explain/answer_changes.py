"""Two answers to one question beside each other: which words, sentences and sources differ.

Citation numbers are those of each answer's own evidence, so sources are compared by chunk and never by number.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.answering.sentences import MARKER
from core.records import Answer, Passage, Statement

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive characters of a statement; ``differs`` says that the other answer does not have them."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ComparedStatement:
    """A statement of one answer in stretches; ``alone`` says that the other has no statement like it."""

    statement: Statement
    stretches: tuple[Stretch, ...]
    alone: bool


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """What differs between two answers.

    Args:
        before, after: the statements of each.
        dropped, added: passages that only the first, only the second cites.
    """

    before: tuple[ComparedStatement, ...]
    after: tuple[ComparedStatement, ...]
    dropped: tuple[Passage, ...]
    added: tuple[Passage, ...]

    @property
    def same(self) -> bool:
        """True when both say the same words from the same sources."""
        sides = self.before + self.after
        unchanged = not any(one.alone or any(part.differs for part in one.stretches) for one in sides)
        return unchanged and not self.dropped and not self.added


# Below this share of words in common, two sentences are two sentences and not one that was changed.
ALIKE = 0.5


def compare(before: Answer, after: Answer) -> AnswerChanges:
    """Pair the statements of two answers in their order, and mark the words in which each pair differs."""
    pairs = _paired(before.statements, after.statements)
    partner = {id(one): other for one, other in pairs}
    partner |= {id(other): one for one, other in pairs}
    cited_before, cited_after = _cited(before.statements), _cited(after.statements)
    return AnswerChanges(
        before=tuple(_compared(one, partner.get(id(one))) for one in before.statements),
        after=tuple(_compared(one, partner.get(id(one))) for one in after.statements),
        dropped=_without(cited_before, cited_after),
        added=_without(cited_after, cited_before),
    )


def _paired(before: Sequence[Statement], after: Sequence[Statement]) -> list[tuple[Statement, Statement]]:
    """The pairs that are most alike first; each statement is in one pair at most."""
    likeness = sorted(
        (
            (-_likeness(_words(one.text), _words(other.text)), at, to)
            for at, one in enumerate(before)
            for to, other in enumerate(after)
        )
    )
    taken_before: set[int] = set()
    taken_after: set[int] = set()
    pairs: list[tuple[Statement, Statement]] = []
    for negative, at, to in likeness:
        if -negative >= ALIKE and at not in taken_before and to not in taken_after:
            taken_before.add(at)
            taken_after.add(to)
            pairs.append((before[at], after[to]))
    return pairs


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _words(text: str) -> list[str]:
    # Markers count within their own evidence: [2] here and [3] there may be the same source.
    return [token for token in _TOKEN.findall(MARKER.sub(" ", text)) if not token.isspace()]


def _compared(statement: Statement, partner: Statement | None) -> ComparedStatement:
    if partner is None:
        return ComparedStatement(statement, (Stretch(statement.text, False),), True)
    return ComparedStatement(statement, _stretches(statement.text, partner.text), False)


def _stretches(text: str, other: str) -> tuple[Stretch, ...]:
    mine, theirs = _tokens(text), _tokens(other)
    keys, their_keys = [key for _, key in mine], [key for _, key in theirs]
    matcher = difflib.SequenceMatcher(None, keys, their_keys, autojunk=False)
    stretches: list[Stretch] = []
    for tag, start, end, _, _ in matcher.get_opcodes():
        words = "".join(shown for shown, _ in mine[start:end])
        if words:
            stretches.append(Stretch(words, tag != "equal" and bool(words.strip())))
    return tuple(stretches)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Each piece of a text as it is shown, and as it is compared: all markers and all white space are equal."""
    tokens: list[tuple[str, str]] = []
    end = 0
    for marker in MARKER.finditer(text):
        tokens += _plain(text[end : marker.start()])
        tokens.append((marker.group(), "[]"))
        end = marker.end()
    return tokens + _plain(text[end:])


def _plain(text: str) -> list[tuple[str, str]]:
    return [(token, " " if token.isspace() else token) for token in _TOKEN.findall(text)]


def _cited(statements: Iterable[Statement]) -> dict[str, Passage]:
    return {
        citation.passage.chunk_id: citation.passage
        for statement in statements
        for citation in statement.citations
        if citation.passage is not None
    }


def _without(some: dict[str, Passage], others: dict[str, Passage]) -> tuple[Passage, ...]:
    return tuple(passage for chunk_id, passage in some.items() if chunk_id not in others)
