"""What the tests of rewriting and HyDE share: a library, a model that says one thing or fails, and a whole question."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from core.answering.chat import ChatModel, OpenAIChat
from core.ask import Pipeline, find_evidence
from core.errors import ChatUnavailable
from core.pipeline.recipe_file import read_recipes
from core.pipeline.records import Retrieved
from core.pipeline.tools import Tools
from core.records import Finding, Inquiry
from core.stage1_retrieve import retrieve
from core.stage3_answer import GeneratedAnswerer, answer
from core.storage.library import Library
from tests.fakes import OverlapScorer, WordEncoder
from tests.stub_endpoint import StubEndpoint

DOWN = ChatUnavailable("The model service", "is away.", "Try later.")


def found(
    library: Library,
    pipeline: str,
    inquiry: Inquiry,
    chat: ChatModel | None = None,
    steps: list[str] | None = None,
) -> Retrieved:
    """What the first stage of a shipped recipe gives; what it says it does is added to ``steps``."""
    told = steps if steps is not None else []
    tools = Tools(library.snapshot(), WordEncoder(), inquiry.candidates, chat=chat, on_step=told.append)
    return retrieve(inquiry, read_recipes()[pipeline], tools)


def ask_and_answer(library: Library, pipeline: str, inquiry: Inquiry, stub: StubEndpoint) -> Finding:
    """A whole question with ``stub`` as the model service, its answer included."""
    chat = OpenAIChat(stub.base_url, SecretStr(""), "stub-model")
    chosen = Pipeline(read_recipes()[pipeline], chat=chat)
    finding = find_evidence(inquiry, library.snapshot(), WordEncoder(), OverlapScorer(), chosen)
    answer(finding.evidence, GeneratedAnswerer(chat, "stub-model"))
    return finding


def texts(result: Retrieved) -> list[str]:
    """The candidates' texts, best first."""
    return [candidate.chunk.text for candidate in result.candidates]


def recipe_in(directory: Path, lines: Sequence[str]) -> Path:
    """A folder of own recipes with one in it, named ``mine``."""
    directory.mkdir(exist_ok=True)
    (directory / "mine.toml").write_text("\n".join(lines), encoding="utf-8")
    return directory
