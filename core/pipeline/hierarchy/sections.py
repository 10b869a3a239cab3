"""The sections of a contract: a fact derived at ingest, read without decoding what is not needed.

The numbers stand before the text: to choose among thousands of sections only vectors and words are looked at.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.pipeline.hierarchy.outline import Digests, Vectors

SECTIONS: Final = "sections"
# A component in a byte moves a cosine by less than 0.002, and is read faster than any float that is as small.
_LARGEST: Final = 127
_DIGEST, _SCALE = np.dtype("<u4"), np.dtype("<f4")


@dataclass(frozen=True)
class Section:
    """A section at the top of a contract's headings.

    Args:
        heading: empty for what stands before the first heading.
        page_start, page_end: counted from 1, both inclusive.
        chunk_ids: of its chunks, in reading order.
        vector: unit mean of their vectors, shape (dimension,).
        words: digests of the words of its heading, each once.
    """

    heading: str
    page_start: int
    page_end: int
    chunk_ids: tuple[str, ...]
    vector: Vectors
    words: Digests


@dataclass(frozen=True)
class Numbers:
    """What the sections of several contracts are compared by, one after the other.

    Attributes:
        counts: sections of each contract, shape (contracts,).
        vectors: components as they are stored, shape (sections, dimension); ``scales`` times these are the vectors.
        words: digests of the words of all headings; ``lengths`` says how many each has, shape (sections,).
    """

    counts: NDArray[np.int64]
    vectors: Vectors
    scales: Vectors
    words: Digests
    lengths: NDArray[np.int64]

    def cosines(self, vector: Vectors) -> Vectors:
        """Of every section with the unit ``vector``, shape (sections,)."""
        return np.asarray(self.vectors @ vector * self.scales, dtype=np.float32)


def encode_sections(sections: Sequence[Section]) -> bytes:
    """As they are stored: a line with their number and that of the words, the arrays, the rest as JSON."""
    vectors = np.stack([one.vector for one in sections])
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-12) / _LARGEST
    words = [one.words for one in sections]
    head = f"{len(sections)} {sum(map(len, words))} {vectors.shape[1]}\n".encode()
    arrays = (
        np.concatenate(words).astype(_DIGEST),
        np.asarray([len(own) for own in words], dtype=_DIGEST),
        scales.astype(_SCALE),
        np.rint(vectors / scales[:, None]).astype(np.int8),
    )
    rest = [(one.heading, one.page_start, one.page_end, one.chunk_ids) for one in sections]
    return head + b"".join(one.tobytes() for one in arrays) + json.dumps(rest).encode()


def decode_sections(body: bytes) -> tuple[Section, ...]:
    """What ``encode_sections`` wrote; nothing of an empty body."""
    if not body:
        return ()
    words, lengths, scales, stored, end = _arrays(body)
    vectors = stored.astype(np.float32) * scales[:, None]
    parts = np.split(words, np.cumsum(lengths)[:-1])
    return tuple(
        Section(heading, first, last, tuple(chunk_ids), vector, own)
        for (heading, first, last, chunk_ids), vector, own in zip(
            json.loads(body[end:]), vectors, parts, strict=True
        )
    )


def read_numbers(bodies: Sequence[bytes]) -> Numbers:
    """Vectors and words of all sections in ``bodies``, in order; an empty body has none."""
    read = [_arrays(body) for body in bodies if body]
    counts = np.zeros(len(bodies), dtype=np.int64)
    counts[[bool(body) for body in bodies]] = [len(one[1]) for one in read]
    if not read:
        none = np.zeros(0, dtype=np.float32)
        return Numbers(counts, none.reshape(0, 0), none, np.zeros(0, dtype=np.uint32), counts[:0])
    words, lengths, scales, vectors = (np.concatenate([one[at] for one in read]) for at in range(4))
    return Numbers(counts, vectors.astype(np.float32), scales, words, lengths.astype(np.int64))


def _arrays(body: bytes) -> tuple[Digests, Digests, Vectors, NDArray[np.int8], int]:
    """Words, words of each section, scales, components, and where the JSON begins."""
    begin = body.index(b"\n") + 1
    number, length, dimension = map(int, body[:begin].split())
    words = np.frombuffer(body, _DIGEST, length, begin)
    begin += words.nbytes
    lengths = np.frombuffer(body, _DIGEST, number, begin)
    begin += lengths.nbytes
    scales = np.frombuffer(body, _SCALE, number, begin)
    begin += scales.nbytes
    vectors = np.frombuffer(body, np.int8, number * dimension, begin)
    return words, lengths, scales, vectors.reshape(number, dimension), begin + vectors.nbytes
