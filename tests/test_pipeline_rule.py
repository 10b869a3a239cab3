"""The rule of the pattern, for every recipe that ships: what leaves for a model is the kept passages and no other.

Each question goes through a recipe as it ships, over contracts whose notes and derived facts are made, and its answer
is asked of a real server. Every message that arrived there is looked through.
"""

from pathlib import Path

import pytest

from core.pipeline.module import Retrieval
from core.pipeline.modules import MODULES
from core.pipeline.recipe_file import read_recipes
from core.records import Finding, Inquiry, Judged
from core.settings import Settings
from core.storage.library import Library
from ingest.index_contract import Tools
from ingest.worker import catch_up
from tests.fakes import WordEncoder, add_contract, open_test_library
from tests.rewriting_kit import ask_and_answer
from tests.stub_endpoint import Recorded, StubEndpoint

QUESTION = "What is the cap on liability for late delivery, and may the Licence end under Schedule 3?"
GOODS = (
    "apples barley copper diesel ether flour glass honey iron jute kelp lime maize nylon oil paper".split()
)
CLAUSES = (
    "\u201cLicence\u201d means the right to use the marks that section 2 grants.",
    "\u201cCap\u201d means the limit on liability for late delivery of one million pounds.",
    "The Licence ends when the agreement in Schedule 3 ends.",
    "SCHEDULE 3 The agreement of the port lasts five years and may end on notice.",
    *(
        f"Delivery of {goods} is late after {day} days, and the Cap applies."
        for day, goods in enumerate(GOODS, 2)
    ),
)


def library_of(directory: Path) -> Library:
    library = open_test_library(directory)
    for name in ("Harbour Supply Agreement", "Orion Licence Agreement"):
        add_contract(
            library, name, [f"{number}. {clause} ({name[:6]})" for number, clause in enumerate(CLAUSES, 1)]
        )
    catch_up(library, Tools.of(Settings(), WordEncoder, lambda text: len(text.split())))
    return library


def asked(library: Library, recipe: str, stub: StubEndpoint, scope: tuple[str, ...] = ()) -> Finding:
    return ask_and_answer(library, recipe, Inquiry(QUESTION, scope, pipeline=recipe), stub)


def text_of(judged: Judged) -> str:
    """The passage without its number, so that no prefix of it is met by chance."""
    return judged.candidate.chunk.text.partition(". ")[2]


def holds(request: Recorded, text: str) -> bool:
    return any(text in str(message.get("content")) for message in request.json["messages"])


@pytest.mark.parametrize("recipe", sorted(read_recipes()))
def test_the_service_gets_the_kept_passages_and_no_other(tmp_path: Path, recipe: str) -> None:
    library = library_of(tmp_path)
    with StubEndpoint() as stub:
        finding = asked(library, recipe, stub)
    assert len(finding.ranking.kept) == 5
    assert len(finding.ranking.discarded) >= 10
    *before, last = stub.requests
    kept = {text_of(one) for one in finding.ranking.kept}
    assert all(holds(last, text) for text in kept)
    for discarded in {text_of(one) for one in finding.ranking.discarded} - kept:
        assert not any(holds(request, discarded) for request in stub.requests)
    # What modules ask comes before the reranker has chosen: no passage at all is in it.
    for judged in finding.ranking.all:
        assert not any(holds(request, text_of(judged)) for request in before)


@pytest.mark.parametrize("recipe", sorted(read_recipes()))
def test_wordings_never_reach_the_answer(tmp_path: Path, recipe: str) -> None:
    library = library_of(tmp_path)
    with StubEndpoint() as stub:
        finding = asked(library, recipe, stub)
    assert not [wording.text for wording in finding.wordings if holds(stub.requests[-1], wording.text)]


@pytest.mark.parametrize("recipe", sorted(read_recipes()))
def test_no_module_leaves_the_scope(tmp_path: Path, recipe: str) -> None:
    library = library_of(tmp_path)
    scope = tuple(sorted(library.snapshot().titles)[:1])
    with StubEndpoint() as stub:
        finding = asked(library, recipe, stub, scope)
    assert {judged.candidate.chunk.contract_id for judged in finding.ranking.all} == set(scope)


@pytest.mark.parametrize("recipe", sorted(read_recipes()))
def test_every_candidate_says_which_module_found_it(tmp_path: Path, recipe: str) -> None:
    library = library_of(tmp_path)
    with StubEndpoint() as stub:
        finding = asked(library, recipe, stub)
    known = {module.name for module in MODULES if isinstance(module, Retrieval)}
    for judged in finding.ranking.all:
        assert judged.candidate.found_by
        assert {found.module for found in judged.candidate.found_by} <= known
