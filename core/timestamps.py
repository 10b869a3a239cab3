"""Times and days as records hold them."""

from datetime import UTC, date, datetime

from core.errors import InvalidSettings


def utc_now() -> str:
    """The time, UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def checked_day(text: str, subject: str) -> str:
    """A day that a user wrote, as YYYY-MM-DD.

    Raises:
        InvalidSettings: it is none; the message names ``subject``.
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidSettings(subject, f"{text!r} is none.", "Write it as YYYY-MM-DD.") from None
