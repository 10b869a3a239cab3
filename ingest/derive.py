"""Facts derived from contracts that are visible already: each kind is a line in ``DERIVATIONS``.

They are made from the catalogue in the background, one contract at a time; whatever is interrupted is due again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from core.errors import ProvisoError
from core.pipeline.contextual import fact as context
from core.pipeline.graph import records as graph
from core.pipeline.hierarchy.outline import OUTLINE
from core.pipeline.hierarchy.outline import VERSION as OUTLINE_VERSION
from core.pipeline.hierarchy.sections import SECTIONS
from core.records import Contract
from core.storage.library import Library
from core.storage.snapshot import version_of
from ingest.context.make import make_context
from ingest.graph.contract_graph import make_graph
from ingest.index_contract import Cancelled, Tools
from ingest.outline import make_outline, make_sections

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One kind of fact. ``make`` gives its body; raise ``version`` when it would give another one.

    What is ``slow``, because a model reads the contract again, is made after everything else, and by no command that
    somebody waits for.
    """

    kind: str
    version: str
    make: Callable[[Contract, Library, Tools], bytes]
    slow: bool = False


DERIVATIONS: tuple[Derivation, ...] = (
    Derivation(OUTLINE, OUTLINE_VERSION, make_outline),
    Derivation(SECTIONS, OUTLINE_VERSION, make_sections),
    Derivation(graph.KIND, graph.VERSION, make_graph),
    Derivation(context.KIND, context.VERSION, make_context, slow=True),
)
QUICK = tuple(derivation for derivation in DERIVATIONS if not derivation.slow)


def derive_due(
    library: Library,
    tools: Tools,
    stop: Callable[[], bool] = lambda: False,
    derivations: tuple[Derivation, ...] = DERIVATIONS,
) -> int:
    """Make every fact that is due, kind by kind; returns how many were made.

    Args:
        library: whose contracts they are derived from.
        tools: models and the chunker's token counter.
        stop: asked before every contract, and within one by what takes long; what is left stays due.
        derivations: the kinds of facts, in the order in which they are made.

    Raises:
        ProvisoError: the library or a model cannot be used now.
    """
    made = 0
    for derivation in derivations:
        version = version_of(derivation.version, library.fingerprint)
        for contract_id in library.derived.due(derivation.kind, version):
            if stop():
                return made
            contract = library.catalogue.contract(contract_id)
            if contract is None:
                continue
            try:
                body = _body(derivation, contract, library, replace(tools, stop=stop))
            except Cancelled:
                return made
            library.derived.put(contract_id, derivation.kind, version, body)
            made += 1
    return made


def _body(derivation: Derivation, contract: Contract, library: Library, tools: Tools) -> bytes:
    try:
        return derivation.make(contract, library, tools)
    except (ProvisoError, Cancelled):
        raise
    except Exception:
        # One contract must not stop the others; it has no such fact until the version changes.
        logger.exception("Deriving the %s of %s failed.", derivation.kind, contract.contract_id)
        return b""
