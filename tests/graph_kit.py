"""Contracts for tests of the graph, with the clauses, headings and offsets that reading a PDF would give."""

from pathlib import Path

from core.pipeline.graph.records import KIND, VERSION
from core.records import Chunk, ChunkKind, ContractText, Page, Profile, TextSource
from core.settings import Settings
from core.storage.library import Library
from core.storage.originals import contract_id_of
from ingest.derive import Derivation, derive_due
from ingest.graph.contract_graph import make_graph
from ingest.index_contract import Tools
from tests.fakes import WordEncoder, open_test_library

TOOLS = Tools.of(Settings(), WordEncoder, lambda text: len(text.split()))
Clauses = tuple[tuple[tuple[str, ...], str], ...]

LICENCE: Clauses = (
    (("1 Definitions",), '1. DEFINITIONS\n"Escrow Deed" means the deed described in Schedule 3.'),
    (("2 Grant",), "2. GRANT\nThe Licensor lets the Licensee use the programs."),
    (("3 Fees",), "3. FEES\nThe price is paid each year."),
    (
        ("4 Custody",),
        "4. CUSTODY\nThe right to use lapses when the event in paragraph 2 of Schedule 3 comes about.",
    ),
    (
        ("SCHEDULE 3",),
        "SCHEDULE 3\nCUSTODIAN\n1. The custodian is Vaults Ltd.\n2. Thirty days pass without cure.",
    ),
)
SERVICES: Clauses = (
    (("1 Scope",), "1. SCOPE\nThe Provider runs the network."),
    (("2 Cap",), "2. CAP\nLiability is limited to one million."),
)
AMENDMENT: Clauses = (
    (
        ("1 Background",),
        '1. BACKGROUND\nThe parties made a Master Services Agreement dated as of March 15, 2023 (the "Original'
        ' Agreement").',
    ),
    (("2 Change",), "2. CHANGE\nSection 2 of the Original Agreement is replaced: two million."),
)


def add(library: Library, title: str, clauses: Clauses, date: str = "", parties: tuple[str, ...] = ()) -> str:
    """Add a contract of these clauses (heading path and text); returns its id."""
    text = "\n\n".join(body for _, body in clauses)
    contract_id = contract_id_of(f"{title}\n{text}".encode())
    chunks, start = [], 0
    for ordinal, (path, body) in enumerate(clauses):
        chunk_id = f"{contract_id[:8]}-0000-4000-8000-{ordinal:012d}"
        end = start + len(body)
        chunks.append(
            Chunk(chunk_id, contract_id, ordinal, start, end, body, path, ChunkKind.CLAUSE, 1, 1, title)
        )
        start = end + 2
    library.originals.put(f"{title}\n{text}".encode())
    contract = ContractText(contract_id, f"{title}.pdf", text, (Page(1, "1", 0, len(text), TextSource.TEXT),))
    vectors = WordEncoder().encode([chunk.situated_text for chunk in chunks])
    library.add(contract, Profile(title, parties, date), chunks, vectors)
    return contract_id


def derive(library: Library) -> int:
    """Make the graph of every contract that has none; returns how many were made."""
    return derive_due(library, TOOLS, derivations=(Derivation(KIND, VERSION, make_graph),))


def small_library(directory: Path) -> Library:
    """A licence, a services agreement and its amendment, each with its graph."""
    library = open_test_library(directory)
    add(library, "Software Licence", LICENCE, "2024-02-12", ("Tessera Pte Ltd", "Orchid Harbour Ltd"))
    parties = ("Brightwater Inc.", "Corvane, Inc.")
    add(library, "Master Services Agreement", SERVICES, "2023-03-15", parties)
    add(library, "Amendment No. 1 to Master Services Agreement", AMENDMENT, "2024-11-18", parties)
    derive(library)
    return library
