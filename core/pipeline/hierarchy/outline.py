"""A contract in two kilobytes: what it says about itself, its names and its words.

It is a fact derived at ingest (``ingest.outline`` makes it). Words are 32-bit digests, so that ten thousand
outlines become sorted arrays without a loop over words.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

OUTLINE: Final = "outline"
VERSION: Final = "2"

Digests = NDArray[np.uint32]
Vectors = NDArray[np.float32]
# Half precision moves a cosine by less than 0.001 and halves what ten thousand contracts take.
_STORED: Final = np.dtype("<f2")
_DIGEST: Final = np.dtype("<u4")


@dataclass(frozen=True)
class Outline:
    """A contract as a whole.

    Args:
        title, date, law: as its profile has them, empty where it says none.
        types: every type that its title or file name speaks of, by ``core.contract_types``.
        front: ids of the chunks that name the contract and its parties, in reading order.
        law_chunks: ids of the chunks that say which law governs it.
        vector: unit mean of its chunks' vectors, shape (dimension,).
        words: digests of the words that tell it from others: names, headings, defined terms; each once.
        opening: digests of the words with a capital on its first pages.
        names: digests of the words of each name it goes by: of parties, of its title and file.
        ordinary: digests of words that it writes in lower case: of its names, and of its first pages.
    """

    title: str
    date: str
    law: str
    types: tuple[str, ...]
    front: tuple[str, ...]
    law_chunks: tuple[str, ...]
    vector: Vectors
    words: Digests
    opening: Digests
    names: tuple[Digests, ...]
    ordinary: Digests


def digests(words: Iterable[str]) -> Digests:
    """The digest of each word, in order."""
    return np.asarray([crc32(word.encode()) for word in words], dtype=np.uint32)


def unit_mean(vectors: Vectors) -> Vectors:
    """The mean of ``vectors``, shape (n, dimension), at length 1."""
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), dtype=np.float32)


def encode_outline(outline: Outline) -> bytes:
    """As it is stored: a line of JSON, then the arrays."""
    lists = (outline.words, outline.opening, outline.ordinary, *outline.names)
    head = (
        outline.title,
        outline.date,
        outline.law,
        outline.types,
        outline.front,
        outline.law_chunks,
        [len(one) for one in lists],
    )
    return _line(head) + b"".join(one.astype(_DIGEST).tobytes() for one in lists) + _halves(outline.vector)


def decode_outline(body: bytes) -> Outline:
    """What ``encode_outline`` wrote."""
    head, rest = body.split(b"\n", 1)
    title, date, law, types, front, law_chunks, lengths = json.loads(head)
    numbers = np.frombuffer(rest, dtype=_DIGEST, count=sum(lengths))
    ends = np.cumsum(lengths).tolist()
    parts = [numbers[end - length : end] for length, end in zip(lengths, ends, strict=True)]
    vector = np.frombuffer(rest, dtype=_STORED, offset=numbers.nbytes).astype(np.float32)
    return Outline(
        title,
        date,
        law,
        tuple(types),
        tuple(front),
        tuple(law_chunks),
        vector,
        parts[0],
        parts[1],
        tuple(parts[3:]),
        parts[2],
    )


def _line(head: object) -> bytes:
    return json.dumps(head).encode() + b"\n"


def _halves(vector: Vectors) -> bytes:
    return vector.astype(_STORED).tobytes()
