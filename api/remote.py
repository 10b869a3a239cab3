"""``Research`` by way of the API of the server that holds the library."""

from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from api.records import (
    AskRequest,
    ContractList,
    ContractSummary,
    PassageReply,
    Problem,
    RerankReply,
    RerankRequest,
)
from api.research import Check, never
from core.errors import ProvisoError, StoreBusy
from core.report import JsonObject
from core.settings import Settings

SECONDS: Final = 200.0
CONNECT_SECONDS: Final = 5.0
Told = TypeVar("Told", bound=BaseModel)


class RemoteResearch:
    """Asks the API at ``address``; the token is that of the settings. ``check`` is not called: one call, one wait."""

    def __init__(
        self, address: str, settings: Settings, transport: httpx.BaseTransport | None = None
    ) -> None:
        token = settings.api_token.get_secret_value()
        self._address = address
        # No proxy of the environment: it is this machine that is asked.
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(SECONDS + settings.chat_deadline, connect=CONNECT_SECONDS),
            trust_env=False,
            transport=transport,
        )

    def ask(self, request: AskRequest, actor: str, check: Check = never) -> JsonObject:  # noqa: ARG002
        """The object of ``proviso ask --json``."""
        reply: JsonObject = self._send("POST", "/v1/ask", actor, request.model_dump())
        return reply

    def rerank(self, request: RerankRequest, actor: str, check: Check = never) -> RerankReply:  # noqa: ARG002
        """The cross-encoder's judgement of passages from anywhere."""
        return self._read(RerankReply, self._send("POST", "/v1/rerank", actor, request.model_dump()))

    def contracts(self) -> ContractList:
        """Every contract of the library."""
        return self._read(ContractList, self._send("GET", "/v1/contracts"))

    def contract(self, contract_id: str) -> ContractSummary:
        """One contract."""
        return self._read(ContractSummary, self._send("GET", f"/v1/contracts/{quote(contract_id, safe='')}"))

    def passage(self, contract_id: str, chunk_id: str, actor: str) -> PassageReply:
        """One passage of a contract."""
        path = f"/v1/contracts/{quote(contract_id, safe='')}/passages/{quote(chunk_id, safe='')}"
        return self._read(PassageReply, self._send("GET", path, actor))

    def _send(self, method: str, path: str, actor: str = "", body: object = None) -> Any:  # noqa: ANN401 - JSON
        try:
            reply = self._client.request(
                method, path, json=body, headers={"X-Proviso-Client": _header(actor)} if actor else {}
            )
        except httpx.HTTPError as error:
            raise self._unreachable(type(error).__name__) from None
        try:
            told = reply.json()
        except ValueError:
            raise self._unreachable(f"status {reply.status_code} without JSON") from None
        if reply.is_success:
            return told
        raise _failure(told, reply.status_code)

    def _read(self, kind: type[Told], told: object) -> Told:
        try:
            return kind.model_validate(told)
        except ValidationError:
            raise self._unreachable("an answer of another version") from None

    def _unreachable(self, what: str) -> StoreBusy:
        return StoreBusy(
            "The library",
            f"is in use by a process that does not answer its API at {self._address} ({what}).",
            "Start it again with proviso serve --api, or stop it.",
        )


def _failure(told: object, status: int) -> ProvisoError:
    try:
        said = Problem.model_validate(told)
    except ValidationError:
        return ProvisoError("The API", f"refused with status {status}.", "See the log of the server.")
    return ProvisoError(said.subject, said.reason, said.next_step)


def _header(text: str) -> str:
    return text.encode("ascii", "replace").decode()
