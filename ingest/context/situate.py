"""The contextual text of a chunk: where it stands, the chunk itself, and what the terms in it mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.records import Chunk, Contract
from ingest.context.definitions import Definition
from ingest.describe import situating_title
from ingest.split import CONTEXT_TOKENS, situate

READ_TOKENS = 256
"""What the encoder reads. It could be made to read 512; that costs more and finds no more (ARCHITECTURE.md)."""
# Tokens that every text has beside its words, and that a line break may cost.
_SPECIAL_TOKENS = 2


@dataclass(frozen=True, slots=True)
class Situated:
    """A chunk with its context: ``text`` fits the encoder, ``words`` is counted by BM25, which has no limit."""

    text: str
    words: str


def situated(
    chunk: Chunk,
    contract: Contract,
    definitions: Sequence[Definition],
    sentence: str,
    count_tokens: Callable[[str], int],
) -> Situated:
    """The contextual text of a chunk.

    The chunk goes in whole. What room is left is for contract title, parties and headings, which always have as many
    tokens as the chunker keeps for them, then for ``sentence``, then for one definition after the other.

    Args:
        chunk: of the contract.
        contract: with the profile as it is now, corrections included.
        definitions: of the terms that the chunk uses, the most telling first.
        sentence: what a model wrote about the chunk's place, empty where it wrote nothing.
        count_tokens: as the encoder counts them, special tokens included.
    """
    room = READ_TOKENS - count_tokens(chunk.text)
    line = situate(
        situating_title(contract.profile), chunk.heading_path, count_tokens, max(CONTEXT_TOKENS, room // 2)
    )
    before = [line] if line else []
    after: list[str] = []
    room = READ_TOKENS - count_tokens("\n".join([*before, chunk.text]))
    for text, where in [(sentence, before), *((one.text, after) for one in definitions)]:
        cost = count_tokens(text) - _SPECIAL_TOKENS if text else 0
        if text and cost <= room:
            where.append(text)
            room -= cost
    place = [contract.profile.title, *contract.profile.parties, *chunk.heading_path]
    return Situated(
        "\n".join([*before, chunk.text, *after]),
        "\n".join([*place, sentence, chunk.text, *(one.text for one in definitions)]),
    )
