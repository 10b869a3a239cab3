"""Where the server that holds a library answers the API, noted beside the library for the MCP server to find."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from core.errors import InvalidSettings
from core.settings import SHORTEST_TOKEN, Settings

_FILE: Final = "api_address"
_WILD: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - an address to be replaced, not to listen on


@contextmanager
def noted(directory: Path, address: str, port: int, path: str = "") -> Iterator[None]:
    """Note the address while the context lasts; on a full disk the server runs all the same."""
    file = directory / _FILE
    name = _WILD.get(address, f"[{address}]" if ":" in address else address)
    with suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(f"{os.getpid()} http://{name}:{port}{path}", encoding="utf-8")
    try:
        yield
    finally:
        # That of a later server stays.
        with suppress(OSError):
            if file.read_text(encoding="utf-8").startswith(f"{os.getpid()} "):
                file.unlink()


def noted_address(directory: Path) -> str:
    """The address of the API that answers for this library, without a slash at its end; empty when there is none."""
    try:
        process, _, address = (directory / _FILE).read_text(encoding="utf-8").strip().partition(" ")
        # A server that was killed leaves its note behind.
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, FileNotFoundError):
        return ""
    except PermissionError:
        # It is there, and belongs to another user.
        return address
    return address


def require_token(settings: Settings, *, local: bool) -> None:
    """Refuse to open the API to others than this machine without a token.

    Args:
        settings: hold the token, and the names under which others reach this server.
        local: only this machine can reach the address.

    Raises:
        InvalidSettings: there is no token where one is needed.
    """
    alone = local and not settings.host_names
    if not alone and not settings.api_token.get_secret_value():
        raise InvalidSettings(
            "PROVISO_API_TOKEN",
            "is needed where others than this machine can reach the API.",
            f"Set it to {SHORTEST_TOKEN} random characters or more.",
        )
