"""The notes of passages, read from the catalogue once and remembered."""

from functools import lru_cache

from core.passage_notes import PassageNotes, passage_notes
from core.records import Chunk
from core.storage.annotations import Annotations, ContractNotes
from core.storage.catalogue import Catalogue

# A hundred candidates of some questions; a note is a few hundred bytes.
REMEMBERED = 2_000
CONTRACTS_REMEMBERED = 32


class NotesReader:
    """Gives the notes of any passage; safe to share between threads.

    What a chunk id names never changes, and neither do its notes once its contract is annotated.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._annotations = Annotations(catalogue.database)
        self._passage = lru_cache(maxsize=REMEMBERED)(self._read)
        self._contract = lru_cache(maxsize=CONTRACTS_REMEMBERED)(self._read_contract)

    def of(self, chunk: Chunk) -> PassageNotes:
        """The notes of ``chunk``; none as long as its contract is not annotated."""
        return self._passage(chunk) if self._annotations.exist(chunk.contract_id) else PassageNotes()

    def _read(self, chunk: Chunk) -> PassageNotes:
        notes, text, chunks = self._contract(chunk.contract_id)
        return passage_notes(chunk, notes, text, chunks)

    def _read_contract(self, contract_id: str) -> tuple[ContractNotes, str, tuple[Chunk, ...]]:
        catalogue = self._catalogue
        return (
            self._annotations.of(contract_id),
            catalogue.text(contract_id),
            catalogue.chunks_of(contract_id),
        )
