"""The model service as it is configured, and how it is named in messages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.errors import ChatUnavailable
from core.redact import redact

CHECK_ADDRESS = "Check its base URL: it usually ends in /v1."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model service as it is configured; ``seconds`` is the deadline of one answer."""

    address: str
    key: SecretStr
    model: str
    seconds: float

    @property
    def subject(self) -> str:
        """How the service is named in a message: model, scheme, host and path, no user and no query."""
        try:
            parts = urlsplit(self.address)
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            return f"Model service of {self.model}"
        return self.redacted(f"Model service {parts.scheme}://{host}{parts.path.rstrip('/')} ({self.model})")

    def redacted(self, text: str) -> str:
        """``text`` as one short line without the key."""
        return redact(text, self.key.get_secret_value())

    def failure(self, reason: str, next_step: str) -> ChatUnavailable:
        """The error that says so of this service."""
        return ChatUnavailable(self.subject, reason, next_step)

    def check(self) -> None:
        """Refuse what no request can be made of.

        Raises:
            ChatUnavailable: no model name, an address that is none, or a key that no header can carry.
        """
        if not self.model:
            raise self.failure("no model is named.", "Set the name of the model.")
        if not _is_web_address(self.address):
            raise self.failure("its base URL is not a web address.", "Give one such as https://host/v1.")
        key = self.key.get_secret_value().strip()
        if not (key.isascii() and key.isprintable()):
            raise self.failure("the API key holds characters that no key has.", "Copy the key again.")

    def overdue(self) -> ChatUnavailable:
        """The deadline passed."""
        return self.failure(
            f"gave no complete answer within {self.seconds:g} seconds.",
            "Ask again, or allow more time in the settings.",
        )

    def not_an_answer(self, content_type: str = "") -> ChatUnavailable:
        """The service answered the request, but with no text of a model."""
        if "html" in content_type.lower():
            return self.failure("answered with a web page.", CHECK_ADDRESS)
        return self.failure("answered without any text of a model.", CHECK_ADDRESS)


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
