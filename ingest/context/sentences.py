"""A sentence by a model on the place of each chunk in its contract: what is asked, and about what."""

from collections.abc import Iterator, Sequence

from core.records import Chunk, Contract
from core.redact import printable_line
from core.storage.library import Library
from ingest.by_model.records import Part, TextKind

INSTRUCTIONS = """\
You help a search engine for contracts. You are given the outline of a contract and some of its passages. For each \
passage write one short sentence, of at most 40 words, that says what the passage regulates and for whom, with the \
names that the contract gives to the parties and to the things concerned, so that the passage is found by somebody \
who asks about it in other words. Do not evaluate, do not add facts, do not repeat the passage."""
SENTENCES = TextKind("situating sentences", "1", INSTRUCTIONS, longest=400, lines=1, batch=8)
# Characters of the headings that are sent about a contract with each request.
LONGEST_OUTLINE = 2000


def parts_of(contracts: Sequence[Contract], library: Library) -> Iterator[Part]:
    """Every chunk of these contracts as a part that a sentence may be written about."""
    for contract in contracts:
        chunks = library.catalogue.chunks_of(contract.contract_id)
        about = outline(contract, chunks)
        for chunk in chunks:
            yield Part.of(chunk, contract, about)


def outline(contract: Contract, chunks: Sequence[Chunk]) -> str:
    """Title, type, parties and date of a contract and its outer headings."""
    profile = contract.profile
    headings = list(dict.fromkeys(chunk.heading_path[0] for chunk in chunks if chunk.heading_path))
    lines = [
        profile.title,
        profile.contract_type,
        "; ".join(profile.parties),
        profile.date,
        *headings,
    ]
    kept: list[str] = []
    for line in (printable_line(line) for line in lines):
        if line and sum(map(len, kept)) + len(line) <= LONGEST_OUTLINE:
            kept.append(line)
    return "\n".join(kept)
