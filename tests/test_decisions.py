"""Decisions on record: whole and unchanged after storing, listed, found, deleted; replayed and compared."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit.events import AuditedModel
from core.audit.trail import AuditedModels
from core.errors import CatalogueUnusable, ChatUnavailable
from core.health import Check
from core.records import (
    Answer,
    AnswerKind,
    Candidate,
    Chunk,
    ChunkKind,
    Citation,
    Evidence,
    Finding,
    FoundBy,
    Hit,
    Inquiry,
    Judged,
    Layer,
    Override,
    Quote,
    Ranking,
    Selection,
    StageTime,
    Statement,
    TraceStep,
    Verdict,
    Wording,
)
from core.stage2_rerank import select_evidence
from core.workbench.decision import (
    Decision,
    DecisionKind,
    Sent,
    from_json,
    new_decision_id,
    pack,
    to_json,
    unpack,
)
from core.workbench.decision_store import DecisionFilter, DecisionStore, UnknownDecision
from core.workbench.recorder import Context, Recorder, searched
from core.workbench.replay import compare
from core.workbench.workbench import check_workbench, open_workbench

MODELS = AuditedModels(
    "index", AuditedModel("words", "e1"), AuditedModel("overlap", "r1"), AuditedModel("stub"), "host"
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def judged(rank: int, verdict: Verdict = Verdict.KEPT, logit: float = 0.0, text: str = "Words.") -> Judged:
    chunk = Chunk(
        f"c{rank}", "k" * 64, rank, 0, len(text), text, ("1 Cap",), ChunkKind.CLAUSE, 1, 2, "Title > 1 Cap"
    )
    found = (FoundBy("dense", "cap", "question", rank, 0.5, ("a", "b")),)
    candidate = Candidate(chunk, "Supply Agreement", Hit(chunk.chunk_id, rank, 0.5), None, rank, 0.016, found)
    return Judged(candidate, logit, 0.25, rank, False, verdict)


def finding(*ones: Judged, inquiry: Inquiry | None = None, override: Override | None = None) -> Finding:
    asked = inquiry or Inquiry("What is the cap?", ("k" * 64,), selection=Selection.BEST_OF_EACH)
    kept = tuple(one for one in ones if one.verdict is Verdict.KEPT)
    ranking = Ranking(kept, tuple(one for one in ones if one not in kept))
    trace = (TraceStep(Layer.RETRIEVAL, "dense", "in", "out", 0.1, 1, 7, ("all that was sent",)),)
    return Finding(
        asked,
        ranking,
        select_evidence(asked, ranking),
        (StageTime("retrieve", 0.1),),
        1,
        ("A caution.",),
        {"c1": ("Hidden.",)},
        override,
        trace,
        (Wording("the cap", "rewrite", bm25=False), Wording("the cap + fees", "rm3", derived=True)),
        ("a note",),
    )


RANKED = finding(judged(1), judged(2, Verdict.BEYOND_KEEP))
PASSAGE = RANKED.evidence.passages[0]
ANSWER = Answer(
    AnswerKind.GENERATED,
    'It is "capped". [1] [9]',
    (Statement('It is "capped".', (Citation(1, PASSAGE), Citation(9, None)), (Quote("capped", False),)),),
    "stub",
    "Written by stub.",
    1.5,
    ("c",),
)


def decision(
    decision_id: str = "abcdefghij", at: str = "2026-01-02T03:04:05Z", actor: str = "ann"
) -> Decision:
    return Decision(
        decision_id,
        at,
        actor,
        RANKED,
        ANSWER,
        MODELS,
        searched(["k" * 64]),
        "0.1",
        (Sent("answer", "host", ("x",)),),
    )


class Saying:
    """Gives one answer, and does something before it."""

    def __init__(self, given: Answer, before: Callable[[], object] = lambda: None) -> None:
        self._given, self._before = given, before

    def answer(self, evidence: Evidence, on_text: Callable[[str], None]) -> Answer:  # noqa: ARG002
        self._before()
        return self._given


@pytest.fixture
def store(tmp_path: Path) -> DecisionStore:
    return DecisionStore(open_workbench(tmp_path))


def test_a_decision_survives_storing() -> None:
    override = Override(("c2",), ("c1",), "It is the other one.", "ann", "2026-01-02T03:04:05Z")
    whole = replace(
        decision(),
        finding=replace(RANKED, override=override),
        kind=DecisionKind.WHAT_IF,
        parent="zzz",
        typed="and?",
    )
    assert from_json(to_json(whole)) == whole
    assert unpack(pack(whole)) == whole


@given(question=TEXT.filter(str.strip), logit=FINITE, text=TEXT, seconds=FINITE, note=TEXT)
def test_any_text_and_number_survives_storing(
    question: str, logit: float, text: str, seconds: float, note: str
) -> None:
    one = finding(judged(1, logit=logit, text=text), inquiry=Inquiry(question))
    whole = replace(
        decision(), finding=replace(one, notes=(note,)), answer=replace(ANSWER, text=text, seconds=seconds)
    )
    assert from_json(to_json(whole)) == whole


def test_a_record_of_before_a_field_existed_has_its_default() -> None:
    plain = json.loads(to_json(decision()))
    del plain["kind"], plain["finding"]["trace"], plain["finding"]["inquiry"]["selection"]
    del plain["finding"]["ranking"]["kept"][0]["candidate"]["found_by"]
    older = from_json(json.dumps(plain).encode())
    assert (older.kind, older.finding.trace) == (DecisionKind.QUESTION, ())
    assert older.finding.inquiry.selection is Selection.BEST
    assert older.finding.ranking.kept[0].candidate.found_by == ()


def test_evidence_is_not_stored_but_selected_from_the_ranking() -> None:
    plain = json.loads(to_json(decision()))
    assert "evidence" not in plain["finding"]
    assert from_json(to_json(decision())).finding.evidence == RANKED.evidence


@pytest.mark.parametrize("record", [b"", b"{}", b'{"format": 99}', b"[]"])
def test_what_is_no_record_is_refused(record: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic's errors are ValueErrors of many texts
        from_json(record)


def test_ids_can_be_typed_and_do_not_repeat() -> None:
    ids = {new_decision_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(len(one) == 10 and set(one) <= set("abcdefghijklmnopqrstuvwxyz234567") for one in ids)


def test_found_by_the_beginning_of_its_id(store: DecisionStore) -> None:
    store.put(decision("abcdefghij"))
    store.put(decision("abzzzzzzzz"))
    assert store.get(" ABC ").decision_id == "abcdefghij"
    for name in ("", "ab", "q", "%", "_"):
        with pytest.raises(UnknownDecision):
            store.get(name)


def test_nobody_gets_the_decision_of_somebody_else(store: DecisionStore) -> None:
    store.put(decision(actor="ann"))
    assert store.get("abc", actor="ann").actor == "ann"
    with pytest.raises(UnknownDecision):
        store.get("abc", actor="bob")


def test_the_list_is_searched_by_person_words_day_and_answer(store: DecisionStore) -> None:
    store.put(decision("aaaaaaaaaa", "2026-01-01T10:00:00Z", "ann"))
    store.put(replace(decision("bbbbbbbbbb", "2026-01-02T10:00:00Z", "ann"), answer=None))
    store.put(decision("cccccccccc", "2026-01-03T10:00:00Z", "bob"))

    def ids(wanted: DecisionFilter) -> list[str]:
        return [one.decision_id[0] for one in store.find(wanted)]

    assert ids(DecisionFilter()) == ["c", "b", "a"]
    assert ids(DecisionFilter(actor="ann")) == ["b", "a"]
    assert ids(DecisionFilter(words="CAP supply")) == ["c", "b", "a"]
    assert ids(DecisionFilter(words="cap lease")) == []
    assert ids(DecisionFilter(since="2026-01-02")) == ["c", "b"]
    assert ids(DecisionFilter(until="2026-01-02")) == ["b", "a"]
    assert ids(DecisionFilter(answer_kind="none")) == ["b"]
    assert ids(DecisionFilter(limit=1, offset=1)) == ["b"]
    assert store.count(DecisionFilter(actor="ann")) == 2
    assert store.delete_before("2026-01-02") == 1
    store.delete("cccccccccc")
    assert ids(DecisionFilter()) == ["b"]


def test_a_file_that_lacks_a_table_says_so_instead_of_failing_later(
    store: DecisionStore, tmp_path: Path
) -> None:
    store.put(decision())
    with open_workbench(tmp_path).transaction() as connection:
        connection.execute("DROP TABLE decisions")
    with pytest.raises(CatalogueUnusable, match=r"lacks what belongs in it: decisions\. .*move it away"):
        open_workbench(tmp_path)
    found = check_workbench(tmp_path)
    assert not found.sound
    assert "decisions" in found.detail


def test_the_doctor_finds_a_workbench_in_order_and_makes_none(tmp_path: Path) -> None:
    assert check_workbench(tmp_path).detail == "not begun"
    assert list(tmp_path.iterdir()) == []
    open_workbench(tmp_path).close()
    assert check_workbench(tmp_path) == Check("workbench", True, "no damage in the file")


def test_a_damaged_record_is_named(store: DecisionStore, tmp_path: Path) -> None:
    store.put(decision())
    with open_workbench(tmp_path).transaction() as connection:
        connection.execute("UPDATE decisions SET record = ?", (zlib.compress(b"{}"),))
    with pytest.raises(CatalogueUnusable, match="abcdefghij"):
        store.get("abc")


def test_the_recorder_keeps_what_was_sent_word_for_word(store: DecisionStore) -> None:
    recorder = Recorder(store, MODELS)
    decision_id = recorder.found(RANKED, Context("ann", typed="and?"), ["other"])
    recorder.answer(decision_id, RANKED.evidence, Saying(ANSWER))
    kept = store.get(decision_id)
    assert [(one.purpose, one.host) for one in kept.sent] == [("dense", "host"), ("answer", "host")]
    assert kept.sent[0].messages == ("all that was sent",)
    assert "Words." in kept.sent[1].messages[1]
    assert kept.answer is not None
    assert replace(kept.answer, seconds=ANSWER.seconds) == ANSWER
    assert kept.searched == searched(["k" * 64])


def test_what_is_sent_is_on_record_before_it_is_sent(store: DecisionStore) -> None:
    recorder = Recorder(store, MODELS)
    decision_id = recorder.found(replace(RANKED, trace=()), Context("ann"), [])

    def service_is_away() -> None:
        (sent,) = store.get(decision_id).sent
        assert (sent.purpose, "Words." in sent.messages[1], bool(sent.at)) == ("answer", True, True)
        raise ChatUnavailable("The service", "is away.", "Try again.")

    with pytest.raises(ChatUnavailable):
        recorder.answer(decision_id, RANKED.evidence, Saying(ANSWER, service_is_away))
    assert [one.purpose for one in store.get(decision_id).sent] == ["answer"]
    assert store.get(decision_id).answer is None
    recorder.answer(decision_id, RANKED.evidence, Saying(ANSWER))
    assert [one.purpose for one in store.get(decision_id).sent] == ["answer", "answer"]


def test_an_answer_that_nobody_waits_for_is_on_record(store: DecisionStore) -> None:
    recorder = Recorder(store, MODELS)
    decision_id = recorder.found(RANKED, Context("ann"), [])
    recorder.answerer(decision_id, Saying(ANSWER)).answer(RANKED.evidence, lambda _: None)
    assert store.get(decision_id).answer == ANSWER


def test_an_answer_that_was_stopped_stays_stopped(store: DecisionStore) -> None:
    recorder = Recorder(store, MODELS)
    decision_id = recorder.found(RANKED, Context("ann"), [])
    stopped = replace(ANSWER, kind=AnswerKind.INCOMPLETE, text="It is")
    late = Saying(ANSWER, lambda: recorder.answered(decision_id, stopped))
    recorder.answerer(decision_id, late).answer(RANKED.evidence, lambda _: None)
    assert store.get(decision_id).answer == stopped
    recorder.answer(decision_id, RANKED.evidence, Saying(ANSWER))
    assert store.get(decision_id).answer != stopped


def test_what_a_reader_changes_sends_nothing_again(store: DecisionStore) -> None:
    override = Override((), ("c1",), "No.", "ann", "2026-01-02T03:04:05Z")
    decision_id = Recorder(store, MODELS).found(replace(RANKED, override=override), Context("ann"), [])
    assert store.get(decision_id).sent == ()


def test_what_is_deleted_is_gone_from_the_file(store: DecisionStore, tmp_path: Path) -> None:
    store.put(replace(decision(), typed="x", actor="somebody known"))
    store.delete("abcdefghij")
    assert not any(b"somebody known" in file.read_bytes() for file in tmp_path.iterdir())


def test_without_a_service_nothing_was_sent(store: DecisionStore) -> None:
    recorder = Recorder(store, replace(MODELS, endpoint=""))
    quiet = replace(RANKED, trace=())
    decision_id = recorder.found(quiet, Context("ann"), [])
    recorder.answer(decision_id, quiet.evidence, Saying(ANSWER))
    assert store.get(decision_id).sent == ()


def test_a_library_that_keeps_no_decisions_keeps_none() -> None:
    recorder = Recorder(None, MODELS)
    assert recorder.found(RANKED, Context("ann"), []) == ""
    recorder.answering("", RANKED.evidence)
    recorder.answered("", ANSWER)
    assert recorder.answer("", RANKED.evidence, Saying(ANSWER)).text == ANSWER.text


def test_a_decision_deleted_while_it_was_answered_stays_deleted(store: DecisionStore) -> None:
    recorder = Recorder(store, MODELS)
    decision_id = recorder.found(RANKED, Context("ann"), [])
    store.delete(decision_id)
    recorder.answer(decision_id, RANKED.evidence, Saying(ANSWER))
    assert store.find(DecisionFilter()) == ()


def test_the_same_ranking_is_called_the_same() -> None:
    comparison = compare(decision(), RANKED, MODELS, searched(["k" * 64]), ANSWER)
    assert (comparison.verdict, comparison.setting, comparison.ranking, comparison.answer) == (
        "same ranking",
        (),
        (),
        (),
    )


def test_a_logit_within_the_tolerance_is_the_same() -> None:
    moved = finding(judged(1, logit=0.0009), judged(2, Verdict.BEYOND_KEEP))
    assert compare(decision(), moved, MODELS, searched([])).same_ranking


def test_every_difference_is_named() -> None:
    now = finding(judged(1, Verdict.BEYOND_KEEP, 0.5), judged(3))
    models = replace(MODELS, reranker=AuditedModel("overlap", "r2"))
    comparison = compare(decision(), now, models, searched(["j" * 64]), replace(ANSWER, text="Otherwise."))
    assert [(one.subject, one.before, one.now) for one in comparison.setting] == [
        ("reranker", "r1", "r2"),
        ("contracts removed", "k" * 12, "not in the library"),
        ("contracts added", "not in the library", "j" * 12),
    ]
    place = "Supply Agreement, p. 1, 1 Cap"
    assert [(one.subject, one.before, one.now, one.decisive) for one in comparison.ranking] == [
        (place, "rank 1, logit 0.0000, kept", "rank 1, logit 0.5000, rank beyond the number kept", True),
        (place, "rank 2, logit 0.0000, rank beyond the number kept", "no candidate", False),
        (place, "no candidate", "rank 3, logit 0.0000, kept", True),
    ]
    assert comparison.verdict == "other passages are kept"
    assert comparison.answer[0].now == "generated: Otherwise."


def test_other_wordings_and_notes_are_named() -> None:
    now = replace(RANKED, wordings=(Wording("the limit", "rewrite"),), notes=())
    compared = compare(decision(), now, MODELS, searched(["k" * 64]))
    assert [(one.subject, one.before, one.now) for one in compared.setting] == [
        ("wordings searched beside the question", "the cap | the cap + fees", "the limit"),
        ("notes of the pipeline", "a note", "none"),
    ]
    assert compared.same_ranking
