"""A real HTTP server on this machine that answers like a Qdrant server, as far as Proviso asks, and fails on demand.

with StubQdrant() as stub:
    settings = Settings(qdrant_url=stub.url, ...)
    stub.fault = refuses(500)      # from now on, every request
    stub.fault = None              # well again, with all it held
    stub.stop(); stub.start()      # away, and back at the same address
    stub.collections.clear()       # back with nothing
"""

import json
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import numpy as np

Json = dict[str, Any]
ROUTE = re.compile(r"/collections/(?P<name>[^/?]+)(?P<rest>/[a-z/]*)?")


@dataclass
class Collection:
    """One collection: points by id, each its vector and its contract id."""

    size: int
    points: dict[str, tuple[list[float], str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What a sick server sends instead: after ``wait`` seconds, each piece ``pause`` seconds after the last."""

    status: int = 200
    pieces: tuple[bytes, ...] = ()
    content_type: str = "application/json"
    wait: float = 0.0
    pause: float = 0.0
    times: int = 1 << 30


def refuses(status: int, said: str = "stub failure", times: int = 1 << 30) -> Fault:
    """An error in Qdrant's own shape, for the next ``times`` requests."""
    return Fault(status, (json.dumps({"status": {"error": said}, "time": 0.0}).encode(),), times=times)


class StubQdrant:
    """The server; ``collections`` is what it holds, ``requests`` the method and path of all that it was asked."""

    def __init__(self) -> None:
        self.collections: dict[str, Collection] = {}
        self.requests: list[str] = []
        self.keys: set[str | None] = set()
        self.fault: Fault | None = None
        self._hit = 0
        self._closing = threading.Event()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._closing.is_set():
            self.stop()

    @property
    def held(self) -> int:
        """Number of points in all collections."""
        return sum(len(one.points) for one in self.collections.values())

    def next_fault(self) -> Fault | None:
        fault = self.fault
        if fault is None:
            self._hit = 0
            return None
        self._hit += 1
        if self._hit > fault.times:
            self.fault, self._hit = None, 0
            return None
        return fault


def answer(stub: StubQdrant, method: str, path: str, body: Json) -> tuple[int, object]:
    """Status and result of one sound request."""
    found = ROUTE.fullmatch(path.partition("?")[0])
    if found is None:
        return 404, "no such address"
    name, rest = found["name"], found["rest"] or ""
    collection = stub.collections.get(name)
    if rest == "/exists":
        return 200, {"exists": collection is not None}
    if rest == "" and method == "PUT":
        if collection is not None:
            return 409, f"Collection `{name}` already exists!"
        stub.collections[name] = Collection(body["vectors"]["size"])
        return 200, True
    if collection is None:
        return 404, f"Not found: Collection `{name}` doesn't exist!"
    if rest == "" and method == "DELETE":
        del stub.collections[name]
        return 200, True
    return ROUTES[method, rest](collection, body)


def _info(collection: Collection, body: Json) -> tuple[int, object]:  # noqa: ARG001
    hnsw = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000}
    optimizer = {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 0,
        "flush_interval_sec": 5,
    }
    vectors = {"size": collection.size, "distance": "Cosine"}
    config = {"params": {"vectors": vectors}, "hnsw_config": hnsw, "optimizer_config": optimizer}
    return 200, {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": 1,
        "config": config,
        "payload_schema": {},
    }


def _upsert(collection: Collection, body: Json) -> tuple[int, object]:
    for point in body["points"]:
        if len(point["vector"]) != collection.size:
            return 400, f"Wrong input: Vector dimension error: expected dim: {collection.size}"
    for point in body["points"]:
        collection.points[point["id"]] = (point["vector"], point["payload"]["contract_id"])
    return 200, {"operation_id": 1, "status": "completed"}


def _delete(collection: Collection, body: Json) -> tuple[int, object]:
    gone = set(body.get("points") or [])
    wanted = _scope(body)
    for point_id, (_, contract_id) in list(collection.points.items()):
        if point_id in gone or (wanted is not None and contract_id in wanted):
            del collection.points[point_id]
    return 200, {"operation_id": 1, "status": "completed"}


def _query(collection: Collection, body: Json) -> tuple[int, object]:
    query = np.asarray(body["query"]["nearest"], dtype=np.float32)
    if len(query) != collection.size:
        return 400, f"Wrong input: Vector dimension error: expected dim: {collection.size}"
    wanted = _scope(body)
    scored = [
        {"id": point_id, "version": 1, "score": float(np.dot(query, vector) / np.linalg.norm(vector))}
        for point_id, (vector, contract_id) in collection.points.items()
        if wanted is None or contract_id in wanted
    ]
    best = sorted(scored, key=lambda one: (-one["score"], one["id"]))  # type: ignore[operator]
    return 200, {"points": best[: body["limit"]]}


def _scroll(collection: Collection, body: Json) -> tuple[int, object]:
    ids = sorted(one for one in collection.points if one >= (body.get("offset") or ""))
    page, rest = ids[: body["limit"]], ids[body["limit"] :]
    return 200, {"points": [{"id": one} for one in page], "next_page_offset": rest[0] if rest else None}


def _count(collection: Collection, body: Json) -> tuple[int, object]:  # noqa: ARG001
    return 200, {"count": len(collection.points)}


def _index(collection: Collection, body: Json) -> tuple[int, object]:  # noqa: ARG001
    return 200, {"operation_id": 1, "status": "completed"}


def _scope(body: Json) -> set[str] | None:
    conditions = (body.get("filter") or {}).get("must") or []
    return set(conditions[0]["match"]["any"]) if conditions else None


ROUTES: dict[tuple[str, str], Callable[[Collection, Json], tuple[int, object]]] = {
    ("GET", ""): _info,
    ("PUT", "/index"): _index,
    ("PUT", "/points"): _upsert,
    ("POST", "/points/delete"): _delete,
    ("POST", "/points/query"): _query,
    ("POST", "/points/scroll"): _scroll,
    ("POST", "/points/count"): _count,
}


def _handler(stub: StubQdrant) -> type[BaseHTTPRequestHandler]:
    closing = stub._closing

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            stub.requests.append(f"{self.command} {self.path.partition('?')[0]}")
            stub.keys.add(self.headers.get("api-key"))
            self.close_connection = True
            fault = stub.next_fault()
            try:
                if fault is not None:
                    self._fail(fault)
                    return
                status, result = answer(stub, self.command, self.path, json.loads(body or b"{}"))
                sound = {"result": result, "status": "ok", "time": 0.0}
                whole = sound if status == 200 else {"status": {"error": result}, "time": 0.0}
                self._send(status, "application/json", (json.dumps(whole).encode(),), 0.0)
            except OSError:
                return

        def _fail(self, fault: Fault) -> None:
            if not closing.wait(fault.wait):
                self._send(fault.status, fault.content_type, fault.pieces, fault.pause)

        def _send(self, status: int, kind: str, pieces: tuple[bytes, ...], pause: float) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(sum(map(len, pieces))))
            self.send_header("Connection", "close")
            self.end_headers()
            for piece in pieces:
                if closing.wait(pause):
                    return
                self.wfile.write(piece)
                self.wfile.flush()

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002
            return

    return Handler
