"""Evaluation: measures by hand, alignment of labels with text, question sets, and a whole run on fakes."""

import csv
import json
import math
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from cli.eval import SAMPLE_CORPUS, evaluate
from core.errors import InvalidSettings
from core.settings import Settings
from core.storage.library import Library
from evals import summary
from evals.alignment import AmbiguousQuote, Folded, chunks_holding, locate
from evals.cuad import METADATA, QUESTIONS, pieces_of, read_cuad
from evals.environment import describe_environment
from evals.evaluate import Models, measure, read_questions
from evals.labels import Task, label
from evals.measures import (
    area_under_curve,
    bootstrap,
    hit_at,
    ndcg_at,
    quantiles,
    rank_of_first,
    reciprocal_rank,
)
from evals.questions import LabelledQuestion, QuestionSet, sample
from evals.run import BM25, DENSE, HYBRID, RERANKED, SYSTEMS, Outcome, ask
from evals.samples import read_samples
from evals.tables import draw
from tests.fakes import OverlapScorer, WordEncoder, add_contract, make_contract, open_test_library

LAW = "This Agreement is governed by the laws of the State of Ruritania."
CAP = "The Supplier is liable for at most twice the fees paid in a year."
STAFF = "Neither party shall hire or solicit employees of the other for one year."


# Measures


@pytest.mark.parametrize(
    ("rank", "k", "hit", "reciprocal"),
    [(1, 1, 1.0, 1.0), (2, 1, 0.0, 0.5), (5, 5, 1.0, 0.2), (6, 5, 0.0, 1 / 6), (None, 5, 0.0, 0.0)],
    ids=["first", "second of one", "last that counts", "one too late", "never"],
)
def test_hit_and_reciprocal_rank(rank: int | None, k: int, hit: float, reciprocal: float) -> None:
    assert hit_at(rank, k) == hit
    assert reciprocal_rank(rank) == pytest.approx(reciprocal)


@pytest.mark.parametrize(
    ("ranked", "right", "rank"),
    [("abc", "c", 3), ("abc", "cb", 2), ("abc", "x", None), ("", "a", None)],
    ids=["last", "first of two", "not ranked", "nothing ranked"],
)
def test_rank_of_first(ranked: str, right: str, rank: int | None) -> None:
    assert rank_of_first(ranked, set(right)) == rank


@pytest.mark.parametrize(
    ("ranked", "right", "k", "value"),
    [
        ("abc", "a", 3, 1.0),
        ("abc", "b", 3, 1 / math.log2(3)),
        ("abc", "ac", 3, (1 + 1 / 2) / (1 + 1 / math.log2(3))),
        ("abc", "ac", 1, 1.0),
        ("abc", "c", 2, 0.0),
        ("ab", "xyz", 2, 0.0),
    ],
    ids=["ideal", "second", "first and third of two", "cut at one", "beyond the cut", "none"],
)
def test_ndcg(ranked: str, right: str, k: int, value: float) -> None:
    assert ndcg_at(ranked, set(right), k) == pytest.approx(value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: hit_at(0, 5),
        lambda: hit_at(1, 0),
        lambda: reciprocal_rank(-1),
        lambda: ndcg_at("ab", (), 5),
        lambda: ndcg_at("ab", "a", 0),
        lambda: bootstrap([]),
        lambda: area_under_curve([1.0], []),
        lambda: quantiles([]),
    ],
    ids=["rank 0", "k 0", "negative rank", "nothing right", "ndcg at 0", "no values", "one side", "none"],
)
def test_measures_reject(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


def test_bootstrap_is_repeatable_and_covers_the_mean() -> None:
    values = [1.0] * 30 + [0.0] * 10
    interval = bootstrap(values, seed=3)
    assert interval == bootstrap(values, seed=3)
    assert interval.mean == 0.75
    # The normal approximation gives 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 40) = [0.616, 0.884].
    assert interval.low == pytest.approx(0.616, abs=0.03)
    assert interval.high == pytest.approx(0.884, abs=0.03)


def test_bootstrap_depends_on_its_seed() -> None:
    values = [index**0.5 for index in range(20)]
    assert bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_bootstrap_of_a_constant_has_no_width() -> None:
    interval = bootstrap([0.5, 0.5, 0.5])
    assert (interval.mean, interval.low, interval.high) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("present", "absent", "value"),
    [([3.0, 4.0], [1.0, 2.0], 1.0), ([1.0], [1.0], 0.5), ([1.0, 3.0], [2.0], 0.5), ([0.0], [1.0], 0.0)],
    ids=["apart", "tied", "one of two above", "upside down"],
)
def test_area_under_curve(present: list[float], absent: list[float], value: float) -> None:
    assert area_under_curve(present, absent) == value


@given(st.lists(st.floats(0, 1), min_size=1), st.lists(st.floats(0, 1), min_size=1))
def test_area_under_curve_changes_sides(present: list[float], absent: list[float]) -> None:
    assert area_under_curve(present, absent) + area_under_curve(absent, present) == pytest.approx(1.0)


def test_quantiles() -> None:
    assert quantiles([0.0, 1.0, 2.0, 3.0, 4.0], (0.25, 0.5, 1.0)) == (1.0, 2.0, 4.0)


# Alignment


def test_folding_keeps_the_way_back() -> None:
    folded = Folded.of("A \ufb01x,\nB")
    assert folded.characters == "afixb"
    assert folded.offsets.tolist() == [0, 2, 2, 3, 6]


@pytest.mark.parametrize(
    "text",
    [
        LAW,
        LAW.replace(" ", "\n  "),
        LAW.replace("governed", "gov-\nerned"),
        LAW.replace(" ", ""),
        LAW.upper(),
        LAW.replace("Agreement", "\u201cAgree\u00adment\u201d"),
    ],
    ids=["same", "line ends", "hyphenated", "no spaces", "capitals", "quotation marks and soft hyphen"],
)
def test_locate_sees_through_typography(text: str) -> None:
    folded = Folded.of(f"Before it. {text} After it.")
    length = len(Folded.of(LAW).characters)
    assert locate(LAW, folded) == (((len("beforeit"), length),),)


def test_locate_steps_over_a_running_header() -> None:
    head, tail = LAW[:40], LAW[40:]
    folded = Folded.of(f"{head}\nPage 7 of 90 - Supply Agreement - Execution Version\n{tail}")
    ((first, second),) = locate(LAW, folded)
    assert first[1] + second[1] == len(Folded.of(LAW).characters)
    assert second[0] - (first[0] + first[1]) == len(
        Folded.of("Page 7 of 90 - Supply Agreement - Execution Version").characters
    )


def test_locate_survives_misread_letters() -> None:
    misread = STAFF.replace("solicit", "so1icit").replace("Neither", "Ncither")
    (blocks,) = locate(STAFF, Folded.of(f"{CAP} {misread} {LAW}"))
    assert sum(length for _, length in blocks) >= 0.75 * len(Folded.of(STAFF).characters)


@pytest.mark.parametrize("quote", [STAFF, "", " .,; "], ids=["elsewhere", "empty", "signs only"])
def test_locate_finds_nothing(quote: str) -> None:
    assert locate(quote, Folded.of(f"{LAW} {CAP}")) == ()


def test_half_of_the_words_are_not_enough() -> None:
    other = "This Agreement is governed by whatever the managers of both companies like best at the time."
    assert (
        locate("This Agreement is governed by the laws of England and Wales alone.", Folded.of(other)) == ()
    )


def test_repeated_words_count_everywhere_unless_short() -> None:
    folded = Folded.of(f"{LAW} thirty days {CAP} thirty days {LAW}")
    assert len(locate(LAW, folded)) == 2
    with pytest.raises(AmbiguousQuote, match="2 places"):
        locate("thirty days", folded)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_in_a_text_is_found_there(before: str, quote: str, after: str) -> None:
    text = Folded.of(before + quote + after)
    wanted = Folded.of(quote).characters
    try:
        located = locate(quote, text)
    except AmbiguousQuote:
        assert text.characters.count(wanted) >= 1
        return
    assert bool(located) == bool(wanted)
    for ((start, length),) in located:
        assert text.characters[start : start + length] == wanted


@pytest.mark.parametrize(
    ("quote", "ordinals"),
    [
        ("State of Ruritania. The Supplier is liable for at most twice the fees", [1]),
        ("governed by the laws of the State of Ruritania. The Supplier", [0]),
        (f"{LAW} {CAP} {STAFF}", [2]),
        (LAW, [0]),
        ("laws of the", [0]),
    ],
    ids=["larger part behind", "larger part before", "over three, the longest", "whole chunk", "inside"],
)
def test_the_chunk_with_the_larger_part_is_right(quote: str, ordinals: list[int]) -> None:
    contract, chunks = make_contract("Supply", [LAW, CAP, STAFF])
    folded = Folded.of(contract.text)
    (blocks,) = locate(quote, folded)
    expected = frozenset(chunks[ordinal].chunk_id for ordinal in ordinals)
    assert chunks_holding(blocks, folded, chunks) == expected


def test_both_halves_of_an_evenly_cut_quote_are_right() -> None:
    contract, chunks = make_contract("Supply", ["alpha beta gamma delta", "delta gamma beta alpha"])
    folded = Folded.of(contract.text)
    (blocks,) = locate(contract.text, folded)
    assert chunks_holding(blocks, folded, chunks) == {chunk.chunk_id for chunk in chunks}


def test_words_outside_every_chunk_have_no_right_chunk() -> None:
    contract, chunks = make_contract("Supply", [LAW, CAP])
    folded = Folded.of(contract.text)
    (blocks,) = locate(CAP, folded)
    assert chunks_holding(blocks, folded, chunks[:1]) == frozenset()


# Question sets


def write_cuad(folder: Path, rows: Sequence[tuple[str, dict[str, list[str]]]], files: Sequence[str]) -> None:
    (folder / "pdf").mkdir()
    for name in files:
        (folder / "pdf" / name).write_bytes(name.encode())
    with (folder / "master_clauses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["Filename", *sorted(METADATA), *QUESTIONS])
        writer.writeheader()
        for name, spans in rows:
            empty = dict.fromkeys((*METADATA, *QUESTIONS), "[]")
            writer.writerow({"Filename": name, **empty, **{key: repr(one) for key, one in spans.items()}})


def test_cuad_makes_one_question_a_contract_and_category(tmp_path: Path) -> None:
    spans = {
        "Governing Law": [LAW],
        "Parties": ["Acme"],
        "Insurance": [f"{CAP} <omitted> and <omitted> {LAW}"],
    }
    write_cuad(
        tmp_path, [("A, Supply.PDF", spans), ("gone.pdf", {"Governing Law": [LAW]})], ["A, Supply.pdf"]
    )
    read = read_questions(tmp_path)
    assert read == read_cuad(tmp_path)
    assert [file.name for file in read.files] == ["A, Supply.pdf"]
    assert len(read.questions) == len(QUESTIONS) == 37
    answered = {one.category: one for one in read.questions if not one.silent}
    assert answered.keys() == {"Governing Law", "Insurance"}
    assert answered["Insurance"].quotes == (CAP, LAW)
    assert answered["Insurance"].scope == ("A, Supply.pdf",)
    assert answered["Insurance"].question == QUESTIONS["Insurance"]
    assert any("1 annotated contracts have no PDF" in note for note in read.notes)


@pytest.mark.parametrize(
    ("span", "pieces"),
    [
        (LAW, (LAW,)),
        (f"{LAW}<omitted>{CAP}", (LAW, CAP)),
        (f"{LAW}<omitted>(b)", (LAW,)),
        ("5 years", ("5 years",)),
        ("<omitted>", ()),
    ],
    ids=["whole", "two pieces", "a scrap is dropped", "short is kept when alone", "nothing"],
)
def test_pieces(span: str, pieces: tuple[str, ...]) -> None:
    assert pieces_of(span) == pieces


def test_cuad_rejects_other_tables(tmp_path: Path) -> None:
    (tmp_path / "pdf").mkdir()
    (tmp_path / "master_clauses.csv").write_text("Filename,Insurance\na.pdf,[]\n", encoding="utf-8")
    with pytest.raises(InvalidSettings, match="lacks Affiliate License"):
        read_cuad(tmp_path)


def test_cuad_rejects_a_cell_that_is_no_list(tmp_path: Path) -> None:
    write_cuad(tmp_path, [("a.pdf", {})], ["a.pdf"])
    table = tmp_path / "master_clauses.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("[]", "__import__('os')"), encoding="utf-8")
    with pytest.raises(InvalidSettings, match="no list of spans"):
        read_cuad(tmp_path)


def sample_line(**changes: object) -> str:
    fields: dict[str, object] = {"id": "q1", "question": "Which law?", "contracts": ["a.pdf"]}
    return json.dumps({**fields, "contract": "a.pdf", "page": 1, "quote": LAW, "note": "", **changes})


def test_samples_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"a")
    lines = [sample_line(), "", sample_line(id="q2", contract=None, quote=None, contracts=[])]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    answered, silent = read_questions(tmp_path).questions
    assert answered == LabelledQuestion("q1", "Which law?", "a.pdf", ("a.pdf",), "a.pdf", (LAW,))
    assert silent == LabelledQuestion("q2", "Which law?", "silent", ())
    assert silent.silent


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        (sample_line(contract="b.pdf"), "no such file: b.pdf"),
        (sample_line(contracts=["c.pdf"]), "no such file: c.pdf"),
        (sample_line(quote=None), "both be given or both be null"),
        (sample_line(question=" "), "question is empty"),
    ],
    ids=["no JSON", "no object", "unknown answer", "unknown scope", "half silent", "empty"],
)
def test_samples_reject(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "a.pdf").write_bytes(b"a")
    (tmp_path / "questions.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(InvalidSettings, match=reason):
        read_samples(tmp_path)


def test_two_files_of_one_name_are_rejected(tmp_path: Path) -> None:
    for name in ("a.pdf", "inner/a.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "questions.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InvalidSettings, match="same name"):
        read_samples(tmp_path)


def test_a_folder_without_questions_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="neither"):
        read_questions(tmp_path)


def test_the_command_rejects_a_folder_without_questions(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(evaluate)
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert isinstance(result.exception, InvalidSettings)
    assert str(tmp_path) in str(result.exception)


def test_the_sample_corpus_is_a_question_set() -> None:
    read = read_questions(SAMPLE_CORPUS)
    assert len(read.files) >= 15
    assert sum(not one.silent for one in read.questions) >= 50
    assert all(one.scope for one in read.questions if one.silent)


def many_questions() -> QuestionSet:
    files = tuple(Path(f"{name}.pdf") for name in "abcd")
    questions = [
        LabelledQuestion(f"{file.name}/{n}", "Why?", "c", (file.name,), file.name, ("x",) if n < 5 else ())
        for file in files
        for n in range(8)
    ]
    anywhere = LabelledQuestion("anywhere", "Why?", "c", (), "a.pdf", ("x",))
    return QuestionSet("many", files, (*questions, anywhere))


def test_a_sample_keeps_to_its_contracts_and_sizes() -> None:
    whole = many_questions()
    part = sample(whole, seed=1, contracts=2, answered=6, silent=3)
    assert len(part.files) == 2
    assert {name for one in part.questions for name in one.scope} == {file.name for file in part.files}
    assert sum(not one.silent for one in part.questions) == 6
    assert sum(one.silent for one in part.questions) == 3
    assert part == sample(whole, seed=1, contracts=2, answered=6, silent=3)
    assert part != sample(whole, seed=2, contracts=2, answered=6, silent=3)


def test_a_sample_of_everything_is_the_whole() -> None:
    whole = many_questions()
    assert sample(whole, seed=1) == whole
    assert sample(whole, seed=1, contracts=9, answered=99) == whole


# A whole run on fakes


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
    assert law == Task(supply_questions().questions[0], (contract_id,), frozenset({chunks[1].chunk_id}))
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


def make_outcome(
    question_id: str, reranked: str, right: str = "", hybrid: str = "", relevances: Sequence[float] = ()
) -> Outcome:
    question = LabelledQuestion(question_id, "Why?", "Law", (), "a.pdf" if right else "", tuple(right))
    ranked = {BM25: (), DENSE: (), HYBRID: tuple(hybrid or reranked), RERANKED: tuple(reranked)}
    seconds = {BM25: 0.1, DENSE: 0.2, "retrieve": 0.3, "rerank": 4.0}
    return Outcome(question, frozenset(right), ranked, tuple(relevances), seconds)


OUTCOMES = (
    make_outcome("up", "abc", "a", hybrid="cba", relevances=(0.9, 0.5, 0.1)),
    make_outcome("down", "abc", "c", hybrid="cba", relevances=(0.9, 0.5, 0.3)),
    make_outcome("same", "abc", "b", hybrid="cba", relevances=(0.6, 0.5, 0.1)),
    make_outcome("missed", "abc", "x", relevances=(0.4, 0.3, 0.2)),
    make_outcome("silent", "abc", relevances=(0.2, 0.1, 0.0)),
    make_outcome("noisy", "abc", relevances=(0.8, 0.1, 0.0)),
)


def test_quality_and_gain() -> None:
    rows = {row["system"]: row for row in summary.quality(OUTCOMES, keep=2, seed=0)}
    assert rows[RERANKED]["questions"] == 4
    assert rows[RERANKED]["hit@1"]["mean"] == 1 / 4
    assert rows[RERANKED]["hit@2"]["mean"] == 2 / 4
    assert rows[RERANKED]["MRR"]["mean"] == pytest.approx((1 + 1 / 3 + 1 / 2 + 0) / 4)
    assert rows[RERANKED]["found"]["mean"] == 3 / 4
    assert rows[BM25]["hit@2"]["mean"] == 0
    gain = summary.gain_of_reranking(OUTCOMES, keep=2, seed=0)
    assert gain["hit@1"]["mean"] == 0
    assert gain["hit@1"]["low"] < 0 < gain["hit@1"]["high"]


def test_categories_count_wins_and_losses() -> None:
    (row,) = summary.by_category(OUTCOMES, keep=2)
    assert row["category"] == "Law"
    assert (row["questions"], row["found_among_candidates"]) == (4, 3)
    assert (row["hit_hybrid"], row["hit_reranked"]) == (2, 2)
    assert (row["better"], row["worse"]) == (1, 1)


def test_minima_weigh_hits_against_false_evidence() -> None:
    nothing, strict = summary.minima(OUTCOMES, keep=2, values=(0.0, 0.5, 0.5))
    assert (nothing["hit"], nothing["false_evidence"]) == (2 / 4, 1.0)
    assert strict["minimum_relevance"] == 0.5
    assert (strict["hit"], strict["false_evidence"]) == (2 / 4, 1 / 2)
    assert (strict["passages"], strict["passages_silent"]) == ((2 + 2 + 2 + 0) / 4, (0 + 1) / 2)


def test_separation() -> None:
    found = summary.separation(OUTCOMES)
    # Best of the answered 0.9, 0.9, 0.6, 0.4; of the silent 0.2 and 0.8: 4 + 2 of 8 pairs in order.
    assert found["area_under_curve"] == 6 / 8
    assert found["best_relevance_silent_10_50_90"][1] == pytest.approx(0.5)
    assert summary.separation(OUTCOMES[:4]) == {}


def test_timings_and_details() -> None:
    assert summary.timings(OUTCOMES)["rerank"] == {"median": 4.0, "p90": 4.0}
    line = summary.details(OUTCOMES[1])
    assert line["ranks"][RERANKED] == 3
    assert line["right"] == ["c"]
    assert json.loads(json.dumps(line)) == line


def test_nothing_answered_gives_no_figures() -> None:
    assert summary.quality(OUTCOMES[4:], keep=2, seed=0) == []
    assert summary.gain_of_reranking(OUTCOMES[4:], keep=2, seed=0) == {}
    assert summary.minima(OUTCOMES[4:], keep=2)[0]["hit"] is None
    assert summary.timings([]) == {}


def test_a_whole_evaluation_is_json_and_tables(library: Library, tmp_path: Path) -> None:
    contract, _ = make_contract("Supply", [CAP, LAW, STAFF])
    for name, content in (("supply.pdf", f"Supply\n{contract.text}"), ("refused.pdf", "")):
        (tmp_path / name).write_bytes(content.encode())
    add_contract(library, "Supply", [CAP, LAW, STAFF])
    whole = supply_questions()
    questions = QuestionSet("supply", tuple(tmp_path / file.name for file in whole.files), whole.questions)
    steps: list[tuple[str, int, int]] = []
    models = Models(WordEncoder(), OverlapScorer())
    report = measure(questions, library, models, SETTINGS, 0, lambda *step: steps.append(step)).report
    assert steps == [("asking", 1, 3), ("asking", 2, 3), ("asking", 3, 3)]
    assert (report["questions"]["answered"], report["questions"]["silent"]) == (2, 1)
    assert report["quality"][3]["hit@2"]["mean"] == 1.0
    report["contracts"] = {"files": 2, "rejected": ["refused.pdf: empty"], "pages": 1, "chunks": 3}
    report["timings"]["indexing"] = 1.5
    report.update(describe_environment(SETTINGS))
    assert json.loads(json.dumps(report)) == report
    console = Console(record=True, width=160, file=StringIO())
    for table in draw(report):
        console.print(table)
    drawn = console.export_text()
    for words in ("hybrid + rerank", "refused.pdf: empty", "1 not found in the text", "Minimum relevance"):
        assert words in drawn


def test_the_environment_names_weights_and_machine() -> None:
    environment = describe_environment(Settings(reranker="somewhere/else"))
    assert len(environment["models"]["encoder"]["weights"]) == 64
    assert environment["models"]["reranker"] == {"name": "somewhere/else", "weights": ""}
    assert environment["machine"]["cores"] >= 1
    assert environment["versions"]["torch"]
