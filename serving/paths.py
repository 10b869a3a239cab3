"""The addresses of Streamlit's server that the middleware knows."""

from typing import Final

MEDIA: Final = "/media/"
UPLOAD: Final = "/_stcore/upload_file/"
# Ways in that no page of Proviso uses: figures about sessions, driving the app without a browser, components.
CLOSED: Final = (
    "/_stcore/agent",
    "/_stcore/metrics",
    "/_stcore/script-health-check",
    "/_stcore/bidi-components",
    "/component",
    "/app/static",
)


def is_closed(path: str) -> bool:
    """True for an address that is never answered."""
    return any(path == closed or path.startswith(f"{closed}/") for closed in CLOSED)
