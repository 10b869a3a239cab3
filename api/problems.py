"""Errors as the API tells them: a status, and the subject, the reason and the next step of the product."""

from collections.abc import Mapping
from typing import Final

from fastapi.responses import Response

from core.errors import (
    AuditUnavailable,
    CatalogueUnusable,
    InvalidSettings,
    ModelUnavailable,
    ProvisoError,
    StorageFull,
    StoreBusy,
    StoreUnavailable,
    UnknownContract,
)
from core.redact import json_text, printable_line
from core.search import Cancelled
from core.waiting_line import LineFull

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = "10"
LONGEST: Final = 500


class TooSlow(ProvisoError):
    """The time that a request may take is over."""


class Refused(ProvisoError):
    """A request that is not worked on."""

    def __init__(self, status: int, subject: str, reason: str, next_step: str) -> None:
        super().__init__(subject, reason, next_step)
        self.status = status


FAULT: Final = Refused(
    500, "This request", "failed because of a fault in Proviso.", "See the log of the server for its cause."
)
_STATUSES: Final = (
    (UnknownContract, 404),
    (InvalidSettings, 422),
    (TooSlow, 504),
    (StorageFull, 507),
    (LineFull, 503),
    (ModelUnavailable, 503),
    (StoreUnavailable, 503),
    (StoreBusy, 503),
    (CatalogueUnusable, 503),
    (AuditUnavailable, 503),
    (Cancelled, 503),
)
_TITLES: Final[Mapping[int, str]] = {
    400: "Bad request",
    401: "Not signed in",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    411: "Length missing",
    413: "Too large",
    415: "Not JSON",
    422: "Not valid",
    500: "Fault",
    503: "Not available now",
    504: "Took too long",
    507: "Disk full",
}


def status_of(error: ProvisoError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, Refused):
        return error.status
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def problem(error: ProvisoError) -> Response:
    """The answer that tells of ``error``; nothing in it is longer than 500 characters."""
    status = status_of(error)
    body = {
        "status": status,
        "title": _TITLES.get(status, "Refused"),
        "subject": _short(error.subject),
        "reason": _short(error.reason),
        "next_step": _short(error.next_step),
    }
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = RETRY_SECONDS
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json_text(body), status, headers, MEDIA_TYPE)


def _short(text: str) -> str:
    line = printable_line(text)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}\u2026"
