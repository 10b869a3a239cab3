"""A Qdrant server: how it is reached, which of its faults pass by themselves, and how they are told."""

import logging
import warnings
from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from qdrant_client import QdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from core.errors import StoreUnavailable
from core.limited_body import LimitedBody, ReplyTooLarge, ReplyTooSlow
from core.web_address import shown

# Seconds before the second and the third attempt; a server that restarts is more often back than not.
WAITS = (0.2, 0.8)
# A page of a thousand vectors takes about ten megabytes.
MOST_BYTES = 64 * 1024 * 1024
LATER = "Check that it runs; the next question works once it is back, nothing has to be restarted."

warnings.filterwarnings("ignore", message="Api key is used with an insecure connection", category=UserWarning)


@dataclass(frozen=True, slots=True)
class QdrantServer:
    """A server as it is configured; ``seconds`` is what one request may take."""

    address: str
    key: SecretStr
    seconds: int

    def connect(self) -> QdrantClient:
        """A client for it; nothing is sent before it is used."""
        # They log addresses and headers at DEBUG and INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        return QdrantClient(
            url=self.address,
            api_key=self.key.get_secret_value().strip() or None,
            timeout=self.seconds,
            check_compatibility=False,
            event_hooks={"response": [self._limit]},
        )

    def explain(self, error: Exception) -> StoreUnavailable:
        """The failure a user can act on. Nothing that the server said is in it: it may repeat the key."""
        reason, next_step = _cause(error, self.seconds)
        subject = f"The vector store (Qdrant) at {shown(self.address)}"
        return StoreUnavailable(subject, f"search is unavailable: {reason}", next_step)

    def _limit(self, response: httpx.Response) -> None:
        stream = response.stream
        if isinstance(stream, httpx.SyncByteStream):
            response.stream = _Limited(stream, MOST_BYTES, 2.0 * self.seconds)


class _Limited(LimitedBody, httpx.SyncByteStream):
    """A reply as the library wants it."""


def passing(error: Exception) -> bool:
    """True for a fault that is often gone a moment later; a timeout has taken long enough already."""
    if isinstance(error, ResourceExhaustedResponse):
        return True
    if isinstance(error, UnexpectedResponse):
        return error.status_code == 429 or (error.status_code or 0) >= 500
    source = error.source if isinstance(error, ResponseHandlingException) else error
    return isinstance(source, httpx.TransportError) and not isinstance(source, httpx.TimeoutException)


def _cause(error: Exception, seconds: int) -> tuple[str, str]:
    if isinstance(error, UnexpectedResponse):
        return _refusal(error.status_code or 0)
    if isinstance(error, ResourceExhaustedResponse):
        return "it limits requests (429).", "Ask again in a moment."
    source = error.source if isinstance(error, ResponseHandlingException) else error
    if isinstance(source, httpx.TimeoutException | ReplyTooSlow):
        return f"it gave no answer within {seconds} seconds.", f"{LATER} PROVISO_QDRANT_TIMEOUT allows more."
    if isinstance(source, ReplyTooLarge):
        return "it sends more than any reply can be.", "Check PROVISO_QDRANT_URL."
    if isinstance(source, httpx.TransportError):
        return "it cannot be reached.", f"{LATER} Its address is PROVISO_QDRANT_URL."
    # A web page of a proxy is no JSON, or JSON of another shape.
    return "something else than Qdrant answers there.", f"Check PROVISO_QDRANT_URL and any proxy. {LATER}"


def _refusal(status: int) -> tuple[str, str]:
    if status in (401, 403):
        return f"it does not accept the API key ({status}).", "Check PROVISO_QDRANT_API_KEY."
    if status == 404:
        return "it knows no such collection or address (404).", f"Check PROVISO_QDRANT_URL. {LATER}"
    if status >= 500:
        return f"it is in trouble ({status}).", f"See its log. {LATER}"
    return f"it refuses the request ({status}).", "See its log, and run proviso doctor."
