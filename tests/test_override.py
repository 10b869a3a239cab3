"""A reader's override and the best of each contract: who decides is said, what is scored stays, the seal holds."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answering.prompt import messages
from core.ask import find_evidence
from core.explain.what_if import OverrideRefused, with_override
from core.records import Finding, Inquiry, Override, Selection, Verdict
from core.stage2_rerank import override, select_evidence
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library
from tests.pages_kit import make_trail
from tests.rankings import ids, ranked, texts

AT = "2026-11-25T09:00:00+00:00"
ROWS = [("a", "one", 3.0), ("a", "two", 2.0), ("b", "three", 1.0), ("c", "four", 0.0)]


def made(
    promoted: tuple[str, ...], removed: tuple[str, ...], reason: str = "It is the amended clause."
) -> Override:
    return Override(promoted, removed, reason, "ann", AT)


def test_a_reader_swaps_a_passage_and_the_scores_stay() -> None:
    inquiry = Inquiry("q", keep=2)
    before = ranked(inquiry, *ROWS)
    after = override(before, ids(before.discarded[1:]), ids(before.kept[:1]), inquiry.keep)
    assert texts(after.kept) == ["two", "four"]
    assert [one.verdict for one in after.kept] == [Verdict.KEPT, Verdict.PROMOTED]
    assert [(one.candidate.chunk.text, one.verdict) for one in after.discarded] == [
        ("one", Verdict.REMOVED),
        ("three", Verdict.BEYOND_KEEP),
    ]
    assert [(one.rank, one.logit) for one in after.all] == [(1, 3.0), (2, 2.0), (3, 1.0), (4, 0.0)]
    assert [passage.text for passage in select_evidence(inquiry, after).passages] == ["two", "four"]


@pytest.mark.parametrize(
    ("promoted", "removed", "reason"),
    [
        pytest.param(["three"], [], "3 passages would be kept, and only 2", id="more than K"),
        pytest.param(["one"], [], "promoted is not discarded", id="promoted is kept already"),
        pytest.param([], ["four"], "removed is not kept", id="removed is not kept"),
        pytest.param(["none"], [], "'none'", id="no such candidate"),
    ],
)
def test_an_override_that_cannot_be_is_refused(promoted: list[str], removed: list[str], reason: str) -> None:
    ranking = ranked(Inquiry("q", keep=2), *ROWS)
    known = {one.candidate.chunk.text: one.candidate.chunk.chunk_id for one in ranking.all}
    with pytest.raises(ValueError, match=reason):
        override(ranking, [known.get(text, text) for text in promoted], [known[text] for text in removed], 2)


@pytest.mark.parametrize(
    ("promoted", "removed", "why", "reason"),
    [
        pytest.param((), (), "because", "at least one", id="nothing is changed"),
        pytest.param(("x",), ("x",), "because", "twice", id="in and out"),
        pytest.param(("x",), (), "  ", "needs a reason", id="no reason"),
    ],
)
def test_an_override_says_what_and_why(
    promoted: tuple[str, ...], removed: tuple[str, ...], why: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        made(promoted, removed, why)


@settings(deadline=None)
@given(st.data())
def test_whatever_a_reader_chooses_the_evidence_is_that_and_nothing_else(data: st.DataObject) -> None:
    keep = data.draw(st.integers(1, 6))
    logits = data.draw(st.lists(st.floats(-9, 9), min_size=1, max_size=15))
    inquiry = Inquiry("q", keep=keep, minimum_relevance=0.1)
    before = ranked(inquiry, *((("ab")[at % 2], f"text {at}", logit) for at, logit in enumerate(logits)))
    promoted = data.draw(st.sets(st.sampled_from(ids(before.discarded)))) if before.discarded else set()
    removed = data.draw(st.sets(st.sampled_from(ids(before.kept)))) if before.kept else set()
    wanted = (set(ids(before.kept)) - removed) | promoted
    if len(wanted) > keep:
        with pytest.raises(ValueError, match="only"):
            override(before, promoted, removed, keep)
        return
    after = override(before, promoted, removed, keep)
    assert {passage.chunk_id for passage in select_evidence(inquiry, after).passages} == wanted
    assert ids(after.all) == ids(before.all)
    assert [one.logit for one in after.all] == [one.logit for one in before.all]


def test_the_best_of_each_contract_takes_one_place_each() -> None:
    inquiry = Inquiry("q", keep=2, minimum_relevance=0.3, selection=Selection.BEST_OF_EACH)
    ranking = ranked(inquiry, *ROWS, ("d", "five", -3.0))
    assert texts(ranking.kept) == ["one", "three"]
    assert [one.verdict for one in ranking.discarded] == [
        Verdict.SAME_CONTRACT,
        Verdict.BEYOND_KEEP,
        Verdict.BELOW_MINIMUM,
    ]


CLAUSES = [
    "Late delivery costs one percent a day.",
    "Notices of late payment are sent by post.",
    "The law of Ohio governs.",
]


def found(tmp_path: Path, keep: int = 1) -> tuple[Finding, object]:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", CLAUSES)
    inquiry = Inquiry("What does late delivery cost?", keep=keep)
    return find_evidence(inquiry, library.snapshot(), WordEncoder(), OverlapScorer()), library


def test_the_request_holds_the_overridden_passages_and_none_of_the_others(tmp_path: Path) -> None:
    finding, library = found(tmp_path)
    kept, other, last = (one.candidate.chunk for one in finding.ranking.all)
    changed = with_override(
        finding,
        made((last.chunk_id,), (kept.chunk_id,)),
        library.snapshot(),  # type: ignore[attr-defined]
    )
    sent = json.dumps([message.content for message in messages(changed.evidence)])
    assert last.text in sent
    assert kept.text not in sent
    assert other.text not in sent
    assert changed.override is not None
    assert changed.override.reason == "It is the amended clause."
    assert finding.override is None
    assert [passage.number for passage in changed.evidence.passages] == [1]


def test_a_passage_that_was_deleted_meanwhile_is_not_promoted(tmp_path: Path) -> None:
    finding, library = found(tmp_path)
    change = made((finding.ranking.discarded[0].candidate.chunk.chunk_id,), finding_ids(finding))
    library.delete(finding.ranking.kept[0].candidate.chunk.contract_id)  # type: ignore[attr-defined]
    with pytest.raises(OverrideRefused, match="no longer in the library"):
        with_override(finding, change, library.snapshot())  # type: ignore[attr-defined]


def finding_ids(finding: Finding) -> tuple[str, ...]:
    return ids(finding.ranking.kept)


def test_too_many_passages_are_refused_in_words_for_the_reader(tmp_path: Path) -> None:
    finding, library = found(tmp_path)
    change = made(ids(finding.ranking.discarded), ())
    with pytest.raises(OverrideRefused, match="3 passages would be kept, and only 1 may be"):
        with_override(finding, change, library.snapshot())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("questions", "stands"), [(True, True), (False, False)])
def test_an_override_is_on_the_record(tmp_path: Path, questions: bool, stands: bool) -> None:
    from core.audit.trail import AuditPolicy

    trail = make_trail(tmp_path, AuditPolicy(questions=questions))
    trail.overridden(Inquiry("What?"), made(("x",), ("y",)))
    (row,) = trail.log.rows()  # type: ignore[attr-defined]
    entry = json.loads(row.entry)
    assert (entry["action"], entry["actor"], entry["promoted"], entry["removed"]) == (
        "override",
        "ann",
        ["x"],
        ["y"],
    )
    assert (entry.get("reason") == "It is the amended clause.") == stands
