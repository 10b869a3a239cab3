"""Bringing clauses to the size of a chunk: short siblings together, long clauses left for cutting."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.records import ChunkKind
from ingest.clauses.records import CONTENTS_KEY, Clause

FEWEST_WORDS = 80
MOST_WORDS = 160
# A clause of its own right below the contract shares a chunk with its neighbour only when it is a line or two.
_FEWEST_TOP_WORDS = 30
_FEWEST_PART_WORDS = 40
_MOST_CHARACTERS = 2_400
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Size:
    """How long a text is: words, characters, and tokens as estimated from words, signs and long words."""

    words: int
    tokens: int
    characters: int

    def __add__(self, other: "Size") -> "Size":
        return Size(self.words + other.words, self.tokens + other.tokens, self.characters + other.characters)

    def fits(self, tokens: int) -> bool:
        """True when the text may be one chunk of at most ``tokens`` tokens."""
        return self.words <= MOST_WORDS and self.tokens <= tokens and self.characters <= _MOST_CHARACTERS

    def parts(self, tokens: int) -> int:
        """Into how many parts the text must be cut at least."""
        shares = (self.words / MOST_WORDS, self.tokens / tokens, self.characters / _MOST_CHARACTERS)
        return max(1, -int(-max(shares) // 1))


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring clauses that belong in one chunk, or one clause that is still too long for it."""

    clauses: tuple[Clause, ...]
    size: Size

    @property
    def kind(self) -> ChunkKind:
        """The kind of the text; a heading takes the kind of what it stands above."""
        return self.clauses[-1].kind

    @property
    def bare(self) -> bool:
        """True when there is nothing but headings."""
        return all(clause.bare for clause in self.clauses)

    @property
    def path(self) -> tuple[str, ...]:
        """The heading path that all the text shares; two clauses without a common parent are both named."""
        paths = [clause.path for clause in self.clauses if not clause.bare] or [self.clauses[-1].path]
        shared = paths[0]
        for path in paths[1:]:
            shared = tuple(one for one, _ in zip(shared, _while_equal(shared, path), strict=False))
        if shared or not all(paths):
            return shared
        if self.kind is ChunkKind.DEFINITIONS:
            return ("Definitions",)
        return ("; ".join(dict.fromkeys(path[0] for path in paths)),)


def measure(text: str) -> Size:
    """The size of ``text``."""
    tokens = _WORD_OR_SIGN.findall(text)
    return Size(len(text.split()), len(tokens) + sum(len(token) > 9 for token in tokens), len(text))


def pack(text: str, clauses: Sequence[Clause], tokens: int) -> list[Piece]:
    """Pieces of about ``FEWEST_WORDS`` to ``MOST_WORDS`` words, of one parent and kind, in order and complete."""
    return _pack(
        [Piece((clause,), measure(text[clause.start : clause.end])) for clause in clauses], 0, tokens
    )


def _pack(pieces: Sequence[Piece], depth: int, tokens: int) -> list[Piece]:
    whole = _joined(pieces)
    if len(pieces) == 1 or (depth and whole.size.fits(tokens) and len({piece.kind for piece in pieces}) == 1):
        return [whole]
    packed: list[Piece] = []
    for group in _siblings(pieces, depth):
        packed.extend(_pack(group, depth + 1, tokens) if len(group) > 1 else group)
    return _merged(packed, depth, tokens)


def _siblings(pieces: Sequence[Piece], depth: int) -> Iterator[Sequence[Piece]]:
    """Runs of pieces in the same clause of this depth; the parent's own text is a run of its own."""
    first = 0
    for index in range(1, len(pieces) + 1):
        if index == len(pieces) or _key(pieces[index], depth) != _key(pieces[first], depth):
            yield pieces[first:index]
            first = index


def _key(piece: Piece, depth: int) -> int | None:
    keys = piece.clauses[0].keys
    return keys[depth] if depth < len(keys) else None


def _merged(pieces: Sequence[Piece], depth: int, tokens: int) -> list[Piece]:
    shares = Counter(_key(piece, depth) for piece in pieces)
    merged: list[Piece] = []
    for piece in pieces:
        whole = bool(merged) and shares[_key(merged[-1], depth)] == shares[_key(piece, depth)] == 1
        if merged and _belong_together(merged[-1], piece, depth, tokens, whole):
            merged[-1] = _joined([merged[-1], piece])
        else:
            merged.append(piece)
    return merged


def _belong_together(piece: Piece, following: Piece, depth: int, tokens: int, whole: bool) -> bool:
    """Whether neighbours make one chunk; ``whole`` says that neither is a part of a longer clause."""
    if piece.bare:
        return True
    if piece.kind is not following.kind or not (piece.size + following.size).fits(tokens):
        return False
    shorter, longer = sorted((piece.size.words, following.size.words))
    if depth == 0:
        return whole and longer < FEWEST_WORDS and shorter < _fewest_at_top(piece, following)
    return shorter < (FEWEST_WORDS if whole else _FEWEST_PART_WORDS)


def _fewest_at_top(piece: Piece, following: Piece) -> int:
    """Below how many words two pieces share a chunk although they have no parent but the contract."""
    if piece.kind is ChunkKind.DEFINITIONS:
        return FEWEST_WORDS
    if piece.kind is ChunkKind.FRONT:
        return (
            0 if CONTENTS_KEY in (piece.clauses[0].keys[:1] + following.clauses[0].keys[:1]) else FEWEST_WORDS
        )
    apart = not piece.path or not following.path or "Signatures" in (piece.path[0], following.path[0])
    return 0 if apart or piece.kind is ChunkKind.SCHEDULE else _FEWEST_TOP_WORDS


def _joined(pieces: Sequence[Piece]) -> Piece:
    size = sum((piece.size for piece in pieces[1:]), start=pieces[0].size)
    return Piece(tuple(clause for piece in pieces for clause in piece.clauses), size)


def _while_equal(path: tuple[str, ...], other: tuple[str, ...]) -> Iterator[str]:
    for one, two in zip(path, other, strict=False):
        if one != two:
            return
        yield one
