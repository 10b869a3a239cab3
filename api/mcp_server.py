"""The MCP server: the inspectable reranker for a firm's assistants, read-only."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Annotated, Final, TypeVar

import anyio
from anyio.to_thread import run_sync
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from api.mcp_records import (
    NOTICE,
    AskResult,
    ContractsResult,
    ReadResult,
    ask_result,
    read_result,
    shown,
)
from api.records import (
    LONGEST_PASSAGE,
    LONGEST_QUESTION,
    MOST_PASSAGES,
    AskRequest,
    ContractSummary,
    RerankReply,
    RerankRequest,
)
from api.research import Check, Research
from core.errors import ProvisoError
from core.search import Cancelled

Result = TypeVar("Result")
Borrow = Callable[[], AbstractContextManager[Research]]
MOST_AT_ONCE: Final = 8
INSTRUCTIONS: Final = (
    "Proviso finds clauses in the user's contracts. ask_contracts reads about a hundred candidate passages together"
    " with the question and keeps the best; rest what you say on its evidence alone, cite contract and page, and say"
    " so when the relevance is low or nothing was kept. " + NOTICE
)
READ_ONLY: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
# An answer may be written by a model service elsewhere.
READ_ONLY_OPEN: Final = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
Question = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUESTION, description="The question, a full sentence.")
]


def build(borrow: Borrow, actor: str) -> MCPServer:
    """The server; nothing is opened before a tool is called.

    Args:
        borrow: gives whoever can answer, for the time of one call.
        actor: who asks, as the audit log names them.
    """
    server = MCPServer(
        "proviso", title="Proviso", instructions=INSTRUCTIONS, log_level="WARNING", version=_version()
    )
    _add_questions(server, borrow, actor)
    _add_library(server, borrow, actor)
    return server


def _add_questions(server: MCPServer, borrow: Borrow, actor: str) -> None:
    @server.tool(title="Ask the contracts", annotations=READ_ONLY_OPEN)
    async def ask_contracts(
        question: Question,
        contracts: Annotated[
            list[str] | None,
            Field(description="Search these alone: ids, file names or titles. None: every contract."),
        ] = None,
        keep: Annotated[int, Field(ge=1, le=20, description="Passages to keep at most.")] = 5,
        minimum_relevance: Annotated[
            float | None, Field(ge=0, le=1, description="Keep nothing that scores below.")
        ] = None,
        best_of_each: Annotated[
            bool, Field(description="Keep the best passage of each contract, to compare contracts.")
        ] = False,
        parties: Annotated[
            list[str] | None, Field(description="Only contracts with a party whose name holds one of these.")
        ] = None,
        governing_laws: Annotated[
            list[str] | None, Field(description="Only contracts under one of these laws.")
        ] = None,
        contract_types: Annotated[
            list[str] | None,
            Field(description="Only contracts of these types, as list_contracts names them."),
        ] = None,
        dated_from: Annotated[
            str, Field(max_length=10, description="Only contracts of this day or later, YYYY-MM-DD.")
        ] = "",
        dated_to: Annotated[
            str, Field(max_length=10, description="Only contracts of this day or earlier, YYYY-MM-DD.")
        ] = "",
        pipeline: Annotated[
            str,
            Field(
                max_length=100,
                description="How candidates are searched for; by default as Proviso is set. An unknown name is"
                " refused with the list of names.",
            ),
        ] = "",
        answer: Annotated[
            bool,
            Field(
                description="Also have Proviso answer: by the model service that it is set to use, which is then"
                " sent the kept passages, or as an extract. Not needed when you answer yourself."
            ),
        ] = False,
    ) -> AskResult:
        """Find the passages of the user's contracts that bear on a question.

        About a hundred candidates are scored by a cross-encoder; the best are kept with their text, pages and
        scores. Of the discarded ones count, scores and places are given, without text.
        """
        request = AskRequest(
            question=question,
            contracts=contracts or [],
            keep=keep,
            minimum_relevance=minimum_relevance,
            best_of_each=best_of_each,
            parties=parties or [],
            governing_laws=governing_laws or [],
            contract_types=contract_types or [],
            dated_from=dated_from,
            dated_to=dated_to,
            pipeline=pipeline,
            answer=answer,
        )
        return await _called(lambda check, research: ask_result(research.ask(request, actor, check)), borrow)

    @server.tool(title="Score passages", annotations=READ_ONLY)
    async def rerank(
        question: Question,
        passages: Annotated[
            list[Annotated[str, Field(max_length=LONGEST_PASSAGE)]],
            Field(min_length=1, max_length=MOST_PASSAGES, description="Texts to score, from anywhere."),
        ],
    ) -> RerankReply:
        """Score passages from anywhere against a question with the contract reranker: a relevance from 0 to 1."""
        request = RerankRequest(question=question, passages=passages)
        return await _called(lambda check, research: research.rerank(request, actor, check), borrow)


def _add_library(server: MCPServer, borrow: Borrow, actor: str) -> None:
    @server.tool(title="List the contracts", annotations=READ_ONLY)
    async def list_contracts() -> ContractsResult:
        """List the contracts of the library: title, parties, date, governing law, pages, and what went unread."""

        def work(_: Check, research: Research) -> ContractsResult:
            listed = research.contracts().contracts
            return ContractsResult(
                notice=NOTICE,
                contracts=[ContractSummary.model_validate(shown(one.model_dump())) for one in listed],
            )

        return await _called(work, borrow)

    @server.tool(title="Read a passage", annotations=READ_ONLY)
    async def read_passage(
        contract_id: Annotated[str, Field(max_length=64, description="Id of the contract.")],
        chunk_id: Annotated[str, Field(max_length=64, description="Id of the passage in it.")],
    ) -> ReadResult:
        """Read one passage in full, kept or discarded, and learn the ids of the passages before and after it."""
        return await _called(
            lambda _, research: read_result(research.passage(contract_id, chunk_id, actor)), borrow
        )


async def _called(work: Callable[[Check, Research], Result], borrow: Borrow) -> Result:
    """Do the work of one call in a thread; it is given up when the caller takes the call back."""
    gone = threading.Event()

    def check() -> None:
        if gone.is_set():
            raise Cancelled

    def run() -> Result:
        with borrow() as research:
            return work(check, research)

    try:
        return await run_sync(run, abandon_on_cancel=True, limiter=_limiter())
    except ProvisoError as error:
        raise ToolError(str(error)) from None
    finally:
        gone.set()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("proviso")
    except PackageNotFoundError:
        return ""


_limiters: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("proviso_limiter")


def _limiter() -> anyio.CapacityLimiter:
    """The one of this event loop."""
    try:
        return _limiters.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(MOST_AT_ONCE)
        _limiters.set(limiter)
        return limiter
