"""The product's own first stage over the training passages: where likely mistakes come from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.models import Encoder
from core.storage.keyword_index import KeywordIndex
from core.storage.keyword_segment import KeywordDocument
from core.storage.tokens import tokenize
from training.records import Passage

RANK_CONSTANT = 60
_BATCH = 256


class FirstStage:
    """BM25 and dense ranks over passages, fused by rank, within one owner or over all of them."""

    def __init__(self, passages: Mapping[str, Passage], vectors: NDArray[np.float32]) -> None:
        self.ids = tuple(passages)
        self._row_of = {one: row for row, one in enumerate(self.ids)}
        self._vectors = vectors
        self._keywords = KeywordIndex.build(
            KeywordDocument(one.passage_id, one.owner, tokenize(one.situated_text))
            for one in passages.values()
        )
        self._rows: dict[str, NDArray[np.int64]] = {}
        owners = np.asarray([one.owner for one in passages.values()], dtype=object)
        for owner in dict.fromkeys(owners.tolist()):
            self._rows[owner] = np.flatnonzero(owners == owner)
        self._all = np.arange(len(self.ids))

    def ranked(
        self, question: str, vector: NDArray[np.float32], owner: str | None, limit: int
    ) -> tuple[str, ...]:
        """Ids of the best ``limit`` passages for ``question``, whose encoding is ``vector``."""
        rows = self._all if owner is None else self._rows[owner]
        legs = (self._keywords.scores(tokenize(question))[rows], self._vectors[rows] @ vector)
        fused = np.zeros(len(rows))
        for scores in legs:
            order = np.argsort(-scores, kind="stable")
            ranks = np.empty(len(rows))
            ranks[order] = np.arange(1, len(rows) + 1)
            fused += 1.0 / (RANK_CONSTANT + ranks)
        return tuple(self.ids[rows[at]] for at in np.argsort(-fused, kind="stable")[:limit])

    def similarities(self, vector: NDArray[np.float32], ids: Sequence[str]) -> NDArray[np.float64]:
        """The cosines of ``vector`` and the passages ``ids``, shape (len(ids),)."""
        rows = [self._row_of[one] for one in ids]
        return np.asarray(self._vectors[rows] @ vector, dtype=np.float64)


class FastEncoder:
    """A sentence encoder in bfloat16, where a processor or a GPU is several times faster: good enough to mine."""

    def __init__(self, directory: str) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(
            directory, local_files_only=True, model_kwargs={"dtype": torch.bfloat16}
        )

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), dimension)."""
        vectors = self._model.encode(
            list(texts), batch_size=32, convert_to_tensor=True, show_progress_bar=False
        )
        array = vectors.float().cpu().numpy()
        return np.asarray(array / np.linalg.norm(array, axis=1, keepdims=True), dtype=np.float32)


def encode_passages(
    passages: Sequence[Passage], encoder: Encoder, kept: Path | None = None
) -> NDArray[np.float32]:
    """Unit vectors of the situated texts, shape (passages, dimension); read from ``kept`` where it exists."""
    if kept is not None and kept.is_file():
        vectors: NDArray[np.float32] = np.load(kept)
        if len(vectors) == len(passages):
            return vectors
    vectors = encode([one.situated_text for one in passages], encoder)
    if kept is not None:
        np.save(kept, vectors)
    return vectors


def encode(texts: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """Unit vectors of ``texts``, in their order."""
    # Sorted by length, because a batch costs as much as its longest text.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    batches = [
        encoder.encode([texts[index] for index in order[begin : begin + _BATCH]])
        for begin in range(0, len(order), _BATCH)
    ]
    vectors = np.concatenate(batches)
    restored = np.empty_like(vectors)
    restored[order] = vectors
    return restored
