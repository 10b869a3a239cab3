"""What can go wrong between Proviso and a model service, said in words, with the key in none of them."""

import json
import math
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from core.answering.endpoint import CHECK_ADDRESS, Endpoint
from core.errors import ChatUnavailable
from core.limited_body import ReplyTooLarge

if TYPE_CHECKING:
    import openai

FIRST_WAIT = 0.25
TRY_LATER = "Ask again in a moment."
_OVERFLOW = (
    "context_length_exceeded",
    "context length",
    "context window",
    "maximum context",
    "too many tokens",
)


def explain(error: Exception, endpoint: Endpoint) -> ChatUnavailable:
    """The failure a user can act on, for any exception that a request raised."""
    import openai

    if isinstance(error, ChatUnavailable):
        return endpoint.failure(error.reason, error.next_step)
    if isinstance(error, TimeoutError):
        return endpoint.overdue()
    if _too_large(error):
        return endpoint.too_much()
    if isinstance(error, openai.APIStatusError):
        return _explain_status(error, endpoint)
    if isinstance(error, openai.APIConnectionError):
        return _explain_connection(error, endpoint)
    if isinstance(error, openai.APIError):
        words = endpoint.redacted(error.message)
        return endpoint.failure(f"broke off with an error: {words}", TRY_LATER)
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return endpoint.failure("sent something that cannot be read.", CHECK_ADDRESS)
    return endpoint.failure(
        f"could not be used ({type(error).__name__}).", "Check its base URL, key and model name."
    )


def retry_wait(error: "openai.APIError", attempt: int) -> float | None:
    """Seconds to wait before the next attempt (counted from 0), or None where another one cannot help."""
    import openai

    backoff = FIRST_WAIT * 2.0**attempt
    if _too_large(error):
        return None
    if isinstance(error, openai.APIConnectionError):
        return backoff
    if isinstance(error, openai.APIStatusError):
        asked = _retry_after(error.response.headers.get("retry-after", ""))
        if error.status_code == 429 and error.code != "insufficient_quota":
            return backoff if asked is None else asked
        if error.status_code >= 500:
            return backoff if asked is None else asked
    return None


def _explain_status(error: "openai.APIStatusError", endpoint: Endpoint) -> ChatUnavailable:
    status = error.status_code
    words = _words(error, endpoint)
    if status in (401, 403):
        # Without the service's words: many repeat parts of the key.
        return endpoint.failure(f"does not accept the API key ({status}).", "Check the key in the settings.")
    if status == 404:
        reason = f"knows no such model or address (404).{words}"
        return endpoint.failure(reason, "Check the model name and the base URL.")
    if status == 413 or (status == 400 and _says_overflow(error)):
        reason = f"the passages are longer than the model reads ({status}).{words}"
        return endpoint.failure(reason, "Keep fewer passages, or choose a model with a longer context.")
    if status == 429:
        return _explain_limit(error, endpoint, words)
    if 300 <= status < 400:
        return endpoint.failure(f"redirects to another address ({status}).", CHECK_ADDRESS)
    if status >= 500:
        return endpoint.failure(f"is in trouble ({status}).{words}", TRY_LATER)
    return endpoint.failure(
        f"refuses the request ({status}).{words}", "Check the model name and the settings."
    )


def _explain_limit(error: "openai.APIStatusError", endpoint: Endpoint, words: str) -> ChatUnavailable:
    if error.code == "insufficient_quota":
        return endpoint.failure("the account's quota is used up (429).", "Raise it with the provider.")
    asked = _retry_after(error.response.headers.get("retry-after", ""))
    later = TRY_LATER if asked is None else f"Ask again in {math.ceil(asked)} seconds."
    return endpoint.failure(f"is limiting requests (429).{words}", later)


def _explain_connection(error: "openai.APIConnectionError", endpoint: Endpoint) -> ChatUnavailable:
    import openai

    chain = _chain(error)
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return endpoint.failure("has no TLS certificate that this machine accepts.", CHECK_ADDRESS)
    if any(isinstance(link, socket.gaierror) for link in chain):
        return endpoint.failure("its host name is not known.", CHECK_ADDRESS)
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return endpoint.failure("refuses the connection.", "Start the service, or correct its base URL.")
    if isinstance(error, openai.APITimeoutError):
        return endpoint.failure("took too long to react.", "Check that it runs, then ask again.")
    return endpoint.failure("broke the connection.", TRY_LATER)


def _too_large(error: BaseException) -> bool:
    return any(isinstance(link, ReplyTooLarge) for link in _chain(error))


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links


def _words(error: "openai.APIStatusError", endpoint: Endpoint) -> str:
    message = error.body.get("message") if isinstance(error.body, dict) else None
    return f" It says: {endpoint.redacted(message)}" if isinstance(message, str) and message.strip() else ""


def _says_overflow(error: "openai.APIStatusError") -> bool:
    said = f"{error.code} {error.body}".lower()
    return any(phrase in said for phrase in _OVERFLOW)


def _retry_after(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
