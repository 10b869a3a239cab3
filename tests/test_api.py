"""The HTTP API: what it answers, what it refuses and how, who may ask, and what the log says of it."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.access import MOST_BYTES, Door
from api.address import noted, noted_address, require_token
from api.application import build
from api.problems import TooSlow
from api.records import AskReply, AskRequest
from api.remote import RemoteResearch
from api.research import LocalResearch
from api.watched import watched
from core.audit.log import AuditLog
from core.errors import InvalidSettings, ProvisoError, StoreBusy
from core.search import Cancelled, Searcher
from core.settings import Settings
from core.storage.library import Library
from core.waiting_line import WaitingLine
from core.workbench.decision import DecisionKind
from core.workbench.recorder import open_recorder
from serving.api_mount import ApiMount
from serving.visitors import Visitors
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library
from tests.pages_kit import CLAUSES, QUESTION, FullDisk, make_trail

TOKEN = "0123456789abcdefXYZ"


@pytest.fixture
def research(tmp_path: Path) -> Iterator[LocalResearch]:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    yield over(library, tmp_path)
    library.close()


def over(library: Library, directory: Path, line: WaitingLine | None = None) -> LocalResearch:
    settings = Settings(data_dir=directory, minimum_relevance=0.0)
    searcher = Searcher(WordEncoder, OverlapScorer, library.snapshot, line or WaitingLine())
    trail = make_trail(directory)
    return LocalResearch(settings, library, searcher, trail, open_recorder(settings, trail.models))


def client(research: LocalResearch, token: str = "", **headers: str) -> TestClient:
    return TestClient(
        build(lambda: research, SecretStr(token)), headers=headers, raise_server_exceptions=False
    )


def entries(research: LocalResearch) -> list[dict[str, object]]:
    return [json.loads(row.entry) for row in AuditLog(research.settings.directory / "audit.sqlite3").rows()]


def test_a_question_is_answered_with_every_candidate(research: LocalResearch) -> None:
    reply = client(research).post("/v1/ask", json={"question": QUESTION, "keep": 2})
    assert reply.status_code == 200
    told = AskReply.model_validate(reply.json())
    assert [one.text for one in told.kept] == [CLAUSES[0], CLAUSES[1]]
    assert len(told.discarded) == 5
    assert told.answer is not None
    assert told.answer.kind == "extract"
    assert (told.settings.candidates, told.settings.keep, told.settings.minimum_relevance) == (100, 2, 0.0)
    assert reply.headers["cache-control"] == "no-store"


def test_a_filter_that_nothing_meets_and_an_unknown_pipeline_are_refused(research: LocalResearch) -> None:
    for extra in ({"parties": ["Nobody"]}, {"pipeline": "magic"}, {"dated_from": "soon"}):
        reply = client(research).post("/v1/ask", json={"question": QUESTION, **extra})
        assert 400 <= reply.status_code < 500
        assert reply.json()["next_step"]


def test_the_document_of_the_api_describes_exactly_what_is_sent(research: LocalResearch) -> None:
    document = client(research).get("/v1/openapi.json").json()
    schemas = document["components"]["schemas"]
    sent = client(research).post("/v1/ask", json={"question": QUESTION}).json()
    assert set(schemas["AskReply"]["properties"]) == set(sent)
    assert set(schemas["JudgedPassage"]["properties"]) == set(sent["kept"][0])
    assert set(schemas["CitedPassage"]["properties"]) == set(sent["citations"][0])
    assert set(document["paths"]) == {
        "/v1/ask",
        "/v1/rerank",
        "/v1/contracts",
        "/v1/contracts/{contract_id}",
        "/v1/contracts/{contract_id}/passages/{chunk_id}",
        "/v1/health",
    }
    methods = {method for path in document["paths"].values() for method in path}
    assert methods == {"get", "post"}


def test_the_best_of_each_contract_is_kept_where_that_is_wanted(research: LocalResearch) -> None:
    add_contract(research.library, "Lease", ["The cap on liability is two million."])
    asked = {"question": QUESTION, "keep": 2, "best_of_each": True, "answer": False}
    told = client(research).post("/v1/ask", json=asked).json()
    assert sorted(one["contract"] for one in told["kept"]) == ["Lease", "Supply"]
    assert told["settings"]["selection"] == "best of each contract"


def test_without_an_answer_none_is_given(research: LocalResearch) -> None:
    told = client(research).post("/v1/ask", json={"question": QUESTION, "answer": False}).json()
    assert (told["answer"], told["citations"]) == (None, [])
    assert [one["action"] for one in entries(research)] == ["question"]


def test_questions_are_in_the_log_under_the_name_that_the_program_gives(research: LocalResearch) -> None:
    asking = client(research, **{"X-Proviso-Client": "drafting tool"})
    asking.post("/v1/ask", json={"question": QUESTION})
    asking.post("/v1/rerank", json={"question": QUESTION, "passages": ["a"]})
    client(research).post("/v1/rerank", json={"question": QUESTION, "passages": ["a", "b"]})
    assert [(one["action"], one["actor"]) for one in entries(research)] == [
        ("question", "api, drafting tool"),
        ("answer", "api, drafting tool"),
        ("passages reranked", "api, drafting tool"),
        ("passages reranked", "api"),
    ]
    assert entries(research)[-1]["subject"] == "2 passages from outside"


def test_a_question_is_among_the_decisions(research: LocalResearch) -> None:
    reply = client(research).post("/v1/ask", json={"question": QUESTION}).json()
    store = research.recorder.store
    assert store is not None
    kept = store.get(reply["decision"])
    assert (kept.kind, kept.finding.inquiry.question) == (DecisionKind.API, QUESTION)
    assert kept.answer is not None
    assert kept.answer.text == reply["answer"]["text"]


def test_what_cannot_be_logged_is_not_given(research: LocalResearch) -> None:
    full = replace(research, trail=replace(research.trail, log=FullDisk()))
    for path, body in (("ask", {}), ("rerank", {"passages": ["a"]})):
        reply = client(full).post(f"/v1/{path}", json={"question": QUESTION, **body})
        assert (reply.status_code, reply.json()["subject"]) == (503, "The audit log")


def test_rerank_scores_passages_from_anywhere_best_first(research: LocalResearch) -> None:
    passages = ["Notices go by post.", "The cap on liability.", "A cap."]
    told = (
        client(research)
        .post("/v1/rerank", json={"question": "cap on liability", "passages": passages})
        .json()
    )
    # The logit of the stand-in: words shared with the question, less one.
    assert [(one["index"], one["rank"], one["logit"]) for one in told["passages"]] == [
        (1, 1, 1.0),
        (2, 2, 0.0),
        (0, 3, -1.0),
    ]


def test_contracts_and_their_passages_can_be_read(research: LocalResearch) -> None:
    asking = client(research)
    (contract,) = asking.get("/v1/contracts").json()["contracts"]
    assert (contract["title"], contract["passages"]) == ("Supply", 7)
    path = f"/v1/contracts/{contract['contract_id']}"
    assert asking.get(path).json() == contract
    first, second, *_ = research.library.catalogue.chunks_of(contract["contract_id"])
    told = asking.get(f"{path}/passages/{second.chunk_id}").json()
    assert (told["text"], told["previous"], told["page_start"]) == (CLAUSES[1], first.chunk_id, 1)
    assert (entries(research)[-1]["action"], entries(research)[-1]["actor"]) == ("exported", "api")
    assert asking.get("/v1/health").json() == {"status": "ready", "contracts": 1, "waiting": 0}


BODY = {"question": QUESTION}


@pytest.mark.parametrize(
    ("body", "status", "subject"),
    [
        ({}, 422, "body.question"),
        ({"question": ""}, 422, "body.question"),
        ({"question": "  "}, 422, "The question"),
        ({"question": "x" * 4_001}, 422, "body.question"),
        ({**BODY, "candidates": 19}, 422, "body.candidates"),
        ({**BODY, "keep": 21}, 422, "body.keep"),
        ({**BODY, "minimum_relevance": 1.5}, 422, "body.minimum_relevance"),
        ({**BODY, "keeep": 5}, 422, "body.keeep"),
        ({**BODY, "contracts": ["Lease"]}, 404, "'Lease'"),
    ],
    ids=[
        "missing",
        "empty",
        "blank",
        "long",
        "few candidates",
        "many kept",
        "relevance",
        "unknown",
        "contract",
    ],
)
def test_a_question_that_is_not_valid_names_the_field(
    research: LocalResearch, body: dict[str, object], status: int, subject: str
) -> None:
    reply = client(research).post("/v1/ask", json=body)
    told = reply.json()
    assert (reply.status_code, told["status"], told["subject"]) == (status, status, subject)
    assert reply.headers["content-type"] == "application/problem+json"
    assert set(told) == {"status", "title", "subject", "reason", "next_step"}
    assert told["next_step"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/contracts/x", 405),
        ("GET", "/v1/ask", 405),
        ("GET", "/v1/contracts/x", 404),
        ("GET", "/v1/contracts/x/passages/y", 404),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
    ],
)
def test_whatever_is_not_there_is_a_problem_too(
    research: LocalResearch, method: str, path: str, status: int
) -> None:
    reply = client(research).request(method, path)
    assert (reply.status_code, reply.json()["status"]) == (status, status)


@pytest.mark.parametrize(
    "content",
    [b"{", b"[" * 100_000, b'{"question": "\\ud800"}', b"\xff"],
    ids=["half", "deep", "half a character", "no text"],
)
def test_a_body_that_is_no_json_is_refused(research: LocalResearch, content: bytes) -> None:
    reply = client(research).post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert reply.status_code in (400, 422)
    assert reply.json()["next_step"]


def test_a_form_of_another_site_is_no_question(research: LocalResearch) -> None:
    reply = client(research).post("/v1/ask", content=json.dumps(BODY), headers={"content-type": "text/plain"})
    assert reply.status_code == 422
    assert entries(research) == []


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"bearer {TOKEN}"}, 200),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer"}, 401),
    ],
    ids=["none", "right", "small letters", "another kind", "longer", "empty"],
)
def test_with_a_token_only_its_holder_is_let_in(
    research: LocalResearch, header: dict[str, str], status: int
) -> None:
    for path in ("/v1/health", "/v1/openapi.json", "/v1/contracts"):
        reply = client(research, TOKEN).get(path, headers=header)
        assert reply.status_code == status
        assert TOKEN not in reply.text
    if status == 401:
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_body_that_is_too_large_is_read_no_further(research: LocalResearch) -> None:
    taken: list[int] = []

    def endless() -> Iterator[bytes]:
        while sum(taken) <= 2 * MOST_BYTES:
            taken.append(1024 * 1024)
            yield b"x" * taken[-1]

    reply = client(research).post("/v1/ask", content=endless(), headers={"content-type": "application/json"})
    assert reply.status_code == 413


def test_no_more_requests_are_worked_on_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never_called(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("api.access.MOST_AT_ONCE", 0)
    reply = TestClient(Door(never_called, SecretStr(""))).get("/v1/health")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "10")


def test_a_full_line_says_so(tmp_path: Path) -> None:
    library, line = open_test_library(tmp_path), WaitingLine(longest=0)
    with line.turn():
        reply = client(over(library, tmp_path, line)).post("/v1/ask", json=BODY)
    library.close()
    assert (reply.status_code, reply.json()["subject"]) == (503, "Proviso is busy")


def test_a_fault_tells_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> LocalResearch:
        raise ZeroDivisionError("secret detail")

    asking = TestClient(build(broken, SecretStr("")), raise_server_exceptions=False)
    reply = asking.get("/v1/contracts")
    assert (reply.status_code, reply.json()["title"]) == (500, "Fault")
    assert "secret detail" not in reply.text
    assert "secret detail" in caplog.text


class Caller:
    """A request whose caller goes when told to."""

    def __init__(self) -> None:
        self.gone = threading.Event()

    async def is_disconnected(self) -> bool:
        return self.gone.is_set()


def test_work_ends_when_its_caller_has_gone() -> None:
    caller = Caller()

    def work(check) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        caller.gone.set()
        for _ in range(3_000):
            check()
            threading.Event().wait(0.01)

    async def ask() -> None:
        await watched(caller, work, 60, anyio.CapacityLimiter(1))  # type: ignore[arg-type]

    with pytest.raises(Cancelled):
        anyio.run(ask)


def test_work_ends_when_its_time_is_over() -> None:
    times = iter([0.0, 5.0, 11.0])

    def work(check) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        check()
        check()

    async def ask() -> None:
        await watched(Caller(), work, 10, anyio.CapacityLimiter(1), lambda: next(times))  # type: ignore[arg-type]

    with pytest.raises(TooSlow, match="longer than 10 seconds"):
        anyio.run(ask)


@pytest.mark.parametrize(
    ("address", "names", "token", "refused"),
    [
        (True, "", "", False),
        (True, "contracts.example", "", True),
        (False, "", "", True),
        (False, "", TOKEN, False),
    ],
    ids=["this machine", "behind a name", "the network", "the network with a token"],
)
def test_others_need_a_token(address: bool, names: str, token: str, refused: bool) -> None:
    settings = Settings(allowed_hosts=names, api_token=SecretStr(token))
    if refused:
        with pytest.raises(InvalidSettings, match="PROVISO_API_TOKEN"):
            require_token(settings, local=address)
    else:
        require_token(settings, local=address)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8502/api"),
        ("0.0.0.0", "http://127.0.0.1:8502/api"),
        ("::1", "http://[::1]:8502/api"),
    ],
)
def test_the_address_is_noted_while_the_server_runs(address: str, shown: str, tmp_path: Path) -> None:
    with noted(tmp_path, address, 8502, "/api"):
        assert noted_address(tmp_path) == shown
    assert noted_address(tmp_path) == ""


@pytest.mark.parametrize("left", ["", "x http://127.0.0.1:1", "999999999 http://127.0.0.1:1"])
def test_a_note_that_a_dead_server_left_is_no_address(left: str, tmp_path: Path) -> None:
    (tmp_path / "api_address").write_text(left)
    assert noted_address(tmp_path) == ""


def test_another_program_asks_the_server_that_holds_the_library(research: LocalResearch) -> None:
    served = client(research, TOKEN)
    settings = Settings(api_token=SecretStr(TOKEN))

    def forward(request: httpx.Request) -> httpx.Response:
        reply = served.request(
            request.method, request.url.raw_path.decode(), content=request.content, headers=request.headers
        )
        return httpx.Response(reply.status_code, content=reply.content)

    remote = RemoteResearch("http://127.0.0.1:1", settings, httpx.MockTransport(forward))
    asked = AskRequest(question=QUESTION, answer=False)
    here, there = research.ask(asked, "x"), remote.ask(asked, "mcp of ann")
    assert there["kept"] == here["kept"]
    assert entries(research)[-1]["actor"] == "api, mcp of ann"
    assert remote.contracts() == research.contracts()
    contract_id = research.contracts().contracts[0].contract_id
    chunk_id = there["kept"][0]["chunk_id"]
    assert remote.passage(contract_id, chunk_id, "x") == research.passage(contract_id, chunk_id, "x")
    with pytest.raises(ProvisoError, match="'Lease': is no contract of the library"):
        remote.ask(AskRequest(question=QUESTION, contracts=["Lease"]), "x")
    with pytest.raises(ProvisoError, match="is not in the library"):
        remote.contract("x")
    with pytest.raises(ProvisoError, match="is not answered"):
        remote.contract("../health")


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    remote = RemoteResearch(
        "http://127.0.0.1:1/api", Settings(data_dir=tmp_path), httpx.MockTransport(refuse)
    )
    with pytest.raises(StoreBusy, match="proviso serve --api"):
        remote.contracts()


async def pages(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ARG001
    """Stands for the pages."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"pages"})


def test_the_api_has_its_own_folder_beside_the_pages_and_their_guard(research: LocalResearch) -> None:
    api = build(lambda: research, SecretStr(""))
    served = TestClient(Visitors(ApiMount(pages, api), frozenset()), base_url="http://127.0.0.1:8501")
    assert served.get("/").text == "pages"
    assert served.get("/apiary").text == "pages"
    assert served.get("/api/v1/health").json()["status"] == "ready"
    assert served.get("/api/v1/nothing").json()["status"] == 404
    assert served.get("/v1/health").text == "pages"
    assert served.get("/api/v1/health", headers={"Host": "evil.example"}).status_code == 421
    assert served.get("/api/v1/health", headers={"Origin": "http://evil.example"}).status_code == 403


def test_how_a_question_was_searched_is_part_of_the_reply(research: LocalResearch) -> None:
    asked = {"question": QUESTION, "pipeline": "lexical", "formulations": ["port of Hull"], "answer": False}
    told = AskReply.model_validate(client(research).post("/v1/ask", json=asked).json())
    assert told.pipeline == "lexical"
    assert [(one.text, one.origin) for one in told.formulations] == [("port of Hull", "reader")]
    assert [step.module for step in told.trace] == ["bm25", "reciprocal_rank", "rerank"]
    found = {one.text: one.found_by for one in (*told.kept, *told.discarded)}
    assert [(one.module, one.wording, one.rank) for one in found[CLAUSES[0]]] == [("bm25", QUESTION, 1)]
    assert [(one.origin, one.wording) for one in found[CLAUSES[6]]] == [("reader", "port of Hull")]


@pytest.mark.parametrize(
    ("formulations", "subject"),
    [
        ([" "], "A wording"),
        ([""], "body.formulations.0"),
        (["x" * 2_001], "body.formulations.0"),
        (["x"] * 13, "body.formulations"),
    ],
    ids=["blank", "empty", "long", "many"],
)
def test_wordings_are_bounded(research: LocalResearch, formulations: list[str], subject: str) -> None:
    reply = client(research).post("/v1/ask", json={**BODY, "formulations": formulations})
    assert (reply.status_code, reply.json()["subject"]) == (422, subject)


# What callers have relied on since the first version: fields are added, never taken away or renamed.
FIRST_REPLY = (
    "decision question contracts contracts_searched answer citations kept discarded cautions settings override"
    " timings models"
)
FIRST_PASSAGE = (
    "chunk_id contract contract_id page_start page_end heading text dense_rank dense_score bm25_rank bm25_score"
    " fused_rank fused_score rerank_logit relevance rank truncated scored_by verdict"
)
FIRST_REQUEST = (
    "question contracts candidates keep minimum_relevance best_of_each parties governing_laws contract_types"
    " dated_from dated_to pipeline answer"
)


def test_fields_are_added_only(research: LocalResearch) -> None:
    schemas = client(research).get("/v1/openapi.json").json()["components"]["schemas"]
    for name, first in (
        ("AskReply", FIRST_REPLY),
        ("JudgedPassage", FIRST_PASSAGE),
        ("AskRequest", FIRST_REQUEST),
    ):
        assert set(first.split()) <= set(schemas[name]["properties"])
    # Whatever else a request may hold can be left out.
    assert schemas["AskRequest"]["required"] == ["question"]
