"""Questions written for this project about passages of CUAD's contracts, as examples.

``data/questions.jsonl`` holds no contract text: a file name, the offsets of the passage in the text that the
product reads, a digest of that passage, questions it answers and questions it only seems to answer.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.records import Chunk
from training.contracts import TrainingContract
from training.records import Example

WRITTEN, NEAR_MISS = "written", "near miss"
DIGEST_LENGTH = 12


def written_examples(
    source: Path, contracts: Sequence[TrainingContract]
) -> Iterator[tuple[TrainingContract, Example]]:
    """An example for each question, and one without an answer for each near miss, on the passage it misses.

    Raises:
        ValueError: fewer than nine passages in ten are the ones the questions were written about.
    """
    by_name = {contract.file_name: contract for contract in contracts}
    lost = asked = 0
    with source.open(encoding="utf-8") as lines:
        for fields in map(json.loads, lines):
            contract = by_name.get(fields["contract"])
            if contract is None:
                continue
            asked += 1
            start, end = fields["start"], fields["end"]
            if digest(contract.text[start:end]) != fields["digest"]:
                lost += 1
                continue
            chunk = chunk_at(contract, start, end)
            for question in fields["questions"]:
                yield contract, Example(WRITTEN, (question,), {chunk.chunk_id: 4})
            for question in fields["near_misses"]:
                yield contract, Example(NEAR_MISS, (question,), negatives=(chunk.chunk_id,))
    if lost > asked / 10:
        raise ValueError(f"{lost} of {asked} passages of {source} are not what the reader reads today.")


def chunk_at(contract: TrainingContract, start: int, end: int) -> Chunk:
    """The chunk that holds most of the characters from ``start`` to ``end``."""
    return max(contract.chunks, key=lambda chunk: min(end, chunk.end) - max(start, chunk.start))


def digest(text: str) -> str:
    """What tells a passage from another: the start of its sha256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:DIGEST_LENGTH]
