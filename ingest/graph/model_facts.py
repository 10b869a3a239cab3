"""Facts that a model reads out of passages: what is asked, and how its lines are read. They are not trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.records import Chunk, Contract
from core.redact import printable_line
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from core.storage.tokens import tokenize
from ingest.by_model.records import Part, TextKind

INSTRUCTIONS = """\
You help a search engine for contracts to see what belongs together. For each passage write the facts that it states, \
one a line and at most eight, as three short parts with a vertical bar between them: who or what, how it is related, \
to whom or to what. For example: Supplier | must insure | delivery vans. Use the names and terms of the contract. \
Write nothing that the passage does not say. For a passage that states nothing write the word none."""
FACTS = TextKind("facts of passages", "1", INSTRUCTIONS, longest=1_000, lines=8, batch=6)
LONGEST_PART = 60
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement of a passage in three parts, each one line of printable text."""

    subject: str
    relation: str
    object: str


def parts_of(contracts: Sequence[Contract], library: Library) -> Iterator[Part]:
    """Every chunk of these contracts as a part that facts may be written about."""
    for contract in contracts:
        about = "\n".join(
            map(printable_line, (contract.profile.title, "; ".join(contract.profile.parties)))
        ).strip()
        for chunk in library.catalogue.chunks_of(contract.contract_id):
            yield Part.of(chunk, contract, about)


def facts_of(contract: Contract, library: Library, chunks: Sequence[Chunk]) -> list[tuple[Fact, ...]]:
    """The facts of each chunk; none where no model was asked."""
    store = ModelTexts(library.catalogue.database)
    keys = [Part.of(chunk, contract).key(FACTS) for chunk in chunks]
    store.adopt(contract.contract_id, FACTS.name, keys)
    texts = store.of(contract.contract_id, FACTS.name)
    return [read_facts(texts.get(key, "")) for key in keys]


def read_facts(text: str) -> tuple[Fact, ...]:
    """The facts of a text, each once. A line that is not three short parts is left out, and so is one about nothing
    that can be searched for.
    """
    found: dict[Fact, None] = {}
    for line in text.splitlines()[: FACTS.lines]:
        parts = [" ".join(part.split()).strip("-*\u2022 .") for part in printable_line(line).split("|")]
        if len(parts) == 3 and all(map(_short, parts)) and tokenize(parts[0]) and tokenize(parts[2]):
            found.setdefault(Fact(*parts))
    return tuple(found)


def _short(part: str) -> bool:
    return 0 < len(part) <= LONGEST_PART and len(part.split()) <= MOST_WORDS
