"""How many contracts are in the contextual index by now, in words."""

from dataclasses import dataclass

from core.pipeline.contextual.fact import KIND, VERSION
from core.storage.library import Library
from core.storage.snapshot import version_of


@dataclass(frozen=True, slots=True)
class Progress:
    """Contracts that were worked on, those of them that failed, and all that may be shown."""

    made: int
    failed: int
    contracts: int

    @property
    def sentence(self) -> str:
        """Where it stands, empty when every contract is in."""
        if self.made < self.contracts:
            return (
                f"Contextual index: {self.made - self.failed} of {self.contracts} contracts. The others can be asked"
                " about meanwhile; the pipeline contextual searches them without their context."
            )
        if self.failed:
            return (
                f"Contextual index: {self.failed} of {self.contracts} contracts could not be prepared and are searched"
                " without their context; the log says why."
            )
        return ""


def contextual_progress(library: Library) -> Progress:
    """Of the contracts that may be shown now."""
    made, failed = library.derived.counts(KIND, version_of(VERSION, library.fingerprint))
    return Progress(made, failed, len(library.catalogue.ready_titles()))
