"""Start the server with the settings that its safety rests on, whatever other configuration files say."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from core.settings import Settings

# These win over the environment and over every file, a configuration of the user's own included.
_FIXED: Final[dict[str, object]] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "global.developmentMode": False,
    "logger.hideWelcomeMessage": True,
    "server.baseUrlPath": "",
    "server.corsAllowedOrigins": [],
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.headless": True,
    "server.xsrfCookieSameSite": "strict",
}


def configuration(root: Path, settings: Settings, address: str, port: int) -> dict[str, object]:
    """Streamlit's options by name: those of the project's own file, then those that are fixed here."""
    own = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return {
        **dict(_flat(own)),
        **_FIXED,
        "server.address": address,
        "server.port": port,
        "server.maxUploadSize": settings.max_upload_mb,
    }


def run(root: Path, settings: Settings, address: str, port: int) -> None:
    """Serve the pages in ``root`` until the process is told to stop."""
    # Importing Streamlit takes a second that no other command should wait for.
    from serving.application import build

    build(root, settings, address).run(config=configuration(root, settings, address, port))


def _flat(options: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
