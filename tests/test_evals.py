"""A whole evaluation on fakes: labels, the pipeline, the figures of a report, and what is drawn of them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import ClassVar

import pytest
from rich.console import Console

from core.records import Candidate, Chunk, Judged, Verdict
from core.settings import Settings
from core.storage.library import Library
from evals import abstention, summary
from evals.environment import describe_environment
from evals.evaluate import Models, measure, only
from evals.harm import case_of
from evals.labels import Task, label
from evals.questions import LabelledQuestion, QuestionSet
from evals.report import LabelCounts, ModelUsed, Movement, Report, Section, StepTime, TextCounts
from evals.report_files import to_json
from evals.run import BM25, DENSE, HYBRID, RERANKED, SYSTEMS, Outcome, ask
from evals.tables import draw
from tests.evals_kit import CAP, LAW, STAFF, make_outcome
from tests.fakes import (
    OverlapScorer,
    WordEncoder,
    add_contract,
    make_chunk,
    make_contract,
    open_test_library,
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_test_library(tmp_path)


def supply_questions() -> QuestionSet:
    questions = (
        LabelledQuestion("law", "Which laws govern?", "Law", ("supply.pdf",), "supply.pdf", (LAW,)),
        LabelledQuestion("staff", "May a party hire employees?", "Staff", (), "supply.pdf", (STAFF,)),
        LabelledQuestion("lost", "What is lost?", "Lost", (), "supply.pdf", ("Nobody ever wrote this.",)),
        LabelledQuestion("none", "Is the insurance broker Welsh?", "silent", ("supply.pdf",)),
        LabelledQuestion("other", "Which laws?", "Law", ("refused.pdf",), "refused.pdf", (LAW,)),
    )
    return QuestionSet("supply", (Path("supply.pdf"), Path("refused.pdf")), questions)


SETTINGS = Settings(candidates=20, keep=2)


def run(library: Library) -> tuple[Outcome, ...]:
    contract_id = add_contract(library, "Supply", [CAP, LAW, STAFF])
    ids = {"supply.pdf": contract_id, "refused.pdf": "f" * 64}
    labels = label(supply_questions(), ids, library.catalogue)
    encoder, scorer, snapshot = WordEncoder(), OverlapScorer(), library.snapshot()
    return tuple(ask(task, snapshot, encoder, scorer, SETTINGS) for task in labels.tasks)


def test_labels_count_what_cannot_be_used(library: Library) -> None:
    contract_id = add_contract(library, "Supply", [CAP, LAW, STAFF])
    ids = {"supply.pdf": contract_id, "refused.pdf": "f" * 64}
    labels = label(supply_questions(), ids, library.catalogue)
    chunks = library.catalogue.chunks_of(contract_id)
    law, staff, silent = labels.tasks
    holder = frozenset({chunks[1].chunk_id})
    assert law == Task(supply_questions().questions[0], (contract_id,), holder, needed=(holder,))
    assert staff.right == {chunks[2].chunk_id}
    assert staff.contract_ids == ()
    assert silent.question.silent
    assert (labels.quotes, labels.quotes_not_found, labels.quotes_ambiguous) == (3, 1, 0)
    assert labels.questions_left_out == 2


def test_a_run_follows_the_pipeline(library: Library) -> None:
    law, staff, silent = run(library)
    assert law.ranked.keys() == set(SYSTEMS)
    assert law.rank(BM25) == law.rank(RERANKED) == 1
    assert staff.rank(RERANKED) == 1
    assert set(law.ranked[RERANKED]) == set(law.ranked[HYBRID])
    assert len(law.ranked[DENSE]) == 3
    assert silent.rank(RERANKED) is None
    assert list(law.relevances) == sorted(law.relevances, reverse=True)
    assert law.seconds.keys() == {BM25, DENSE, "retrieve", "rerank"}


def test_kept_needs_rank_and_relevance() -> None:
    outcome = make_outcome("a", "bcd", relevances=(0.9, 0.4, 0.1))
    assert outcome.kept(5, 0.0) == ("b", "c", "d")
    assert outcome.kept(2, 0.0) == ("b", "c")
    assert outcome.kept(5, 0.4) == ("b", "c")
    assert outcome.kept(5, 0.95) == ()


OUTCOMES = (
    make_outcome("up", "abc", "a", hybrid="cba", relevances=(0.9, 0.5, 0.1)),
    make_outcome("down", "abc", "c", hybrid="cba", relevances=(0.9, 0.5, 0.3)),
    make_outcome("same", "abc", "b", hybrid="cba", relevances=(0.6, 0.5, 0.1)),
    make_outcome("missed", "abc", "x", relevances=(0.4, 0.3, 0.2)),
    make_outcome("silent", "abc", relevances=(0.2, 0.1, 0.0)),
    make_outcome("noisy", "abc", relevances=(0.8, 0.1, 0.0)),
)


def figures(outcomes: tuple[Outcome, ...] = OUTCOMES) -> Section:
    (section,) = summary.sections(outcomes, SETTINGS, seed=0)
    return section


def test_quality_and_gain() -> None:
    section = figures()
    assert (section.answered, section.silent) == (4, 2)
    rows = {row.system: row.measures for row in section.quality}
    assert rows[RERANKED]["hit@1"].mean == 1 / 4
    assert rows[RERANKED]["hit@2"].mean == 2 / 4
    assert rows[RERANKED]["MRR"].mean == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)
    assert rows[RERANKED]["found"].mean == 3 / 4
    assert rows[BM25]["hit@2"].mean == 0
    gain = section.gain["hit@1"]
    assert gain.mean == 0
    assert gain.low < 0 < gain.high


def test_each_kind_of_question_is_measured_by_itself() -> None:
    first, second = summary.sections(
        (
            make_outcome("a", "xy", "x", section="scoped"),
            make_outcome("b", "xy", "y", section="scoped"),
            make_outcome("c", "xy", "x", section="named"),
        ),
        SETTINGS,
        seed=0,
    )
    assert (first.name, second.name) == ("scoped", "named")
    assert [one.quality[-1].measures["hit@1"].mean for one in (first, second)] == [1 / 2, 1.0]


def test_categories_count_wins_and_losses() -> None:
    (row,) = figures().categories
    assert row.category == "Law"
    assert (row.questions, row.found) == (4, 3)
    assert (row.hit_hybrid, row.hit_reranked) == (2, 2)
    assert (row.better, row.worse) == (1, 1)
    assert [figures().count(one) for one in Movement] == [1, 1, 1, 1]


def test_minima_weigh_hits_against_false_evidence() -> None:
    nothing, half, strict = abstention.minima(OUTCOMES, keep=2, values=(0.0, 0.5, 0.5, 0.55))
    assert (nothing.hit, nothing.lost, nothing.false_evidence) == (2 / 4, 0.0, 1.0)
    assert half.minimum_relevance == 0.5
    assert (half.hit, half.lost, half.false_evidence) == (2 / 4, 0.0, 1 / 2)
    assert (half.passages, half.passages_silent) == ((2 + 2 + 2 + 0) / 4, (0 + 1) / 2)
    # "same" had its right passage at relevance 0.5 and loses it.
    assert (strict.hit, strict.lost) == (1 / 4, 1 / 4)


def test_the_default_minimum_is_on_the_curve() -> None:
    chosen = SETTINGS.model_copy(update={"minimum_relevance": 0.07})
    (section,) = summary.sections(OUTCOMES, chosen, seed=0)
    assert 0.07 in [one.minimum_relevance for one in section.minima]


def test_separation() -> None:
    found = abstention.separation(OUTCOMES, seed=0)
    assert found is not None
    # Best of the answered 0.9, 0.9, 0.6, 0.4; of the silent 0.2 and 0.8: 4 + 2 of 8 pairs in order.
    assert found.area_under_curve.mean == 6 / 8
    assert found.best_relevance_silent[1] == pytest.approx(0.5)
    assert abstention.separation(OUTCOMES[:4], seed=0) is None


def test_calibration_looks_at_the_kept_passages() -> None:
    everything, answered = abstention.calibrations(OUTCOMES, keep=1)
    # The best passage of each question: right only where "up" is asked, at 0.9.
    assert (everything.passages, answered.passages) == (6, 4)
    top = everything.bins[-1]
    assert (top.count, top.share_right) == (2, 1 / 2)
    # Answered: 0.9 twice with one right, 0.6 and 0.4 wrong.
    assert answered.expected_calibration_error == pytest.approx((2 * 0.4 + 0.6 + 0.4) / 4)


def test_calibration_without_passages_is_none() -> None:
    assert abstention.calibrations((make_outcome("a", "", "x"),), keep=5) == ()


def test_timings_and_details() -> None:
    assert summary.timings(OUTCOMES)["rerank"] == StepTime(4.0, 4.0)
    line = summary.details(OUTCOMES[1])
    assert line["ranks"][RERANKED] == 3
    assert line["right"] == ["c"]
    assert json.loads(json.dumps(line)) == line


def test_nothing_answered_gives_no_figures() -> None:
    section = figures(OUTCOMES[4:])
    assert (section.quality, section.gain, section.categories, section.cases) == ((), {}, (), ())
    assert section.minima[0].hit is None
    assert summary.timings([]) == {}
    assert summary.sections([], SETTINGS, seed=0) == ()


# The harm report


def judged_ranking(order: Sequence[int], fused: Sequence[int]) -> tuple[Judged, ...]:
    """Passages named by their fused rank, in their final order."""
    places = {name: rank for rank, name in enumerate(order, start=1)}
    chunks = {name: make_chunk(f"passage {name}", name) for name in fused}
    return tuple(
        Judged(
            Candidate(chunks[name], "Supply", None, None, name, 1 / name),
            0.0,
            1 / places[name],
            places[name],
            False,
            Verdict.KEPT,
        )
        for name in order
    )


class NoShelf:
    """A shelf that holds one chunk that no search finds."""

    titles: ClassVar[dict[str, str]] = {"a" * 64: "Supply"}

    def chunks(self, chunk_ids: Collection[str]) -> dict[str, Chunk]:
        return {chunk_id: make_chunk("a passage that was missed", 99) for chunk_id in chunk_ids}


@pytest.mark.parametrize(
    ("right", "order", "movement", "ranks", "rival"),
    [
        ((3,), (3, 1, 2), Movement.WIN, (3, 1), "passage 1"),
        ((1,), (2, 3, 1), Movement.LOSS, (1, 3), "passage 2"),
        ((2,), (3, 2, 1), Movement.TIE, (2, 2), None),
        # The first right one counts, whichever it is: 2 stood second, 3 stands second.
        ((2, 3), (1, 3, 2), Movement.TIE, (2, 2), None),
        ((9,), (1, 2, 3), Movement.MISSED, (None, None), None),
    ],
    ids=["win", "loss", "tie", "another right one took its place", "missed"],
)
def test_a_case_names_what_took_the_place(
    right: tuple[int, ...],
    order: tuple[int, ...],
    movement: Movement,
    ranks: tuple[int | None, int | None],
    rival: str | None,
) -> None:
    question = LabelledQuestion("q", "Why?", "Law", ())
    wanted = frozenset(make_chunk("", name).chunk_id for name in right)
    case = case_of(question, wanted, judged_ranking(order, (1, 2, 3)), NoShelf())
    assert (case.movement, (case.rank_before, case.rank_after)) == (movement, ranks)
    assert (case.rival.text if case.rival else None) == rival
    if movement is Movement.MISSED:
        assert case.right is not None
        assert (case.right.text, case.right.relevance) == ("a passage that was missed", None)


# The whole


def test_other_contracts_of_the_library_are_not_searched(library: Library) -> None:
    wanted = add_contract(library, "Supply", [CAP, LAW, STAFF])
    alone = library.snapshot()
    add_contract(library, "Other", [LAW, f"{LAW} Twice."])
    limited = only(library.snapshot(), [wanted])
    assert limited.titles == {wanted: "Supply"}
    # The same scores, not only the same hits: document frequencies are those of the one contract.
    assert limited.bm25(["law", "state"], 9, None) == alone.bm25(["law", "state"], 9, None)


@pytest.fixture
def supply(library: Library, tmp_path: Path) -> QuestionSet:
    contract, _ = make_contract("Supply", [CAP, LAW, STAFF])
    for name, content in (("supply.pdf", f"Supply\n{contract.text}"), ("refused.pdf", "")):
        (tmp_path / name).write_bytes(content.encode())
    add_contract(library, "Supply", [CAP, LAW, STAFF])
    whole = supply_questions()
    return replace(whole, files=tuple(tmp_path / file.name for file in whole.files))


def test_a_whole_evaluation_is_json_and_tables(library: Library, supply: QuestionSet) -> None:
    add_contract(library, "Unrelated", [LAW, CAP])
    steps: list[tuple[str, int, int]] = []
    models = Models(WordEncoder(), OverlapScorer(), "fake", "fake")
    report = measure(supply, library, models, SETTINGS, 0, lambda *step: steps.append(step)).report
    assert steps == [("asking", 1, 3), ("asking", 2, 3), ("asking", 3, 3)]
    (section,) = report.sections
    assert (section.answered, section.silent) == (2, 1)
    assert section.quality[3].measures["hit@2"].mean == 1.0
    assert report.texts == TextCounts(documents=1, pages=1, passages=3)
    assert report.labels == LabelCounts(quotes=3, not_found=1, ambiguous=0, questions_left_out=2)
    assert json.loads(to_json(report))["sections"][0]["answered"] == 2
    drawn = drawn_text(replace(report, texts=replace(report.texts, rejected=("refused.pdf: empty",))))
    for words in (
        "hybrid + rerank",
        "refused.pdf: empty",
        "1 not found in the text",
        "Minimum relevance",
        "expected calibration error",
        "area under the curve",
    ):
        assert words in drawn


def drawn_text(report: Report) -> str:
    console = Console(record=True, width=160, file=StringIO())
    for table in draw(report):
        console.print(table)
    # A title wraps at the width of its table.
    return " ".join(console.export_text().split())


def test_the_environment_names_weights_and_machine() -> None:
    environment = describe_environment(Settings(reranker="somewhere/else"), "openvino", "torch")
    assert len(environment.encoder.weights) == 64
    assert environment.reranker == ModelUsed("somewhere/else", "", "torch")
    assert environment.machine.cores >= 1
    assert environment.versions["ir-measures"] != "not installed"
