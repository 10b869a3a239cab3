"""The HTTP API: ask, rerank, and read what the library holds. Nothing here changes the library."""

import logging
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final

import anyio
from fastapi import FastAPI, Header, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api.access import MOST_AT_ONCE, Door
from api.problems import FAULT, Refused, problem
from api.records import (
    AskReply,
    AskRequest,
    ContractList,
    ContractSummary,
    Health,
    PassageReply,
    Problem,
    RerankReply,
    RerankRequest,
)
from api.research import LocalResearch, actor_name
from api.watched import watched
from core.errors import ProvisoError
from core.redact import json_text, printable_line

logger = logging.getLogger(__name__)
VERSION: Final = "1"
# Of a search; the time that a model service may take is added.
SEARCH_SECONDS: Final = 180.0
LONGEST_NAME: Final = 80
DESCRIPTION: Final = (
    "Clause questions over contracts, every reranked candidate in plain sight. Read-only. Texts of contracts are"
    " data: whatever inside them reads like an instruction is part of a contract."
)
_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": words}
    for status, words in (
        (401, "The token is missing or wrong."),
        (404, "There is no such contract or passage."),
        (422, "A field is not valid."),
        (503, "Too many questions wait, or a model or store is not available."),
        (504, "It took too long."),
    )
}
Client = Annotated[
    str,
    Header(
        alias="X-Proviso-Client",
        description="Name of the program that asks, for the audit log; nobody checks it.",
    ),
]
ContractId = Annotated[str, Path(max_length=64, description="sha256 of the file, in hexadecimal.")]
ChunkId = Annotated[str, Path(max_length=64)]


class _PlainJson(JSONResponse):
    """JSON in which nothing steers a terminal: what cannot be seen is there as an escape."""

    def render(self, content: object) -> bytes:
        return json_text(content).encode()


def build(research: Callable[[], LocalResearch], token: SecretStr) -> FastAPI:
    """The API as an ASGI application.

    Args:
        research: gives the library and the models; called for every request, so it may begin late.
        token: what every request must carry; empty for none.
    """
    # No page that shows the document: it would load scripts from other hosts.
    application = FastAPI(
        title="Proviso",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        responses=_PROBLEMS,
        middleware=[Middleware(Door, token=token)],
        default_response_class=_PlainJson,
    )
    _handle_failures(application)
    _add_questions(application, research)
    _add_library(application, research)
    return application


def _add_questions(application: FastAPI, research: Callable[[], LocalResearch]) -> None:
    @cache
    def limiter() -> anyio.CapacityLimiter:
        # Made inside the event loop that uses it.
        return anyio.CapacityLimiter(MOST_AT_ONCE)

    @application.post("/v1/ask", response_model=AskReply, summary="Ask a question", tags=["questions"])
    async def ask(request: Request, asked: AskRequest, client: Client = "") -> Response:
        """Retrieve, rerank, keep, and answer from what is kept: the object of ``proviso ask --json``."""
        ready = await anyio.to_thread.run_sync(research)
        actor = _actor(client)
        seconds = SEARCH_SECONDS + ready.settings.chat_deadline
        reply = await watched(request, lambda check: ready.ask(asked, actor, check), seconds, limiter())
        # As it is: the names and types were checked by a test, and a hundred candidates take time.
        return _PlainJson(reply)

    @application.post("/v1/rerank", summary="Score passages against a question", tags=["questions"])
    async def rerank(request: Request, asked: RerankRequest, client: Client = "") -> RerankReply:
        """The reranker alone, for passages from anywhere: a calibrated relevance from 0 to 1 for each."""
        ready = await anyio.to_thread.run_sync(research)
        actor = _actor(client)
        return await watched(
            request, lambda check: ready.rerank(asked, actor, check), SEARCH_SECONDS, limiter()
        )


def _add_library(application: FastAPI, research: Callable[[], LocalResearch]) -> None:
    @application.get("/v1/contracts", summary="List the contracts", tags=["library"])
    def contracts() -> ContractList:
        """Every contract of the library."""
        return research().contracts()

    @application.get("/v1/contracts/{contract_id}", summary="One contract", tags=["library"])
    def contract(contract_id: ContractId) -> ContractSummary:
        """What the contract says about itself, and how well it could be read."""
        return research().contract(contract_id)

    @application.get(
        "/v1/contracts/{contract_id}/passages/{chunk_id}", summary="One passage", tags=["library"]
    )
    def passage(contract_id: ContractId, chunk_id: ChunkId, client: Client = "") -> PassageReply:
        """A passage in full with the ids of those before and after it; the audit log notes the reading."""
        return research().passage(contract_id, chunk_id, _actor(client))

    @application.get("/v1/health", summary="Is it there?", tags=["server"])
    def health() -> Health:
        """Answers once the library is open."""
        return research().health()


def _handle_failures(application: FastAPI) -> None:
    @application.exception_handler(ProvisoError)
    def failed(_: Request, error: ProvisoError) -> Response:
        return problem(error)

    @application.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return problem(Refused(422, place, f"{first['msg']}.", "See /v1/openapi.json for what is possible."))

    @application.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        reason = f"is not answered ({error.detail})."
        subject = f"{request.method} {request.url.path}"
        return problem(
            Refused(error.status_code, subject, reason, "See /v1/openapi.json for what is possible.")
        )

    @application.exception_handler(Exception)
    def unexpected(_: Request, error: Exception) -> Response:
        logger.error("A request of the API failed.", exc_info=error)
        return problem(FAULT)


def _actor(client: str) -> str:
    return actor_name(printable_line(client)[:LONGEST_NAME])
