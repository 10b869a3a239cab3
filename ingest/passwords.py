"""Passwords of protected files: kept in the memory of this process, never written anywhere."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from core.errors import InvalidSettings

_ATTEMPTS: Final = 3
_LONGEST: Final = 1_000


class Passwords:
    """What was given for which file; safe to share between threads.

    Args:
        for_all: tried on every protected file, in this order.
        ask: asks somebody for the password of a file by its name; "" when they have none.
    """

    def __init__(self, for_all: Sequence[str] = (), ask: Callable[[str], str] | None = None) -> None:
        self._for_all = tuple(for_all)
        self._ask = ask
        self._given: dict[str, str] = {}

    def __repr__(self) -> str:
        return "Passwords(...)"

    def give(self, contract_id: str, password: str) -> None:
        """Remember the password of a file until the process ends."""
        self._given[contract_id] = password

    def known(self, contract_id: str) -> str | None:
        """The password given for a file, or None."""
        return self._given.get(contract_id)

    def forget(self, contract_id: str) -> None:
        """Forget the password of a file."""
        self._given.pop(contract_id, None)

    def candidates(self, contract_id: str, file_name: str) -> Iterator[str]:
        """Every password worth trying on a file, the likeliest first; asks only when the others were tried."""
        given = self._given.get(contract_id)
        yield from ([given] if given else [])
        yield from self._for_all
        for _ in range(_ATTEMPTS if self._ask is not None else 0):
            answer = self._ask(file_name) if self._ask is not None else ""
            if not answer:
                return
            yield answer


def read_password_file(path: Path) -> tuple[str, ...]:
    """The passwords in a file, one a line; empty lines are left out.

    Raises:
        InvalidSettings: the file cannot be read, or holds no password; the message shows none of it.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(
            str(path), f"cannot be read ({type(error).__name__}).", "Check the password file."
        ) from None
    passwords = tuple(line for line in lines if line and len(line) <= _LONGEST)
    if not passwords:
        raise InvalidSettings(str(path), "holds no password.", "Write one a line.")
    return passwords
