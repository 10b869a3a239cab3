"""What the process to be killed says of itself, and what must therefore be true after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What a statement tells of: "-ing" before the act, "-ed" when it has been acknowledged."""

    STARTED = "started"
    OPENED = "opened"
    ADDING = "adding"
    ADDED = "added"
    DELETING = "deleting"
    DELETED = "deleted"
    FAILED = "failed"
    KILLED = "killed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``about`` is a contract id, or what went wrong."""

    act: Act
    about: str = ""


@dataclass(frozen=True)
class Expected:
    """Contracts that must be there, and those that may or may not be; any other must be gone.

    ``arriving`` are files whose storing was never acknowledged: their bytes alone may be there.
    """

    certain: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    arriving: frozenset[str] = frozenset()

    def after(self, statements: Iterable[Statement]) -> "Expected":
        """What must be true after these statements, whenever the process died after the last."""
        certain, undecided, arriving = set(self.certain), set(self.open), set(self.arriving)
        for statement in statements:
            contract_id = statement.about
            if statement.act is Act.ADDING and contract_id not in certain:
                undecided.add(contract_id)
                arriving.add(contract_id)
            elif statement.act is Act.ADDED:
                certain.add(contract_id)
                undecided.discard(contract_id)
            elif statement.act is Act.DELETING:
                certain.discard(contract_id)
                undecided.add(contract_id)
                arriving.discard(contract_id)
            elif statement.act is Act.DELETED:
                undecided.discard(contract_id)
        return Expected(frozenset(certain), frozenset(undecided), frozenset(arriving))
