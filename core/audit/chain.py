"""Is the audit log whole? Every entry must follow from the one before, up to the head."""

from dataclasses import dataclass

from core.audit.events import chain_hash
from core.audit.log import GENESIS, AuditLog, Row
from core.errors import AuditUnavailable
from core.health import Check


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found: how many entries there are, the head as ``number:hash``, and every fault in words."""

    entries: int
    head: str
    faults: tuple[str, ...]


def verify(log: AuditLog, expected: str = "") -> Chain:
    """Recompute every hash and name each entry that was changed, removed, added or moved.

    Args:
        log: the log.
        expected: a head noted earlier, ``number:hash``; the log must still hold that entry. Without one, a log
            that somebody wrote anew from its beginning cannot be told from the original.

    Raises:
        AuditUnavailable: the file cannot be read, or it is no audit log.
    """
    faults = [f"{guard}, which keeps the log from being changed, is gone" for guard in log.missing_guards()]
    number, previous = log.head()
    noted = expected.partition(":")
    last = Row(0, "", GENESIS)
    held = not expected
    entries = 0
    for row in log.rows():
        faults += _faults(row, last)
        held = held or (str(row.number), row.hash) == (noted[0], noted[2])
        last = row
        entries += 1
    if last.number < number:
        faults.append(_missing(last.number + 1, number))
    elif (last.number, last.hash) != (number, previous):
        faults.append(f"entry {last.number} is not the one that was noted as the last, {number}")
    if not held:
        faults.append(f"there is no entry {expected}")
    return Chain(entries, f"{last.number}:{last.hash}", tuple(faults))


def check_audit(log: AuditLog) -> Check:
    """The finding of ``proviso doctor`` on the audit log."""
    try:
        chain = verify(log)
    except AuditUnavailable as error:
        return Check("audit log", False, str(error))
    if chain.faults:
        return Check("audit log", False, "; ".join(chain.faults))
    return Check("audit log", True, f"{chain.entries} entries in one chain, head {chain.head[:20]}")


def _faults(row: Row, last: Row) -> list[str]:
    if row.number != last.number + 1:
        # What the entry followed is gone, so its own hash says nothing.
        return [_missing(last.number + 1, row.number - 1)]
    if row.hash == chain_hash(last.hash, row.entry):
        return []
    follows = f"entry {last.number}" if last.number else "the beginning"
    return [f"entry {row.number} does not follow {follows}: one of them was changed or moved"]


def _missing(first: int, last: int) -> str:
    if first > last:
        return f"entry {last + 1} is numbered below the first"
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"
