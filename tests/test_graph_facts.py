"""Facts that a model read out of passages: what is read of its lines, what they join, and the command for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.answering.chat import ChatDelta, Message
from core.audit.events import AuditedModel
from core.audit.trail import AuditedModels, AuditPolicy, AuditTrail
from core.pipeline.graph.records import KIND
from core.storage.library import Library
from core.storage.model_texts import ModelTexts
from ingest.by_model.plan import plan_texts
from ingest.by_model.records import Plan
from ingest.by_model.write import Desk, write_texts
from ingest.graph.model_facts import FACTS, Fact, parts_of, read_facts
from tests.graph_kit import Clauses, add, derive, small_library
from tests.test_by_model import Log
from tests.test_pipeline_graph import headings, leg_of, ways

VANS: Clauses = (
    (("1 Fleet",), "1. FLEET\nThe carrier keeps twelve lorries in Hull."),
    (("2 Weather",), "2. WEATHER\nNothing is owed for snow."),
    (("3 Cover",), "3. COVER\nA policy of ten million is held for every vehicle."),
)
REPLY = """\
[1] Carrier | keeps | delivery vans
[2] none
[3] Policy | covers | delivery vans
"""


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("Supplier | must insure | vans", [("Supplier", "must insure", "vans")], id="a fact"),
        pytest.param("- Supplier | insures | vans.", [("Supplier", "insures", "vans")], id="as a list"),
        pytest.param("a | is | van", [], id="about a stop word"),
        pytest.param("van | is | red\nvan | is | red", [("van", "is", "red")], id="twice"),
        pytest.param("none", [], id="none"),
        pytest.param("Supplier insures vans", [], id="no bars"),
        pytest.param("one | two | three | four", [], id="four parts"),
        pytest.param("Supplier | | vans", [], id="an empty part"),
        pytest.param(f"{'x' * 61} | is | long", [], id="too long"),
        pytest.param("one two three four five six seven eight nine | is | long", [], id="too many words"),
        pytest.param("the | of | it", [], id="about nothing"),
        pytest.param("Vans\u202e | \x07are | red", [("Vans", "are", "red")], id="marks that are no text"),
    ],
)
def test_what_is_read_of_a_model_s_lines(text: str, facts: list[tuple[str, str, str]]) -> None:
    assert read_facts(text) == tuple(Fact(*one) for one in facts)


def test_no_more_than_eight_facts_are_read() -> None:
    assert len(read_facts("\n".join(f"van {number} | is | red" for number in range(20)))) == 8


class Reader:
    """Replies with ``REPLY`` whatever it is asked."""

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:  # noqa: ARG002
        yield ChatDelta(REPLY)
        yield ChatDelta("", "stop")


def with_facts(tmp_path: Path) -> tuple[Library, Plan]:
    library = small_library(tmp_path)
    contract_id = add(library, "Carriage Agreement", VANS)
    derive(library)
    contract = library.catalogue.contract(contract_id)
    assert contract is not None
    store = ModelTexts(library.catalogue.database)
    plan = plan_texts(FACTS, parts_of([contract], library), store)
    nobody = AuditedModel("none")
    trail = AuditTrail(Log(), AuditPolicy(), AuditedModels("", nobody, nobody, AuditedModel("stub"), "host"))
    outcome = write_texts(plan, Desk(Reader(), "stub", store, trail, "ann"))
    library.derived.forget(KIND, outcome.contract_ids)
    derive(library)
    return library, plan


def test_facts_join_clauses_that_share_no_word(tmp_path: Path) -> None:
    library, plan = with_facts(tmp_path)
    assert plan.parts == 3
    leg = leg_of(library, "How many lorries are in Hull?")
    order = headings(library, leg)
    assert order.index("3 Cover") < order.index("2 Weather")
    assert ways(library, leg)["3 Cover"] == (
        "the question",
        "is near 1 Fleet",
        "speaks of delivery vans",
        "is spoken of in 3 Cover",
    )


def test_a_question_may_name_what_only_a_fact_speaks_of(tmp_path: Path) -> None:
    library, _ = with_facts(tmp_path)
    way = ways(library, leg_of(library, "Who pays for delivery vans?", passage_share=0.05))["3 Cover"]
    assert way == ("the question: delivery vans", "delivery vans", "is spoken of in 3 Cover")
