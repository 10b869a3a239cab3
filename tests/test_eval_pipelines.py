"""Pipelines beside each other: what is asked again, what is charged, and what the table says of it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.eval_pipelines import chosen_recipes, wanted_folders
from cli.main import app
from core.answering.chat import ChatDelta, Message
from core.answering.tool_calls import Tool, ToolCall, ToolModel, ToolTurn
from core.audit.log import AuditLog
from core.audit.trail import AuditPolicy
from core.errors import AuditUnavailable, ChatUnavailable, InvalidSettings, StoreUnavailable
from core.inference.protocols import PairScores, Progress, ignore_progress
from core.models import load_encoder
from core.pipeline.recipe_file import default_recipe, read_recipes
from core.pipeline.records import Recipe
from core.settings import Settings
from core.storage.library import Library
from core.storage.snapshot import version_of
from evals.environment import describe_environment
from evals.evaluate import labelled
from evals.labels import Task
from evals.measures import Interval
from evals.multi_hop import SECTION, read_multi_hop
from evals.pipelines.compare import Models, compare
from evals.pipelines.conclusions import conclusions, failures
from evals.pipelines.drawing import draw, to_markdown
from evals.pipelines.figures import cost, group_figures, shares
from evals.pipelines.files import load, pipelines_directory, save, to_json
from evals.pipelines.identity import code_digest, outcome_digest
from evals.pipelines.material import Kind, TaskGroup, Wanted, read_wanted
from evals.pipelines.outcomes import Bench, OutcomeFile, PipelineOutcome, ask, question_key
from evals.pipelines.pair_store import Meter, PairStore, StoredReader, StoredScore
from evals.pipelines.records import PipelineReport, Verdict, verdict_of
from evals.pipelines.tables import overview
from evals.pipelines.watched_chat import WatchedChat, watched
from evals.questions import LabelledQuestion, QuestionSet, Quoted
from evals.report_files import UnreadableReport, library_directory, saved_reports
from ingest.derive import DERIVATIONS
from ingest.open_library import open_library
from tests.evals_kit import CAP, LAW, STAFF
from tests.fakes import OverlapScorer, WordEncoder, add_contract, make_contract, open_test_library
from tests.pages_kit import make_trail
from tests.pipelines_kit import GROUPS, HIGHER, LOWER, UNSURE, make_comparison
from tests.test_evals_acord import TRAIN, VALID, write_acord

SETTINGS = Settings(candidates=20, keep=2)
RECIPES = read_recipes()


def bench(settings: Settings = SETTINGS) -> Bench:
    return Bench(WordEncoder(), OverlapScorer(), Meter(), settings)


# The memory of pairs


class LengthReader:
    """The logit is the length of the passage; what was read is recorded."""

    def __init__(self) -> None:
        self.read_now: list[str] = []

    def read(self, question: str, passages: Sequence[str], on_progress: Progress) -> PairScores:  # noqa: ARG002
        self.read_now += passages
        return PairScores(
            np.asarray([float(len(one)) for one in passages]), np.asarray([one == "cut" for one in passages])
        )


def test_a_pair_is_read_once_whoever_asks_and_charged_every_time(tmp_path: Path) -> None:
    reader, meter = LengthReader(), Meter()
    store = PairStore(tmp_path / "new" / "scores.sqlite3")
    stored = StoredReader(reader, "weights/f32", store, meter)
    first = stored.read("q", ["four", "cut", "four"], ignore_progress)
    assert (first.logits.tolist(), first.truncated.tolist()) == ([4.0, 3.0, 4.0], [False, True, False])
    assert reader.read_now == ["four", "cut"]
    paid = meter.take()
    assert paid > 0
    store.close()
    again = StoredReader(reader, "weights/f32", PairStore(tmp_path / "new" / "scores.sqlite3"), meter)
    assert again.read("q", ["cut", "four"], ignore_progress).logits.tolist() == [3.0, 4.0]
    assert reader.read_now == ["four", "cut"]
    assert meter.take() == pytest.approx(paid)
    assert meter.take() == 0


@pytest.mark.parametrize(
    ("name", "question"), [("other/f32", "q"), ("weights/f32", "another")], ids=["weights", "question"]
)
def test_other_weights_and_other_questions_are_read_anew(tmp_path: Path, name: str, question: str) -> None:
    store, reader = PairStore(tmp_path / "scores.sqlite3"), LengthReader()
    StoredReader(reader, "weights/f32", store, Meter()).read("q", ["four"], ignore_progress)
    StoredReader(reader, name, store, Meter()).read(question, ["four"], ignore_progress)
    assert reader.read_now == ["four", "four"]


def test_more_pairs_than_one_statement_takes_are_found(tmp_path: Path) -> None:
    store = PairStore(tmp_path / "scores.sqlite3")
    many = {number.to_bytes(4): StoredScore(float(number), False, 0.5) for number in range(1201)}
    store.put("reader", many)
    assert store.find("reader", list(many)) == many
    assert store.find("another", list(many)) == {}


def test_a_damaged_memory_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "scores.sqlite3").write_bytes(b"no database " * 400)
    with pytest.raises(StoreUnavailable, match="Delete it"):
        PairStore(tmp_path / "scores.sqlite3")


# Asking


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return open_test_library(tmp_path / "library")


def law_question(**changes: object) -> LabelledQuestion:
    question = LabelledQuestion(
        "law", "Which laws govern, and may a party hire employees?", "compound", (), "supply.pdf", (LAW,)
    )
    return replace(question, **changes)  # type: ignore[arg-type]


@pytest.fixture
def both(library: Library, tmp_path: Path) -> QuestionSet:
    """A question that needs two passages, and the contract that holds them."""
    contract, _ = make_contract("Supply", [CAP, LAW, STAFF])
    (tmp_path / "supply.pdf").write_bytes(f"Supply\n{contract.text}".encode())
    add_contract(library, "Supply", [CAP, LAW, STAFF])
    question = law_question(also=(Quoted("supply.pdf", STAFF),), together=True, section=SECTION)
    return QuestionSet("corpus", (tmp_path / "supply.pdf",), (question,))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_is_asked_as_the_product_asks_it(library: Library, both: QuestionSet, name: str) -> None:
    labels, snapshot = labelled(both, library)
    (task,) = labels.tasks
    chunks = library.catalogue.chunks_of(next(iter(snapshot.titles)))
    assert task.needed == (frozenset({chunks[1].chunk_id}), frozenset({chunks[2].chunk_id}))
    outcome = ask(task, RECIPES[name], snapshot, bench())
    assert outcome.question == question_key(task)
    assert sorted(outcome.order) == list(range(len(outcome.candidates)))
    # Four words of the question stand in the clause on staff, two in the one on law, none in the third.
    assert outcome.kept_ids == (chunks[2].chunk_id, chunks[1].chunk_id)
    assert outcome.reranked[: outcome.kept] == outcome.kept_ids
    assert outcome.first_stage > 0
    assert (outcome.calls, outcome.tokens, outcome.failed) == (0, 0, 0)


def an_outcome(candidates: str, order: Sequence[int], **changes: object) -> PipelineOutcome:
    outcome = PipelineOutcome("q", tuple(candidates), tuple(order), min(2, len(order)), 0.5, 1.5)
    return replace(outcome, **changes)  # type: ignore[arg-type]


def test_outcomes_are_kept_for_the_next_run_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    task = Task(law_question(), ("c1",), frozenset("a"))
    outcome = an_outcome("abc", (2, 0, 1), question=question_key(task))
    path = tmp_path / "outcomes" / "hybrid.jsonl"
    OutcomeFile(path).add(an_outcome("xyz", (0, 1, 2)))
    path.write_bytes(path.read_bytes()[:-9])
    OutcomeFile(path).add(outcome)
    found = OutcomeFile(path)
    assert found.get(task) == outcome
    assert found.get(replace(task, contract_ids=())) is None
    assert found.get(replace(task, question=law_question(question="Another?"))) is None
    assert found.get(Task(law_question(question="q"), (), frozenset())) is None


def test_what_the_service_failed_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    task = Task(law_question(), (), frozenset("a"))
    path = tmp_path / "hybrid.jsonl"
    file = OutcomeFile(path)
    file.add(an_outcome("abc", (0, 1, 2), question=question_key(task), failed=1))
    assert file.get(task) is not None
    assert OutcomeFile(path).get(task) is None


class Mute:
    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:  # noqa: ARG002
        yield ChatDelta("half")
        raise ChatUnavailable("The service", "is away.", "Wait.")


def test_failures_of_the_service_are_counted() -> None:
    told: list[str] = []
    chat = watched(Mute(), lambda: told.append("before"))
    assert told == []
    for _ in range(2):
        with pytest.raises(ChatUnavailable):
            list(chat.stream((Message("user", "?"),)))
    assert (chat.failed, told) == (2, ["before"])


class Planner(Mute):
    def call_tools(
        self,
        messages: tuple[Message, ...],  # noqa: ARG002
        turns: tuple[ToolTurn, ...],
        tools: tuple[Tool, ...],  # noqa: ARG002
        seconds: float,  # noqa: ARG002
    ) -> tuple[ToolCall, ...]:
        if turns:
            raise ChatUnavailable("The service", "takes no tools.", "Go on without.")
        return (ToolCall("1", "search", "{}"),)


def test_a_service_that_calls_tools_still_does_while_it_is_watched() -> None:
    told: list[str] = []
    service: object = watched(Planner(), lambda: told.append("before"))
    assert isinstance(service, ToolModel)
    assert isinstance(service, WatchedChat)
    calls = service.call_tools((), (), (), 1.0)
    assert (calls, told, service.failed) == ((ToolCall("1", "search", "{}"),), ["before"], 0)
    with pytest.raises(ChatUnavailable):
        service.call_tools((), (ToolTurn((), ()),), (), 1.0)
    assert (told, service.failed) == (["before"], 1)
    plain: object = watched(Mute(), lambda: None)
    assert not isinstance(plain, ToolModel)


class Unreachable:
    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:
        raise AssertionError(f"sent: {messages}")


def test_what_cannot_be_logged_is_not_sent() -> None:
    def full() -> None:
        raise AuditUnavailable("The audit log", "is full.", "Make room.")

    with pytest.raises(AuditUnavailable):
        list(watched(Unreachable(), full).stream((Message("user", "?"),)))


def test_a_question_that_is_measured_is_in_the_audit_log_without_its_words_where_those_are_kept_out(
    tmp_path: Path,
) -> None:
    make_trail(tmp_path).evaluated("ann", "Which laws?")
    make_trail(tmp_path, AuditPolicy(questions=False)).evaluated("ann", "Which laws?")
    first, second = (json.loads(row.entry) for row in AuditLog(tmp_path / "audit.sqlite3").rows())
    assert first["action"] == "question of an evaluation sent"
    assert (first["question"], second.get("question")) == ("Which laws?", None)
    assert first["question_sha256"] == second["question_sha256"]


def test_outcomes_rest_on_recipe_index_models_limits_and_service() -> None:
    environment = describe_environment(SETTINGS, "openvino", "openvino")
    whole = outcome_digest(default_recipe(), "index", environment, SETTINGS)
    others = (
        outcome_digest(RECIPES["naive"], "index", environment, SETTINGS),
        outcome_digest(default_recipe(), "another", environment, SETTINGS),
        outcome_digest(default_recipe(), "index", replace(environment, keep=9), SETTINGS),
        outcome_digest(
            default_recipe(), "index", environment, SETTINGS.model_copy(update={"chat_model": "stub"})
        ),
        outcome_digest(
            replace(default_recipe(), fusion=replace(default_recipe().fusion, options={"k": 7})),
            "index",
            environment,
            SETTINGS,
        ),
    )
    assert len({whole, *others}) == 6
    assert whole == outcome_digest(default_recipe(), "index", environment, SETTINGS)
    assert len(code_digest()) == 64


# Figures


def tasks(kind: Kind) -> TaskGroup:
    """Two questions: the first needs a or b, and c; the second needs d."""
    needed = ((frozenset("ab"), frozenset("c")), (frozenset("d"),))
    return TaskGroup(
        "group",
        kind,
        tuple(
            Task(
                law_question(question=f"{one}?", category=category),
                (),
                frozenset().union(*one),
                {"a": 4, "c": 2} if kind is Kind.GRADED else {},
                one,
            )
            for one, category in zip(needed, ("multi-hop", "compound"), strict=True)
        ),
    )


def outcomes_of(*orders: str) -> list[PipelineOutcome]:
    """Outcomes with candidates xabcd (fused in that order) and these orders after reranking."""
    return [an_outcome("xabcd", tuple("xabcd".index(one) for one in order)) for order in orders]


def test_needed_passages_are_counted_among_the_kept_and_the_candidates() -> None:
    given = {"hybrid": outcomes_of("caxbd", "xabcd"), "graph": outcomes_of("xacbd", "dxabc")}
    whole, *kinds = group_figures(tasks(Kind.TOGETHER), given, "hybrid", keep=2, seed=0)
    hybrid, graph = whole.of("hybrid"), whole.of("graph")
    # Kept: c and a (both needed), x and a (of d nothing); with the graph x and a (one of two), d and x.
    assert hybrid.measures["needed@2"].mean == (1 + 0) / 2
    assert graph.measures["needed@2"].mean == (1 / 2 + 1) / 2
    assert hybrid.measures["all needed@2"].mean == (1 + 0) / 2
    assert graph.measures["all needed@2"].mean == (0 + 1) / 2
    # Without the reranker x and a are first in both.
    assert hybrid.unranked["needed@2"].mean == graph.unranked["needed@2"].mean == (1 / 2 + 0) / 2
    assert graph.reranking["needed@2"].mean == (0 + 1) / 2
    assert hybrid.measures["needed in candidates"].mean == 1
    assert hybrid.measures["MRR"].mean == (1 + 1 / 5) / 2
    assert graph.difference["needed@2"].mean == (-1 / 2 + 1) / 2
    assert (hybrid.difference, hybrid.same, graph.same) == ({}, 1.0, 1.0)
    assert (whole.headline, whole.questions) == ("needed@2", 2)
    assert [(kind.name, kind.questions, kind.part_of) for kind in kinds] == [
        ("multi-hop", 1, "group"),
        ("compound", 1, "group"),
    ]
    assert kinds[1].of("graph").difference["needed@2"].mean == 1


def test_any_right_passage_is_a_hit_and_other_candidates_are_counted() -> None:
    given = {
        "hybrid": outcomes_of("caxbd", "xabcd"),
        "lexical": [*outcomes_of("caxbd"), an_outcome("xyz", (0, 1, 2))],
    }
    (whole,) = group_figures(tasks(Kind.ANY), given, "hybrid", keep=2, seed=0)
    assert whole.headline == "hit@2"
    assert whole.of("hybrid").measures["hit@1"].mean == 1 / 2
    assert whole.of("hybrid").unranked["hit@1"].mean == 0
    assert whole.of("hybrid").measures["in candidates"].mean == 1
    assert whole.of("lexical").measures["in candidates"].mean == 1 / 2
    assert whole.of("lexical").same == 1 / 2


def test_graded_clauses_are_measured_by_their_grades() -> None:
    given = {"hybrid": outcomes_of("acxbd", "acxbd")}
    (whole,) = group_figures(tasks(Kind.GRADED), given, "hybrid", keep=2, seed=0)
    assert whole.headline == "nDCG@10"
    assert whole.of("hybrid").measures["nDCG@5"].mean == pytest.approx(1.0)
    assert whole.of("hybrid").unranked["nDCG@5"].mean < 1


@pytest.mark.parametrize(
    ("given", "share"),
    [("", 0), ("b", 1 / 2), ("ab", 1 / 2), ("bc", 1), ("xyc", 1 / 2)],
    ids=lambda one: str(one),
)
def test_a_passage_in_two_chunks_is_held_by_either(given: str, share: float) -> None:
    assert shares((frozenset("ab"), frozenset("c")), tuple(given)) == share


def test_what_a_pipeline_takes_is_over_all_its_questions() -> None:
    found = cost(
        "graph",
        [
            an_outcome("ab", (0, 1), first_stage=0.0, reranking=1.0, calls=2, tokens=100, failed=3),
            an_outcome("ab", (0, 1), first_stage=1.0, reranking=2.0),
        ],
    )
    assert (found.first_stage.median, found.whole.median) == (0.5, 2.0)
    assert found.whole.p95 == pytest.approx(1 + 0.95 * 2)
    assert (found.calls, found.tokens, found.failed) == (1.0, 50.0, 1)


# What it says


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        (HIGHER, Verdict.BETTER),
        (LOWER, Verdict.WORSE),
        (UNSURE, Verdict.SAME),
        (Interval(0.1, 0.0, 0.2), Verdict.SAME),
        (Interval(0.0, 0.0, 0.0), Verdict.SAME),
    ],
    ids=["above", "below", "around", "touches zero", "no difference at all"],
)
def test_only_a_whole_interval_is_a_verdict(difference: Interval, verdict: Verdict) -> None:
    assert verdict_of(difference) is verdict


def test_what_does_not_help_says_so() -> None:
    naive, graph, reranker = conclusions(make_comparison())
    assert naive == "naive does not help against hybrid: no different on several; worse on corpus (-0.250)."
    assert graph == "graph against hybrid: better on several (+0.250); no different on corpus."
    assert reranker == (
        "The reranker against the order of hybrid without it: better on corpus (+0.250), several (+0.250)."
    )
    found = replace(GROUPS[1].figures[1], difference={"hit@5": UNSURE, "in candidates": HIGHER})
    wider = replace(GROUPS[1], figures=(GROUPS[1].figures[0], found, GROUPS[1].figures[2]))
    assert conclusions(make_comparison((GROUPS[0], wider)))[0] == (
        "naive does not help against hybrid: no different on several; worse on corpus (-0.250);"
        " its candidates hold more on several (+0.250)."
    )
    alike = replace(GROUPS[1], figures=tuple(replace(one, same=1.0) for one in GROUPS[1].figures))
    naive, graph, _ = conclusions(make_comparison((alike,)))
    assert "no different on several (the same candidates)" in naive
    assert "better on several (+0.250)" in graph
    assert conclusions(make_comparison(())) == ()
    assert list(failures(make_comparison())) == []
    assert "took no tools, in 3 questions" in next(failures(make_comparison(failed=3)))


def test_the_overview_has_a_row_a_pipeline_and_whole_groups_only() -> None:
    grid = overview(make_comparison())
    assert grid.columns[:5] == (
        "Pipeline",
        "corpus: hit@5",
        "without the reranker",
        "several: hit@5",
        "without the reranker",
    )
    assert grid.rows[2] == (
        "graph",
        "0.500 no different",
        "0.250",
        "0.500 better +0.250",
        "0.250",
        "0.02, 0.05",
        "1.50, 2.50",
        "1.5",
        "1,234",
    )


def test_the_same_tables_on_the_screen_and_as_markdown() -> None:
    report = make_comparison((replace(GROUPS[0], name="a|b <i>"), *GROUPS[1:]))
    console = Console(record=True, width=300, file=StringIO())
    for part in draw(report):
        console.print(part)
    shown, written = console.export_text(), to_markdown(report)
    for words in ("several, hit@5 by kind", "does not help against hybrid", "models.example", "A note."):
        assert words in shown
        assert words in written
    assert "a|b <i>" in shown
    assert r"a\|b &lt;i>" in written
    assert "| graph | 0.500 no different | 0.250 | 0.500 better +0.250 |" in written


def test_a_comparison_is_read_back_and_a_damaged_one_is_said_to_be(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    path = save(make_comparison(), pipelines_directory(settings))
    assert load(path) == make_comparison()
    assert saved_reports(pipelines_directory(settings)) == (path,)
    assert json.loads(to_json(make_comparison()))["endpoint"] == "models.example"
    path.write_bytes(b"{")
    with pytest.raises(UnreadableReport, match="is no comparison"):
        load(path)
    path.write_bytes(to_json(replace(make_comparison(), format=99)))
    with pytest.raises(UnreadableReport, match="format 99"):
        load(path)


# Questions and folders


def test_questions_that_need_several_passages_are_asked_of_the_whole_corpus(tmp_path: Path) -> None:
    line = {
        "id": "m1",
        "kind": "comparative",
        "question": "Which is longer?",
        "contracts": ["a.pdf", "b.pdf"],
        "passages": [
            {"contract": "a.pdf", "page": 1, "quote": "A"},
            {"contract": "b.pdf", "page": 2, "quote": "B"},
        ],
        "note": "",
    }
    (tmp_path / "multi_hop.jsonl").write_text(json.dumps(line), encoding="utf-8")
    (question,) = read_multi_hop(tmp_path, {"a.pdf", "b.pdf"})
    assert question == LabelledQuestion(
        "m1", "Which is longer?", "comparative", (), "a.pdf", ("A",), SECTION, (Quoted("b.pdf", "B"),), True
    )
    assert read_multi_hop(tmp_path / "elsewhere", ()) == ()
    with pytest.raises(InvalidSettings, match=r"line 1: .*no such file: b\.pdf"):
        read_multi_hop(tmp_path, {"a.pdf"})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line | {"passages": line["passages"][:1]},
        lambda line: line | {"question": " "},
        lambda line: {key: value for key, value in line.items() if key != "kind"},
        lambda line: line | {"passages": ["words"]},
    ],
    ids=["one passage", "no question", "no kind", "no quote"],
)
def test_a_line_that_is_no_such_question_is_named(
    tmp_path: Path, spoil: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    passage = {"contract": "a.pdf", "quote": "A"}
    line: dict[str, object] = {
        "id": "m1",
        "kind": "compound",
        "question": "Which?",
        "passages": [passage, passage],
    }
    (tmp_path / "multi_hop.jsonl").write_text(json.dumps(spoil(line)), encoding="utf-8")
    with pytest.raises(InvalidSettings, match=r"multi_hop\.jsonl, line 1"):
        read_multi_hop(tmp_path, {"a.pdf"})


def test_the_sample_corpus_is_asked_both_sets_in_full_or_in_part() -> None:
    corpus = Path(__file__).resolve().parent.parent / "sample_corpus"
    whole, part = (read_wanted(Wanted(corpus, questions=some), 3) for some in (None, 5))
    assert isinstance(whole, QuestionSet)
    assert isinstance(part, QuestionSet)
    assert sum(one.together for one in whole.questions) == 85
    assert not any(one.silent for one in whole.questions)
    assert [one.together for one in part.questions] == [False] * 5 + [True] * 5
    assert read_wanted(Wanted(corpus, questions=5), 3) == part
    assert read_wanted(Wanted(corpus, questions=5), 4) != part


def test_each_folder_has_its_own_part(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    first, second = wanted_folders([one, two], ["tune", "valid"], 9, 4)
    assert (first, second) == (Wanted(one, "tune", 9, 4), Wanted(two, "valid", 9, 4))
    assert [want.part for want in wanted_folders([one, two], [], None, None)] == [None] * 2
    with pytest.raises(InvalidSettings, match="1 parts do not go with 2 folders"):
        wanted_folders([one, two], ["tune"], None, None)


def test_the_baseline_is_always_among_the_pipelines(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert [one.name for one in chosen_recipes("naive, lexical,naive", settings)] == [
        "hybrid",
        "naive",
        "lexical",
    ]
    assert {one.name for one in chosen_recipes("all", settings)} == set(RECIPES)
    with pytest.raises(InvalidSettings, match="'nothing'"):
        chosen_recipes("naive,nothing", settings)


# The whole, on loose clauses


def loose(tmp_path: Path) -> tuple[Settings, Wanted, Models]:
    settings = Settings(data_dir=tmp_path / "data", candidates=20, keep=2)
    folder = tmp_path / "acord"
    folder.mkdir()
    write_acord(folder, train=TRAIN, valid=VALID)
    environment = describe_environment(settings, "fake", "fake")
    return settings, Wanted(folder), Models(WordEncoder(), OverlapScorer(), Meter(), environment)


class Once:
    """A scorer that must not be asked a second time."""

    def score_pairs(self, *_: object, **__: object) -> PairScores:
        raise AssertionError("asked again")


def run(
    settings: Settings, wanted: Wanted, models: Models, steps: list[tuple[str, int, int]]
) -> PipelineReport:
    recipes: list[Recipe] = [RECIPES[name] for name in sorted(RECIPES)]
    return compare([wanted], recipes, settings, models, 0, lambda *step: steps.append(step))


def test_a_whole_comparison_is_done_once_and_says_what_loose_clauses_lack(tmp_path: Path) -> None:
    settings, wanted, models = loose(tmp_path)
    steps: list[tuple[str, int, int]] = []
    report = run(settings, wanted, models, steps)
    assert [group.name for group in report.groups] == ["acord: train", "acord: valid"]
    assert steps[-1] == ("acord: valid", len(RECIPES), len(RECIPES))
    assert [used.name for used in report.pipelines] == sorted(RECIPES)
    assert (report.endpoint, report.seed) == ("", 0)
    assert any("Loose clauses have no contracts" in note for note in report.notes)
    assert any("acord: valid: fewer than 30 questions (1)" in note for note in report.notes)
    again = run(settings, wanted, replace(models, scorer=Once()), steps)
    assert (again.groups, again.costs) == (report.groups, report.costs)


def test_without_the_baseline_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    settings, wanted, models = loose(tmp_path)
    with pytest.raises(ValueError, match="hybrid is not among"):
        compare([wanted], [RECIPES["naive"]], settings, models, 0, lambda *_: None)


def test_another_index_is_another_index(library: Library) -> None:
    supply = add_contract(library, "Supply", [CAP])
    before = library.derived.digest([supply])
    library.derived.put(supply, "graph", "1", b"edges")
    after = library.derived.digest([supply])
    assert before != after
    assert library.derived.digest([supply]) == after
    library.derived.put(supply, "graph", "1", b"other")
    assert library.derived.digest([supply]) not in (before, after)


class Counting:
    """A service that answers every request with the same words."""

    def __init__(self) -> None:
        self.asked = 0

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:  # noqa: ARG002
        self.asked += 1
        yield ChatDelta("cap on liability", "stop")


def test_calls_of_the_service_are_in_the_table_and_no_question_is_sent_that_was_not_told(
    tmp_path: Path,
) -> None:
    settings, wanted, models = loose(tmp_path)
    service, told = Counting(), list[str]()
    recipes = [RECIPES[name] for name in ("hybrid", "rewrite", "hyde")]
    report = compare([wanted], recipes, settings, models, 0, lambda *_: None, service, told.append)
    calls = {one.pipeline: one.calls for one in report.costs}
    assert calls["hybrid"] == 0
    assert calls["rewrite"] >= 1
    assert calls["hyde"] >= 1
    assert sum(calls.values()) * 2 == service.asked
    assert set(told) == {'"cap" on liability', "fraud"}
    tokens = {one.pipeline: one.tokens for one in report.costs}
    assert (tokens["hybrid"], tokens["rewrite"] > 0) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--pipelines", "magic"], "'magic'"),
        (["--pipelines", "naive", "--labels"], "goes with no --labels"),
        (["--pipelines", "naive", "--part", "tune"], "1 parts do not go with 0 folders"),
        (["one", "two"], "go with --pipelines alone"),
        (["--markdown", "table.md"], "go with --pipelines alone"),
        (["--whole-sample"], "go with --pipelines alone"),
    ],
    ids=[
        "no such pipeline",
        "judgements",
        "a part of nothing",
        "two folders",
        "Markdown",
        "the whole sample",
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_read(
    tmp_path: Path, arguments: list[str], reason: str
) -> None:
    result = CliRunner().invoke(app, ["eval", "--data-dir", str(tmp_path / "data"), *arguments])
    assert isinstance(result.exception, InvalidSettings)
    assert reason in str(result.exception)
    assert not (tmp_path / "data").exists()


def test_a_folder_is_indexed_with_everything_that_modules_need_and_both_sets_are_asked(
    tmp_path: Path,
) -> None:
    settings = Settings(data_dir=tmp_path / "data", candidates=20, keep=2)
    corpus, name = Path(__file__).resolve().parent.parent / "sample_corpus", "meridian_mutual_nda.pdf"
    folder = tmp_path / "firm"
    folder.mkdir()
    (folder / name).write_bytes((corpus / name).read_bytes())
    for file, own in (("questions.jsonl", "contract"), ("multi_hop.jsonl", "passages")):
        lines = [json.loads(line) for line in (corpus / file).read_text("utf-8").splitlines()]
        ours = [line for line in lines if {name} == {one["contract"] for one in line.get("passages", [line])}]
        assert ours[0][own]
        (folder / file).write_text(json.dumps(ours[0]), encoding="utf-8")
    encoder = load_encoder(settings.encoder, settings)
    models = Models(encoder, OverlapScorer(), Meter(), describe_environment(settings))
    steps: list[str] = []
    report = compare(
        [Wanted(folder)], list(RECIPES.values()), settings, models, 0, lambda step, *_: steps.append(step)
    )
    assert [(group.name, group.questions) for group in report.groups] == [
        ("firm", 1),
        ("firm: several passages needed", 1),
    ]
    own_data = settings.model_copy(update={"data_dir": library_directory(settings, folder)})
    with open_library(own_data, "a test") as opened:
        kinds = {one.kind: version_of(one.version, opened.fingerprint) for one in DERIVATIONS}
        assert kinds
        assert all(opened.derived.due(kind, version) == () for kind, version in kinds.items())
        assert len(opened.catalogue.ready_titles()) == 1
    assert list(dict.fromkeys(steps)) == ["indexing", "firm", "firm: several passages needed"]
    assert any("asked of the whole corpus" in note for note in report.notes)
