"""Notes on a contract, from the text that the catalogue holds: defined terms, cross-references, its type."""

import logging

from core.contract_types import find_type
from core.errors import ProvisoError
from core.records import CrossReference, DefinedTerm
from core.storage.annotations import Annotations, ContractNotes
from core.storage.library import Library
from ingest.clauses.lines import plain_signs
from ingest.clauses.tree import read_clauses
from ingest.terms.cross_references import find_cross_references
from ingest.terms.defined_terms import find_defined_terms

logger = logging.getLogger(__name__)
NOTES_VERSION = "3"


def annotate_due(library: Library) -> int:
    """Make the notes of every contract that has none of today's version; returns how many were made.

    Nothing is lost when it is interrupted: what is missing is due again.
    """
    annotations = Annotations(library.catalogue.database)
    due = annotations.due(NOTES_VERSION)
    for contract_id in due:
        contract = library.catalogue.contract(contract_id)
        if contract is None:
            continue
        notes = _notes_of(contract_id, library)
        annotations.put(contract_id, notes, find_type(contract.profile.title), NOTES_VERSION)
    return len(due)


def _notes_of(contract_id: str, library: Library) -> ContractNotes:
    try:
        pages = library.catalogue.pages(contract_id)
        return find_notes(library.catalogue.text(contract_id), [page.start for page in pages])
    except ProvisoError:
        raise
    except Exception:
        # One contract must not stop the queue; it stays without notes until the finder changes.
        logger.exception("Finding terms and references of %s failed.", contract_id)
        return ContractNotes()


def find_notes(text: str, page_starts: list[int]) -> ContractNotes:
    """The defined terms and cross-references of a contract's text."""
    plain = plain_signs(text)
    clauses = read_clauses(plain, page_starts)
    terms: tuple[DefinedTerm, ...] = find_defined_terms(plain, clauses)
    references: tuple[CrossReference, ...] = find_cross_references(plain, clauses, terms)
    return ContractNotes(terms, references)
