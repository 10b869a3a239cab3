"""Pipelines side by side: rows that align, what only one keeps or finds, and the sentence about it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.compare_pipelines import Place, compare_pipelines
from core.records import Finding, Inquiry, Layer, StageTime, TraceStep, Verdict
from core.stage2_rerank import select_evidence
from tests.rankings import Row, ranked, texts

CAP: Row = ("a", "The cap.", 2.0)
LOSS: Row = ("a", "No loss of profit.", 1.0)
LAW: Row = ("b", "The law of Ohio.", 0.0)
POST: Row = ("b", "Notices go by post.", -1.0)


def finding(pipeline: str, *rows: Row, keep: int = 2, question: str = "What is the cap?") -> Finding:
    inquiry = Inquiry(question, (), 20, keep, pipeline=pipeline)
    ranking = ranked(inquiry, *rows)
    return Finding(inquiry, ranking, select_evidence(inquiry, ranking), (), 2)


def read(places: Sequence[Place | None]) -> list[tuple[int, float, Verdict]]:
    return [(place.rank, round(place.relevance, 4), place.verdict) for place in places if place is not None]


def test_the_same_passage_stands_in_one_row_with_its_rank_in_each() -> None:
    # Chunk ids count the rows of a call from 0, so that the same texts stand at the same places.
    made = compare_pipelines([finding("hybrid", CAP, LOSS, LAW), finding("naive", CAP, LOSS, LAW, keep=1)])
    assert [row.candidate.chunk.text for row in made.rows] == ["The cap.", "No loss of profit."]
    first, second = made.rows
    # 1 / (1 + e^-2) = 0.8808, 1 / (1 + e^-1) = 0.7311
    assert read(first.places) == [(1, 0.8808, Verdict.KEPT), (1, 0.8808, Verdict.KEPT)]
    assert read(second.places) == [(2, 0.7311, Verdict.KEPT), (2, 0.7311, Verdict.BEYOND_KEEP)]
    assert [row.kept_by for row in made.rows] == [2, 1]
    assert (made.shared, made.same) == (1, False)
    assert made.verdict == "Of 2 passages kept by any, 1 is kept by all; hybrid alone keeps 1."


def test_what_only_one_keeps_and_what_only_one_finds() -> None:
    made = compare_pipelines([finding("hybrid", CAP, LOSS, LAW, POST), finding("lexical", CAP, LOSS)])
    hybrid, lexical = made.columns
    assert texts(hybrid.only_found) == ["The law of Ohio.", "Notices go by post."]
    assert (texts(hybrid.only_kept), texts(lexical.only_kept), texts(lexical.only_found)) == ([], [], [])
    assert made.same
    assert made.verdict == "All 2 pipelines keep the same 2 passages."


def test_a_passage_that_is_no_candidate_has_no_place_and_rows_go_by_relevance() -> None:
    made = compare_pipelines(
        [finding("one", LAW, POST), finding("two", LAW, POST, CAP), finding("three", LAW, POST)]
    )
    assert [row.candidate.chunk.text for row in made.rows] == [
        "The cap.",
        "The law of Ohio.",
        "Notices go by post.",
    ]
    assert made.rows[0].places[0] is None
    assert made.rows[0].places[2] is None
    assert made.rows[0].kept_by == 1
    assert texts(made.columns[1].only_kept) == ["The cap."]
    assert texts(made.columns[1].only_found) == ["The cap."]
    # Both others keep the post, the second does not.
    assert made.rows[2].kept_by == 2
    assert made.verdict == "Of 3 passages kept by any, 1 is kept by all; two alone keeps 1."


def test_nothing_kept_is_said() -> None:
    empty = [replace(finding(name), contracts_searched=0) for name in ("one", "two")]
    assert compare_pipelines(empty).verdict == "None of these pipelines keeps a passage."


def test_what_a_pipeline_cost_is_added_up() -> None:
    steps = (
        TraceStep(Layer.PRE_RETRIEVAL, "rewrite", "", "", 1.0, 2, 30, ("a", "b")),
        TraceStep(Layer.RETRIEVAL, "dense", "", "", 0.5),
        TraceStep(Layer.RETRIEVAL, "graph", "", "", 0.5, 1, 12, ("c",)),
    )
    times = (StageTime("retrieve", 2.0), StageTime("rerank", 3.0))
    costly = replace(finding("rewrite", CAP), trace=steps, timings=times)
    column = compare_pipelines([finding("hybrid", CAP), costly]).columns[1]
    assert (column.pipeline, column.calls, column.tokens) == ("rewrite", 3, 42)
    assert (column.seconds, column.searching) == (5.0, 2.0)


@pytest.mark.parametrize(
    "findings",
    [
        pytest.param([finding("hybrid", CAP)], id="one alone"),
        pytest.param(
            [finding("hybrid", CAP), finding("naive", CAP, question="Which law?")], id="two questions"
        ),
        pytest.param([], id="none"),
    ],
)
def test_only_several_findings_of_one_question_are_compared(findings: list[Finding]) -> None:
    with pytest.raises(ValueError, match="two findings of one question"):
        compare_pipelines(findings)
