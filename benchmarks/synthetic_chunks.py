"""As many chunks as are wanted, made by recombining the real ones of a library.

A chunk is the first half of one real chunk and the second half of another, its vector a random mixture of their
vectors with some noise. Every contract also has a name of its own, said once in each chunk, so that the vocabulary
grows with the library as it does with real contracts. The same seed gives the same chunks.
"""

import hashlib
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from core.records import Chunk, ChunkKind, ContractText, Page, Profile, TextSource
from core.settings import Settings
from core.storage.keyword_segment import KeywordDocument
from core.storage.tokens import tokenize
from ingest.open_library import read_catalogue

SEED = 20261125
NOISE = 0.02
SYLLABLES = (
    "bar",
    "del",
    "fon",
    "gri",
    "kel",
    "lum",
    "mor",
    "nes",
    "pol",
    "quin",
    "ros",
    "tam",
    "vel",
    "zin",
)


@dataclass(frozen=True, slots=True)
class Half:
    """A half of a real chunk: its text and its tokens."""

    text: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Real chunks to recombine; ``sizes`` are the numbers of chunks of the real contracts."""

    first: tuple[Half, ...]
    second: tuple[Half, ...]
    vectors: NDArray[np.float32]
    sizes: tuple[int, ...]


@dataclass(frozen=True)
class SyntheticContract:
    """A contract as the library takes it, and its chunks as the keyword index counts them."""

    contract: ContractText
    profile: Profile
    chunks: tuple[Chunk, ...]
    vectors: NDArray[np.float32]
    documents: tuple[KeywordDocument, ...]


def read_source(settings: Settings) -> Source:
    """The chunks of the library that ``settings`` name.

    Raises:
        ValueError: the library is empty.
    """
    catalogue = read_catalogue(settings)
    first: list[Half] = []
    second: list[Half] = []
    vectors: list[NDArray[np.float32]] = []
    sizes: list[int] = []
    for contract in catalogue.contracts():
        chunks = catalogue.chunks_of(contract.contract_id)
        sizes.append(len(chunks))
        vectors.append(catalogue.vectors_of(contract.contract_id))
        for chunk in chunks:
            text = chunk.situated_text
            # The nearest space after the middle: no word is cut.
            middle = text.find(" ", len(text) // 2)
            for halves, part in ((first, text[:middle]), (second, text[middle:])):
                halves.append(Half(part, tuple(tokenize(part))))
    if not sizes:
        raise ValueError(f"The library in {settings.directory} is empty: there is nothing to recombine.")
    return Source(tuple(first), tuple(second), np.concatenate(vectors), tuple(sizes))


def synthetic_contracts(source: Source, chunks: int, start: int = 0) -> Iterator[SyntheticContract]:
    """Contracts of ``chunks`` chunks in all; ``start`` is the number of the first, unlike any other's."""
    made = 0
    for number, name in enumerate(islice(_names(), start, None), start):
        size = min(source.sizes[number % len(source.sizes)], chunks - made)
        yield _contract(source, number, name, size)
        made += size
        if made >= chunks:
            return


def documents(source: Source, chunks: int) -> list[KeywordDocument]:
    """The same chunks for the keyword index alone."""
    return [one for contract in synthetic_contracts(source, chunks) for one in contract.documents]


def _contract(source: Source, number: int, name: str, size: int) -> SyntheticContract:
    choose = random.Random(f"{SEED}/{number}")  # noqa: S311 - a sample, not a secret
    contract_id = hashlib.sha256(f"{SEED}/{number}".encode()).hexdigest()
    title = f"Agreement of {name.title()}"
    pairs = [(choose.randrange(len(source.first)), choose.randrange(len(source.second))) for _ in range(size)]
    texts = [f"{source.first[one].text} {name} {source.second[two].text}" for one, two in pairs]
    ids = [str(uuid.UUID(int=choose.getrandbits(128), version=4)) for _ in range(size)]
    chunks, begin = [], 0
    for ordinal, (chunk_id, text) in enumerate(zip(ids, texts, strict=True)):
        end = begin + len(text)
        chunks.append(
            Chunk(chunk_id, contract_id, ordinal, begin, end, text, (title,), ChunkKind.CLAUSE, 1, 1)
        )
        begin = end + 1
    text = "\n".join(texts)
    own = tuple(tokenize(name))
    return SyntheticContract(
        ContractText(contract_id, f"{number}.pdf", text, (Page(1, "1", 0, len(text), TextSource.TEXT),)),
        Profile(title),
        tuple(chunks),
        _mixed(source.vectors, pairs, number),
        tuple(
            KeywordDocument(chunk_id, contract_id, source.first[one].tokens + own + source.second[two].tokens)
            for chunk_id, (one, two) in zip(ids, pairs, strict=True)
        ),
    )


def _mixed(vectors: NDArray[np.float32], pairs: list[tuple[int, int]], seed: int) -> NDArray[np.float32]:
    generator = np.random.default_rng([SEED, seed])
    first, second = np.asarray(pairs).T
    share = generator.random((len(pairs), 1), dtype=np.float32)
    noise = generator.standard_normal((len(pairs), vectors.shape[1]), dtype=np.float32) * NOISE
    mixed = share * vectors[first] + (1 - share) * vectors[second] + noise
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


def _names() -> Iterator[str]:
    for parts in product(SYLLABLES, repeat=5):
        yield "".join(reversed(parts)) + "ax"
