"""The example of the README runs as it stands against a real server."""

import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from api.application import build
from api.research import LocalResearch
from core.search import Searcher
from core.settings import Settings
from core.waiting_line import WaitingLine
from core.workbench.recorder import open_recorder
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library
from tests.pages_kit import CLAUSES, ROOT, make_trail

EXAMPLE = (ROOT / "docs" / "ask_over_http.py").read_text(encoding="utf-8")


@contextmanager
def served(research: LocalResearch) -> Iterator[str]:
    """The address of a server; whoever connects before it has started waits in the socket's queue."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(build(lambda: research, SecretStr("")), log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def test_the_example_runs_as_it_stands(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    searcher = Searcher(WordEncoder, OverlapScorer, library.snapshot, WaitingLine())
    settings, trail = Settings(data_dir=tmp_path), make_trail(tmp_path)
    research = LocalResearch(settings, library, searcher, trail, open_recorder(settings, trail.models))
    said = io.StringIO()
    with served(research) as address, redirect_stdout(said):
        exec(compile(EXAMPLE.replace("http://localhost:8502", address), "example", "exec"), {})
    library.close()
    lines = said.getvalue().splitlines()
    # cap, liability and perhaps more words in common: the best of seven is the first clause.
    assert CLAUSES[0] in lines[0]
    assert lines[-4].endswith("  Supply, p. 1")
    assert lines[-1] == "4 candidates were discarded, each with its scores."


def test_the_readme_shows_this_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = EXAMPLE.partition("\n\n")[2]
    assert "/v1/ask" not in readme or code in readme
