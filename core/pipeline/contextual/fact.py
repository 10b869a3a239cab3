"""The contextual fact of a contract: for every chunk a vector and the tokens of the text that situates it."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KIND = "context"
VERSION = "1"
_SIZE_BYTES = 4


@dataclass(frozen=True, slots=True)
class ContextFact:
    """The chunks of one contract in reading order, as contextual retrieval searches them.

    Args:
        chunk_ids: of the chunks.
        vectors: unit vectors, float16 of shape (chunks, dimension).
        tokens: of each chunk, context included.
    """

    chunk_ids: tuple[str, ...]
    vectors: NDArray[np.float16]
    tokens: tuple[tuple[str, ...], ...]


def encode_fact(
    chunk_ids: Sequence[str], vectors: NDArray[np.float32], tokens: Sequence[Sequence[str]]
) -> bytes:
    """The body of the fact: sizes and ids as JSON, the tokens deflated, the vectors in half precision.

    Raises:
        ValueError: the three are not of the same number of chunks.
    """
    if not len(chunk_ids) == len(vectors) == len(tokens):
        raise ValueError(
            f"{len(chunk_ids)} chunks have {len(vectors)} vectors and {len(tokens)} lists of tokens."
        )
    # No token holds white space (``core.storage.tokens``).
    words = zlib.compress("\n".join(" ".join(of_one) for of_one in tokens).encode())
    head = json.dumps({"chunks": list(chunk_ids), "words": len(words)}).encode()
    return len(head).to_bytes(_SIZE_BYTES) + head + words + vectors.astype("<f2").tobytes()


def decode_fact(body: bytes) -> ContextFact | None:
    """The fact in a body; None of an empty one: it could not be made."""
    if not body:
        return None
    begin = _SIZE_BYTES + int.from_bytes(body[:_SIZE_BYTES])
    head = json.loads(body[_SIZE_BYTES:begin])
    chunk_ids, end = tuple(head["chunks"]), begin + int(head["words"])
    if not chunk_ids:
        return ContextFact((), np.zeros((0, 0), dtype=np.float16), ())
    lines = zlib.decompress(body[begin:end]).decode().split("\n")
    vectors = np.frombuffer(body, dtype="<f2", offset=end).reshape(len(chunk_ids), -1)
    return ContextFact(chunk_ids, vectors, tuple(tuple(line.split()) for line in lines))
