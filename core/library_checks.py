"""What ``proviso doctor`` looks at in the library: catalogue, passages, originals, leftovers, both indexes.

Nothing here changes anything.
"""

import stat
import time
from collections.abc import Iterator
from pathlib import Path

from core.health import Check
from core.storage.catalogue import Catalogue
from core.storage.jobs import Jobs
from core.storage.library import Library
from core.storage.originals import Originals

# Nobody takes longer to write one file; until then another process may be at it.
UNFINISHED_SECONDS = 3600.0
NAMED = 5


def check_stored(catalogue: Catalogue, jobs: Jobs, originals: Originals) -> Iterator[Check]:
    """The catalogue and the stored files, also while another process holds the library.

    Raises:
        CatalogueUnusable: the catalogue is damaged.
    """
    catalogue.database.check()
    contracts = catalogue.contracts()
    chunks = sum(contract.chunk_count for contract in contracts)
    yield Check("catalogue", True, f"{len(contracts)} contracts, {chunks} chunks, no damage in the file")
    wrong = [one.file_name for one in contracts if not _passages_agree(catalogue, one.contract_id)]
    yield _listed("passages", "every one is a part of its contract's text", "differ from the text of", wrong)
    missing, changed = damaged_originals(catalogue, originals)
    names = {one.contract_id: one.file_name for one in contracts}
    damaged = [names[one] for one in missing + changed]
    yield _listed("originals", "every one matches its hash", "missing or changed", damaged)
    orphans = orphaned(catalogue, jobs, originals)
    yield _listed("files without a contract", "none", "never queued", [one[:12] for one in orphans])
    partial = [path.name for path in unfinished(originals)]
    yield _listed("unfinished files", "none", "left by a crash", partial)


def check_indexes(library: Library) -> Iterator[Check]:
    """Both indexes hold exactly the chunks of the catalogue, contents included; nothing is half done.

    Raises:
        StoreUnavailable: the vector store cannot be read.
    """
    invisible = library.catalogue.invisible()
    needed = library.jobs.needed_objects()
    half = [one[:12] for one, state in invisible.items() if state == "deleting" or one not in needed]
    yield _listed("interrupted work", "none", "adding or deleting has not finished", half)
    outdated = [contract.file_name for contract in library.catalogue.outdated(library.fingerprint)]
    waiting = "prepared by another chunker or encoder, and not searched"
    yield _listed(
        "chunker and encoder", f"today's for every contract ({library.fingerprint})", waiting, outdated
    )
    for name, found in (
        ("vectors", library.vector_differences()),
        ("keywords", library.keyword_differences()),
    ):
        yield Check(name, not found, str(found))


def check_folder(directory: Path) -> Iterator[Check]:
    """Nobody else may write into the data directory, and nothing damaged is kept unnoticed."""
    mode = directory.stat().st_mode
    open_to_others = bool(mode & (stat.S_IRWXG | stat.S_IRWXO))
    said = (
        f"others may use it (mode {stat.S_IMODE(mode):o})" if open_to_others else "only its owner may use it"
    )
    yield Check("access to the data directory", not open_to_others, said)
    kept = sorted(path.name for path in directory.rglob("*.damaged*"))
    if kept:
        yield Check("damaged files kept", True, f"{', '.join(kept)}; delete them when nobody needs them")


def damaged_originals(catalogue: Catalogue, originals: Originals) -> tuple[list[str], list[str]]:
    """Ids of visible contracts whose stored file is missing, and of those whose bytes have changed."""
    stored = set(originals.ids())
    ids = [contract.contract_id for contract in catalogue.contracts()]
    missing = [one for one in ids if one not in stored]
    return missing, [one for one in ids if one in stored and not originals.intact(one)]


def orphaned(catalogue: Catalogue, jobs: Jobs, originals: Originals) -> list[str]:
    """Ids of stored files that no contract and no job knows, left by a crash between storing and queueing."""
    return [
        one for one in sorted(originals.ids()) if not catalogue.state(one) and one not in jobs.known_objects()
    ]


def unfinished(originals: Originals) -> list[Path]:
    """Files whose writing was interrupted, an hour ago or longer."""
    limit = time.time() - UNFINISHED_SECONDS
    return [path for path in originals.partial() if path.stat().st_mtime < limit]


def _passages_agree(catalogue: Catalogue, contract_id: str) -> bool:
    text = catalogue.text(contract_id)
    chunks = catalogue.chunks_of(contract_id)
    return bool(chunks) and all(text[chunk.start : chunk.end] == chunk.text for chunk in chunks)


def _listed(name: str, sound: str, problem: str, subjects: list[str]) -> Check:
    if not subjects:
        return Check(name, True, sound)
    more = f" and {len(subjects) - NAMED} more" if len(subjects) > NAMED else ""
    return Check(name, False, f"{problem}: {', '.join(subjects[:NAMED])}{more}")
