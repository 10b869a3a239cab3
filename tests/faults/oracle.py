"""The oracle: each contract whole in both legs or absent; acknowledged never lost; deleted never back."""

from collections.abc import Mapping
from pathlib import Path

from core.storage.library import Library
from ingest.worker import work_off
from tests.fakes import open_test_library
from tests.faults.statement import Expected
from tests.faults.victim import tools


def check_after_restart(
    directory: Path, fingerprint: str, expected: Expected, chunk_counts: Mapping[str, int]
) -> Expected:
    """Open the library as a user would, without any manual step, and compare it with what must be true.

    Args:
        directory: the data directory.
        fingerprint: of the chunker and encoder that the killed process used.
        expected: what must be there and what may be.
        chunk_counts: number of chunks of every contract that ever was added.

    Returns:
        What is there now.

    Raises:
        AssertionError: the oracle is not satisfied.
    """
    library = open_test_library(directory, fingerprint)
    try:
        _check_whole(library, chunk_counts)
        work_off(library, tools())
        _check_whole(library, chunk_counts)
        visible = frozenset(contract.contract_id for contract in library.catalogue.contracts())
        assert expected.certain <= visible, f"lost: {expected.certain - visible}"
        assert visible <= expected.certain | expected.open, (
            f"back: {visible - expected.certain - expected.open}"
        )
        stored = frozenset(library.originals.ids())
        assert visible <= stored, f"without original: {visible - stored}"
        # A file whose storing was never acknowledged may have left its bytes; a deleted contract may not.
        left = stored - visible - expected.arriving
        assert not left, f"original left: {left}"
        assert library.catalogue.outdated(fingerprint) == ()
        assert library.catalogue.invisible() == {}
        assert library.jobs.needed_objects() == frozenset()
        return Expected(visible, stored - visible, stored - visible)
    finally:
        library.close()


def _check_whole(library: Library, chunk_counts: Mapping[str, int]) -> None:
    assert library.differences() == {"vectors": 0, "keywords": 0}
    for contract in library.catalogue.contracts():
        chunks = library.catalogue.chunks_of(contract.contract_id)
        assert len(chunks) == contract.chunk_count == chunk_counts[contract.contract_id]
        assert library.originals.intact(contract.contract_id)
        text = library.catalogue.text(contract.contract_id)
        for chunk in chunks:
            assert text[chunk.start : chunk.end] == chunk.text
