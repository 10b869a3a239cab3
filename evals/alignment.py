"""Where labelled words stand in a contract's text, and which chunks hold them.

Labels and PDF text never agree to the letter: line ends, quotation marks, hyphens, lost spaces, a running
header in the middle. Both are reduced to their letters and digits and aligned from there.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.records import Chunk

# All lengths below are in folded characters, that is letters and digits.
SHORTEST_UNIQUE = 20
SEED = 12
# The furthest that an alignment looks on after a difference: a footer, a header, a small table.
LONGEST_GAP = 400
LEAST_FOUND = 0.6


@dataclass(frozen=True)
class Folded:
    """The letters and digits of a text in lower case, and the offset in the text that each came from."""

    characters: str
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, text: str) -> "Folded":
        """Fold ``text``: compatibility forms resolved, everything but letters and digits dropped."""
        characters: list[str] = []
        offsets: list[int] = []
        for offset, character in enumerate(text):
            for one in unicodedata.normalize("NFKC", character).lower():
                if one.isalnum():
                    characters.append(one)
                    offsets.append(offset)
        return cls("".join(characters), np.asarray(offsets, dtype=np.int64))


Block = tuple[int, int]
"""First folded character and number of folded characters that agree."""


class AmbiguousQuote(ValueError):
    """Words too short and too common to say which place is meant."""


def locate(quote: str, text: Folded) -> tuple[tuple[Block, ...], ...]:
    """Every place of ``text`` that holds ``quote``, each as the blocks that agree; empty when there is none.

    Where the words do not stand anywhere to the letter, the one place that holds most of them, at least 60 %.

    Raises:
        AmbiguousQuote: the quote is shorter than 20 letters and digits and stands in several places.
    """
    wanted = Folded.of(quote).characters
    if not wanted:
        return ()
    places = tuple(_places(wanted, text.characters))
    if len(places) > 1 and len(wanted) < SHORTEST_UNIQUE:
        raise AmbiguousQuote(f"{quote!r} stands in {len(places)} places.")
    if places:
        return tuple(((place, len(wanted)),) for place in places)
    blocks = max(_alignments(wanted, text.characters), key=_length, default=())
    return (blocks,) if _length(blocks) >= LEAST_FOUND * len(wanted) else ()


def chunks_holding(blocks: Sequence[Block], text: Folded, chunks: Iterable[Chunk]) -> frozenset[str]:
    """The ids of the chunks that hold at least half of a located quote, or the largest part of it."""
    shares: dict[str, int] = {}
    for chunk in chunks:
        begin, end = np.searchsorted(text.offsets, (chunk.start, chunk.end))
        shared = sum(max(0, min(end, start + length) - max(begin, start)) for start, length in blocks)
        if shared:
            shares[chunk.chunk_id] = int(shared)
    if not shares:
        return frozenset()
    least = min(_length(blocks) / 2, max(shares.values()))
    return frozenset(chunk_id for chunk_id, share in shares.items() if share >= least)


def _length(blocks: Sequence[Block]) -> int:
    return sum(length for _, length in blocks)


def _places(wanted: str, text: str) -> Iterator[int]:
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _alignments(wanted: str, text: str) -> Iterator[tuple[Block, ...]]:
    """Alignments from every place where some seed of ``wanted`` stands, until one is good enough."""
    for at in range(0, len(wanted) - SEED + 1, SEED):
        found = [_follow(wanted, at, text, place) for place in _places(wanted[at : at + SEED], text)]
        yield from found
        if max(map(_length, found), default=0) >= LEAST_FOUND * len(wanted):
            return


def _follow(wanted: str, at: int, text: str, place: int) -> tuple[Block, ...]:
    """The blocks of ``text`` from ``place`` on that agree with ``wanted`` from ``at`` on, in order."""
    blocks: list[Block] = []
    while at < len(wanted):
        length = _agreeing(wanted, at, text, place)
        if length:
            blocks.append((place, length))
        resumed = _resume(wanted, at + length, text, place + length)
        if resumed is None:
            break
        at, place = resumed
    return tuple(blocks)


def _agreeing(wanted: str, at: int, text: str, place: int) -> int:
    longest = min(len(wanted) - at, len(text) - place)
    return next((n for n in range(longest) if wanted[at + n] != text[place + n]), longest)


def _resume(wanted: str, at: int, text: str, place: int) -> tuple[int, int] | None:
    """The next positions at which both agree for the length of a seed, after a difference."""
    for later in range(at, len(wanted) - SEED + 1):
        limit = place + LONGEST_GAP + later - at
        found = text.find(wanted[later : later + SEED], place, limit)
        if found >= 0:
            return later, found
    return None
