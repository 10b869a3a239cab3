"""Who a browser is, where nobody signs in: the hash of the random identity that the server gave it."""

import hashlib
import re
from typing import Final

COOKIE: Final = "proviso_reader"
_IDENTITY: Final = re.compile(r"[0-9a-f]{32}")
SHOWN: Final = 16


def is_identity(value: str) -> bool:
    """Whether ``value`` is an identity as the server gives them."""
    return _IDENTITY.fullmatch(value) is not None


def browser_actor(value: str) -> str:
    """How records name the browser with this identity. The identity itself, which opens its history, is in none."""
    return f"browser {hashlib.sha256(value.encode()).hexdigest()[:SHOWN]}"
