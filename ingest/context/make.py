"""Makes the contextual fact of a contract (``core.pipeline.contextual.fact``)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.pipeline.contextual.fact import encode_fact
from core.records import Chunk, Contract
from core.storage.annotations import Annotations
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from core.storage.tokens import tokenize
from ingest.by_model.records import Part
from ingest.context.definitions import definitions_of
from ingest.context.sentences import SENTENCES
from ingest.context.situate import Situated, situated
from ingest.index_contract import Cancelled, Tools

# How far a chunk's vector is moved towards that of its contextual text. Moved the whole way, definitions drown the
# clause: fewer right passages are among the first (ARCHITECTURE.md has the figures).
WEIGHT = 0.3
# Chunks between two looks whether to stop; questions wait for the encoder no longer than one of its batches.
BATCH = 64


def make_context(contract: Contract, library: Library, tools: Tools) -> bytes:
    """The body of the fact ``context``.

    Raises:
        Cancelled: ``tools.stop`` says so; nothing is lost but this contract's part.
        ModelUnavailable: the encoder cannot be loaded.
    """
    chunks = library.catalogue.chunks_of(contract.contract_id)
    if not chunks:
        return encode_fact((), np.zeros((0, 0), dtype=np.float32), ())
    texts = texts_of(contract, chunks, library, tools)
    plain = library.catalogue.vectors_of(contract.contract_id)
    return encode_fact(
        [chunk.chunk_id for chunk in chunks],
        _moved(plain, _encode([one.text for one in texts], chunks, plain, tools)),
        [tokenize(one.words) for one in texts],
    )


def texts_of(
    contract: Contract, chunks: Sequence[Chunk], library: Library, tools: Tools
) -> tuple[Situated, ...]:
    """The contextual text of every chunk of a contract."""
    text = library.catalogue.text(contract.contract_id)
    notes = Annotations(library.catalogue.database).of(contract.contract_id)
    definitions = definitions_of(chunks, notes.terms, text)
    sentences = _sentences(contract, chunks, library)
    return tuple(
        situated(chunk, contract, defined, sentences.get(chunk.chunk_id, ""), tools.count_tokens)
        for chunk, defined in zip(chunks, definitions, strict=True)
    )


def _sentences(contract: Contract, chunks: Sequence[Chunk], library: Library) -> Mapping[str, str]:
    """What a model wrote about the chunks, by chunk id."""
    store = ModelTexts(library.catalogue.database)
    keys = {chunk.chunk_id: Part.of(chunk, contract).key(SENTENCES) for chunk in chunks}
    store.adopt(contract.contract_id, SENTENCES.name, list(keys.values()))
    written = store.of(contract.contract_id, SENTENCES.name)
    return {chunk_id: written[key] for chunk_id, key in keys.items() if key in written}


def _encode(
    texts: Sequence[str], chunks: Sequence[Chunk], plain: NDArray[np.float32], tools: Tools
) -> NDArray[np.float32]:
    """The vectors of ``texts``; a chunk whose context adds nothing to what is indexed has its vector already."""
    vectors = plain.copy()
    due = [
        row
        for row, (text, chunk) in enumerate(zip(texts, chunks, strict=True))
        if text != chunk.situated_text
    ]
    for begin in range(0, len(due), BATCH):
        if tools.stop():
            raise Cancelled
        rows = due[begin : begin + BATCH]
        vectors[rows] = tools.encoder().encode([texts[row] for row in rows])
    return vectors


def _moved(plain: NDArray[np.float32], towards: NDArray[np.float32]) -> NDArray[np.float32]:
    moved = plain + WEIGHT * towards
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)
