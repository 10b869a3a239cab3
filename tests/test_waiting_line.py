"""Under load: the line in front of the cross-encoder, and searches that are watched, cancelled or abandoned."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.answering.chat import ChatDelta, Message
from core.ask import find_evidence
from core.models import PairScores, Progress, ignore_progress
from core.records import Finding, Inquiry
from core.search import Cancelled, Phase, Report, Search, Searcher, Standing
from core.waiting_line import LineFull, WaitingLine
from tests.fakes import OverlapScorer, WordEncoder, add_contract, open_test_library

WORDS = [f"sentinel{number:02}" for number in range(50)]


class GatedScorer(OverlapScorer):
    """Scores one passage, tells so, and goes on when the gate is open."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.gate = threading.Event()

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,
        similarities: Sequence[float] | None = None,
    ) -> PairScores:
        on_progress(1, len(passages))
        self.begun.set()
        assert self.gate.wait(30)
        return super().score_pairs(question, passages, on_progress, keep, similarities)


class FailingScorer(OverlapScorer):
    """Fails on questions that hold the word ``fault``."""

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,
        similarities: Sequence[float] | None = None,
    ) -> PairScores:
        if "fault" in question:
            raise ZeroDivisionError
        return super().score_pairs(question, passages, on_progress, keep, similarities)


def searcher_over(
    directory: Path, scorer: OverlapScorer, clauses: Sequence[str], line: WaitingLine
) -> Searcher:
    library = open_test_library(directory)
    add_contract(library, "Supply", clauses)
    return Searcher(WordEncoder, lambda: scorer, library.snapshot, line)


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_are_served_together_than_may_be(at_once: int) -> None:
    line = WaitingLine(at_once=at_once)
    together: list[int] = []
    inside = threading.Semaphore(0)
    lock, now = threading.Lock(), [0]

    def ask(_: int) -> None:
        with line.turn():
            with lock:
                now[0] += 1
                together.append(now[0])
            inside.release()
            with lock:
                now[0] -= 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(ask, range(60)))
    assert len(together) == 60
    assert max(together) <= at_once
    assert line.waiting == 0


def test_who_is_patient_is_served_last_and_is_never_turned_away() -> None:
    line = WaitingLine(longest=2)
    served: list[str] = []
    threads: list[threading.Thread] = []

    def ask(name: str, patient: bool) -> None:
        with line.turn(patient=patient):
            served.append(name)

    with line.turn():
        for waiting, (name, patient) in enumerate(
            [("review 1", True), ("ann", False), ("review 2", True), ("bea", False), ("review 3", True)]
        ):
            threads.append(threading.Thread(target=ask, args=(name, patient)))
            threads[-1].start()
            while line.waiting <= waiting:
                threads[-1].join(0.001)
        # Two who are not patient wait, and no more may.
        with pytest.raises(LineFull), line.turn():
            pass
    for thread in threads:
        thread.join()
    assert served == ["ann", "bea", "review 1", "review 2", "review 3"]


def test_patient_work_does_not_fill_the_line() -> None:
    line = WaitingLine(longest=0)
    asked, served = threading.Event(), []

    def ask() -> None:
        with line.turn(lambda _: asked.set()):
            served.append("ann")

    with line.turn(patient=True):
        thread = threading.Thread(target=ask)
        thread.start()
        assert asked.wait(30)
    thread.join()
    assert served == ["ann"]


def test_the_first_to_come_is_the_first_to_be_served() -> None:
    line = WaitingLine()
    served: list[int] = []
    threads: list[threading.Thread] = []

    def ask(number: int, arrived: threading.Event) -> None:
        with line.turn(lambda _: arrived.set()):
            served.append(number)

    with line.turn():
        for number in range(5):
            arrived = threading.Event()
            threads.append(threading.Thread(target=ask, args=(number, arrived)))
            threads[-1].start()
            assert arrived.wait(30)
        assert line.waiting == 5
    for thread in threads:
        thread.join(30)
    assert served == [0, 1, 2, 3, 4]


def test_a_full_line_says_how_many_wait() -> None:
    line = WaitingLine(longest=1)
    arrived, refused = threading.Event(), []

    def wait() -> None:
        with line.turn(lambda _: arrived.set()):
            pass

    with line.turn():
        thread = threading.Thread(target=wait)
        thread.start()
        assert arrived.wait(30)
        with pytest.raises(LineFull) as caught, line.turn():
            refused.append("not refused")
    thread.join(30)
    assert refused == []
    assert caught.value.reason == "1 questions are waiting already, and no more may wait."
    assert caught.value.next_step == "Ask again in a minute."


@pytest.mark.parametrize(("longest", "at_once"), [(-1, 1), (0, 0)])
def test_a_line_that_serves_nobody_is_refused(longest: int, at_once: int) -> None:
    with pytest.raises(ValueError, match=f"not {longest} and {at_once}"):
        WaitingLine(longest, at_once)


def test_fifty_sessions_get_their_own_results_while_contracts_are_added(tmp_path: Path) -> None:
    line = WaitingLine()
    library = open_test_library(tmp_path)
    clauses = [f"The {word} clause stands alone." for word in WORDS]
    add_contract(library, "Supply", clauses)
    searcher = Searcher(WordEncoder, OverlapScorer, library.snapshot, line)
    stop = threading.Event()
    added: list[str] = []

    def ingest() -> None:
        while not stop.is_set():
            added.append(add_contract(library, f"Other {len(added)}", [f"Number {len(added)} says nothing."]))

    def session(word: str) -> list[Finding]:
        question = Inquiry(f"What of the {word} clause?", keep=1)
        return [Search(lambda report: searcher.find(question, report)).start().result() for _ in range(2)]

    thread = threading.Thread(target=ingest)
    thread.start()
    try:
        with ThreadPoolExecutor(50) as pool:
            results = list(pool.map(session, WORDS))
    finally:
        stop.set()
        thread.join(30)
    assert added
    for word, findings in zip(WORDS, results, strict=True):
        for finding in findings:
            assert finding.inquiry.question == f"What of the {word} clause?"
            assert [one.text for one in finding.evidence.passages] == [f"The {word} clause stands alone."]
    library.close()


class GatedChat:
    """A model service that writes when the gate is open."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.gate = threading.Event()

    def stream(self, messages: tuple[Message, ...]) -> Iterator[ChatDelta]:  # noqa: ARG002
        self.asked.set()
        assert self.gate.wait(30)
        yield ChatDelta("another wording", "stop")


def test_nobody_waits_for_a_question_that_waits_for_the_model_service(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", ["Goods are delivered."])
    chat = GatedChat()
    searcher = Searcher(
        WordEncoder, OverlapScorer, library.snapshot, WaitingLine(longest=5, at_once=1), chat=chat
    )
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(searcher.find, Inquiry("goods delivered", pipeline="rewrite"))
        assert chat.asked.wait(30)
        assert len(searcher.find(Inquiry("goods delivered")).ranking.all) == 1
        chat.gate.set()
        finding = slow.result(30)
    assert [wording.text for wording in finding.wordings if wording.origin == "rewrite"] == [
        "another wording"
    ]


def test_a_contract_deleted_while_a_question_waits_is_no_candidate(tmp_path: Path) -> None:
    library = open_test_library(tmp_path)
    add_contract(library, "Supply", ["Goods are delivered."])
    gone = add_contract(library, "Lease", ["Goods are stored."])

    @contextmanager
    def waiting() -> Iterator[None]:
        library.delete(gone)
        yield

    asked = Inquiry("goods")
    finding = find_evidence(asked, library.snapshot(), WordEncoder(), OverlapScorer(), turn=waiting)
    assert [one.candidate.chunk.text for one in finding.ranking.all] == ["Goods are delivered."]


def test_a_fault_in_one_question_holds_up_no_other(tmp_path: Path) -> None:
    searcher = searcher_over(tmp_path, FailingScorer(), ["The cap is one million."], WaitingLine())
    questions = ["a fault?", "the cap?", "another fault?", "which cap?"]
    searches = [Search(lambda report, q=q: searcher.find(Inquiry(q), report)).start() for q in questions]  # type: ignore[misc]
    outcomes: list[str] = []
    for search in searches:
        try:
            outcomes.append(search.result().inquiry.question)
        except ZeroDivisionError:
            outcomes.append("failed")
    assert outcomes == ["failed", "the cap?", "failed", "which cap?"]


def test_progress_is_told_while_candidates_are_scored(tmp_path: Path) -> None:
    scorer = GatedScorer()
    searcher = searcher_over(tmp_path, scorer, ["One clause.", "Another clause."], WaitingLine())
    search = Search(lambda report: searcher.find(Inquiry("Which clause?"), report)).start()
    assert scorer.begun.wait(30)
    assert search.wait(0) == Standing(Phase.RERANK, done=1, of=2)
    scorer.gate.set()
    assert len(search.result().ranking.all) == 2
    assert search.wait(0) is None


@pytest.mark.parametrize("scored", [False, True], ids=["while waiting", "while being scored"])
def test_a_cancelled_question_leaves_and_the_next_is_served(tmp_path: Path, scored: bool) -> None:
    scorer = GatedScorer()
    line = WaitingLine()
    searcher = searcher_over(tmp_path, scorer, ["One clause."], line)
    first = Search(lambda report: searcher.find(Inquiry("First?"), report)).start()
    assert scorer.begun.wait(30)
    second = Search(lambda report: searcher.find(Inquiry("Second?"), report)).start()
    cancelled, other = (first, second) if scored else (second, first)
    cancelled.cancel()
    scorer.gate.set()
    with pytest.raises(Cancelled):
        cancelled.result()
    assert cancelled.given_up
    assert other.result().evidence.question == ("Second?" if scored else "First?")
    assert line.waiting == 0


@pytest.mark.parametrize(
    ("looked_after", "given_up"),
    [pytest.param([5, 5, 5], False, id="watched"), pytest.param([5, 11], True, id="nobody looks for 11 s")],
)
def test_a_question_that_nobody_watches_is_given_up(looked_after: list[float], given_up: bool) -> None:
    now = [0.0]
    steps = threading.Semaphore(0)
    taken = threading.Semaphore(0)
    done = threading.Event()

    def work(report: Report) -> Finding:
        try:
            for _ in looked_after:
                steps.acquire()
                report(Standing(Phase.WAITING, ahead=1))
                taken.release()
            raise ZeroDivisionError
        finally:
            done.set()

    search = Search(work, patience=10, clock=lambda: now[0]).start()
    for seconds in looked_after:
        now[0] += seconds
        steps.release()
        if seconds < 10:
            assert taken.acquire(timeout=30)
            search.wait(0)
    assert done.wait(30)
    with pytest.raises(Cancelled if given_up else ZeroDivisionError):
        search.result()
    assert search.given_up == given_up


def test_whatever_ends_a_search_is_told_to_whoever_watches() -> None:
    def work(report: Report) -> Finding:
        report(Standing(Phase.RETRIEVE))
        raise SystemExit("gone")

    search = Search(work).start()
    with pytest.raises(SystemExit, match="gone"):
        search.result()
    assert not search.given_up
