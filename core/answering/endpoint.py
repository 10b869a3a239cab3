"""The model service as it is configured, and how it is named in messages."""

from dataclasses import dataclass

from pydantic import SecretStr

from core.errors import ChatUnavailable
from core.redact import redact
from core.web_address import fault_of, shown

CHECK_ADDRESS = "Check its base URL: it usually ends in /v1."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model service as it is configured; ``seconds`` is the deadline of one answer, ``plain_http`` allows
    http to other machines.
    """

    address: str
    key: SecretStr
    model: str
    seconds: float
    plain_http: bool = False

    @property
    def subject(self) -> str:
        """How the service is named in a message: model, scheme, host and path, no user and no query."""
        place = shown(self.address)
        return self.redacted(
            f"Model service {place} ({self.model})" if place else f"Model service {self.model}"
        )

    def redacted(self, text: str) -> str:
        """``text`` as one short line without the key."""
        return redact(text, self.key.get_secret_value())

    def failure(self, reason: str, next_step: str) -> ChatUnavailable:
        """The error that says so of this service."""
        return ChatUnavailable(self.subject, reason, next_step)

    def check(self) -> None:
        """Refuse what no request can be made of.

        Raises:
            ChatUnavailable: no model name, an address that is none or not safe, or a key that no header can
                carry.
        """
        if not self.model:
            raise self.failure("no model is named.", "Set the name of the model.")
        fault = fault_of(self.address, plain_http=self.plain_http)
        if fault is not None:
            raise self.failure(f"its base URL {fault[0]}", fault[1])
        key = self.key.get_secret_value().strip()
        if not (key.isascii() and key.isprintable()):
            raise self.failure("the API key holds characters that no key has.", "Copy the key again.")

    def overdue(self) -> ChatUnavailable:
        """The deadline passed."""
        return self.failure(
            f"gave no complete answer within {self.seconds:g} seconds.",
            "Ask again, or allow more time in the settings.",
        )

    def too_much(self) -> ChatUnavailable:
        """The service sent more than an answer can be."""
        return self.failure("sends more than any answer can be and was cut off.", CHECK_ADDRESS)

    def not_an_answer(self, content_type: str = "") -> ChatUnavailable:
        """The service answered the request, but with no text of a model."""
        if "html" in content_type.lower():
            return self.failure("answered with a web page.", CHECK_ADDRESS)
        return self.failure("answered without any text of a model.", CHECK_ADDRESS)
