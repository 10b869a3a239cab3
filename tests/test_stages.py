"""Stages 1 and 2: what is proposed, what is kept, and the seal around the evidence."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.ask import find_evidence
from core.records import Candidate, Evidence, Hit, Inquiry, Passage, ScoredBy, Verdict
from core.stage2_rerank import rerank, select_evidence
from tests.fakes import OverlapScorer, TableScorer, WordEncoder, add_contract, make_chunk, open_test_library

ROOT = Path(__file__).parent.parent


def candidates(*texts: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(make_chunk(text, ordinal), "Contract", Hit("x", 1, 0.5), None, ordinal + 1, 0.01)
        for ordinal, text in enumerate(texts)
    )


def test_the_best_are_kept_and_the_others_say_why_not() -> None:
    scorer = TableScorer({"a": 0.0, "b": 3.0, "c": -8.0, "d": 1.0})
    inquiry = Inquiry("q", keep=2, minimum_relevance=0.01)
    ranking = rerank(inquiry, candidates("a", "b", "c", "d"), scorer)
    assert [(one.candidate.chunk.text, one.rank) for one in ranking.kept] == [("b", 1), ("d", 2)]
    assert [(one.candidate.chunk.text, one.verdict) for one in ranking.discarded] == [
        ("a", Verdict.BEYOND_KEEP),
        ("c", Verdict.BELOW_MINIMUM),
    ]
    assert ranking.kept[0].relevance == pytest.approx(1 / (1 + 2.718281828**-3.0))
    assert [one.rank for one in ranking.all] == [1, 2, 3, 4]


def test_the_context_line_is_scored_but_not_shown() -> None:
    chunk = make_chunk("body", context="Title > 1 Heading")
    ranking = rerank(
        Inquiry("q"),
        (replace(candidates("x")[0], chunk=chunk),),
        TableScorer({"Title > 1 Heading\nbody": 2.0}),
    )
    assert ranking.kept[0].logit == 2.0
    assert select_evidence(Inquiry("q"), ranking).passages[0].text == "body"


def test_ties_are_broken_by_chunk_id_and_truncation_is_told() -> None:
    scorer = TableScorer({"a": 1.0, "b": 1.0}, truncated=frozenset({"b"}))
    ranking = rerank(Inquiry("q"), tuple(reversed(candidates("a", "b"))), scorer)
    assert [one.candidate.chunk.text for one in ranking.kept] == ["a", "b"]
    assert [one.truncated for one in ranking.kept] == [False, True]


def test_what_the_first_look_alone_has_scored_ranks_below_all_else_and_says_so() -> None:
    scorer = TableScorer({"a": 1.0, "b": 3.0, "c": -2.0, "d": 2.0}, first_look=frozenset({"b", "d"}))
    ranking = rerank(Inquiry("q", keep=2), candidates("a", "b", "c", "d"), scorer)
    assert [(one.candidate.chunk.text, one.rank, one.scored_by) for one in ranking.all] == [
        ("a", 1, ScoredBy.CROSS_ENCODER),
        ("c", 2, ScoredBy.CROSS_ENCODER),
        ("b", 3, ScoredBy.FIRST_LOOK),
        ("d", 4, ScoredBy.FIRST_LOOK),
    ]
    assert [one.candidate.chunk.text for one in ranking.kept] == ["a", "c"]
    assert ranking.discarded[0].logit == 3.0


def test_saturated_relevance_still_ranks_by_logit() -> None:
    ranking = rerank(Inquiry("q"), candidates("a", "b"), TableScorer({"a": 50.0, "b": 60.0}))
    assert [one.candidate.chunk.text for one in ranking.kept] == ["b", "a"]


def test_nothing_above_the_minimum_leaves_no_evidence() -> None:
    inquiry = Inquiry("q", minimum_relevance=0.5)
    ranking = rerank(inquiry, candidates("a"), TableScorer({"a": -1.0}))
    assert ranking.kept == ()
    assert select_evidence(inquiry, ranking).passages == ()


@settings(deadline=None)
@given(st.lists(st.floats(-20, 20), max_size=30), st.integers(1, 20), st.floats(0, 1))
def test_kept_and_discarded_are_all_candidates_and_evidence_is_what_was_kept(
    logits: list[float], keep: int, minimum: float
) -> None:
    texts = [f"text {number}" for number in range(len(logits))]
    inquiry = Inquiry("q", keep=keep, minimum_relevance=minimum)
    ranking = rerank(inquiry, candidates(*texts), TableScorer(dict(zip(texts, logits, strict=True))))
    assert sorted(one.candidate.chunk.text for one in ranking.all) == sorted(texts)
    assert [one.rank for one in ranking.all] == list(range(1, len(texts) + 1))
    assert all(one.relevance >= minimum for one in ranking.kept)
    evidence = select_evidence(inquiry, ranking)
    assert [passage.text for passage in evidence.passages] == [
        one.candidate.chunk.text for one in ranking.kept
    ]
    assert len(evidence.passages) <= keep


@pytest.mark.parametrize(
    ("keep", "numbers", "chunk_ids", "reason"),
    [
        pytest.param(1, [1, 2], ["a", "b"], "more than the 1 kept", id="too many"),
        pytest.param(5, [1, 3], ["a", "b"], "without gaps", id="gap"),
        pytest.param(5, [0], ["a"], "from 1", id="from zero"),
        pytest.param(5, [1, 2], ["a", "a"], "twice", id="same chunk twice"),
    ],
)
def test_evidence_refuses_what_no_reranking_gives(
    keep: int, numbers: list[int], chunk_ids: list[str], reason: str
) -> None:
    passages = tuple(
        Passage(number, chunk_id, "c", "Title", "", 1, 1, "text", 0.5)
        for number, chunk_id in zip(numbers, chunk_ids, strict=True)
    )
    with pytest.raises(ValueError, match=reason):
        Evidence("q", keep, passages)


def sources() -> list[Path]:
    folders = ("core", "ingest", "cli", "pages", "evals")
    return [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]


def calls(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }


def imports(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return modules


def test_only_the_reranking_stage_builds_evidence() -> None:
    builders = {path.relative_to(ROOT).as_posix() for path in sources() if "Evidence" in calls(path)}
    assert builders == {"core/stage2_rerank.py"}


def test_what_answers_imports_no_retriever_and_no_store() -> None:
    answering = [
        ROOT / "core/stage3_answer.py",
        ROOT / "core/background_answer.py",
        ROOT / "core/limited_body.py",
        ROOT / "core/web_address.py",
        *(ROOT / "core/answering").glob("*.py"),
    ]
    assert len(answering) > 5
    names = "answering errors limited_body models records redact stage3_answer storage.tokens web_address"
    permitted = tuple(f"core.{name}" for name in names.split())
    for path in answering:
        ours = {name for name in imports(path) if name.split(".")[0] in ("core", "ingest", "qdrant_client")}
        assert not {name for name in ours if not name.startswith(permitted)}, path


def test_imports_point_one_way() -> None:
    allowed = {"core": {"core"}, "ingest": {"core", "ingest"}, "cli": {"core", "ingest", "cli", "evals"}}
    ours = {"core", "ingest", "cli", "pages", "evals", "app"}
    for folder, permitted in allowed.items():
        for path in (ROOT / folder).rglob("*.py"):
            roots = {name.split(".")[0] for name in imports(path)}
            assert roots & ours <= permitted, path
            assert "streamlit" not in roots, path


def test_the_question_goes_through_both_stages(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    supply = add_contract(
        library,
        "Supply Agreement",
        ["Late delivery costs one percent a day.", "Notices are sent by post.", "The law of Ohio governs."],
    )
    add_contract(library, "Lease", ["Rent is due monthly.", "Late rent bears interest."])
    stages: list[str] = []
    finding = find_evidence(
        Inquiry("What does late delivery cost?", keep=1),
        library.snapshot(),
        WordEncoder(),
        OverlapScorer(),
        on_stage=stages.append,
    )
    assert stages == ["retrieve", "rerank"] == [time.stage for time in finding.timings]
    best = finding.ranking.kept[0]
    assert best.candidate.chunk.text == "Late delivery costs one percent a day."
    assert best.candidate.contract_title == "Supply Agreement"
    assert best.candidate.bm25 is not None
    assert best.candidate.dense is not None
    assert len(finding.ranking.all) == 5
    assert finding.contracts_searched == 2
    scoped = find_evidence(
        Inquiry("What does late rent cost?", (supply,)), library.snapshot(), WordEncoder(), OverlapScorer()
    )
    assert {one.candidate.chunk.contract_id for one in scoped.ranking.all} == {supply}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param({"question": " "}, "' '", id="empty question"),
        pytest.param({"question": "q", "candidates": 19}, "19", id="too few candidates"),
        pytest.param({"question": "q", "candidates": 201}, "201", id="too many candidates"),
        pytest.param({"question": "q", "keep": 0}, "not 0", id="nothing kept"),
        pytest.param({"question": "q", "minimum_relevance": 1.5}, "1.5", id="minimum above one"),
    ],
)
def test_an_inquiry_is_validated_at_the_door(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Inquiry(**arguments)  # type: ignore[arg-type]
