"""The load on the services themselves, in this process: line, search, reranker, answer, audit log, ingest."""

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.load_material import companies, library_pdf, other_pdf, question
from benchmarks.load_report import LoadReport, Outcome, crossed_and_missed, resident_mb, summarise
from core.audit.chain import verify
from core.audit.trail import RecordedAnswerer, find_on_record
from core.choose_answerer import choose_answerer
from core.models import EncoderSource, PairScores, Progress, Scorer, ignore_progress, load_scorer
from core.records import Inquiry
from core.search import Search, open_searcher
from core.settings import Settings
from core.stage3_answer import answer
from core.storage.tokens import tokenize
from core.waiting_line import WaitingLine
from ingest.index_contract import Tools
from ingest.intake import Intake
from ingest.open_library import open_library
from ingest.open_trail import audit_log, open_trail
from ingest.worker import Worker, work_off

LOOK_SECONDS = 0.3


class CheapScorer:
    """Counts the words that question and passage share: the load of everything but the cross-encoder."""

    def score_pairs(
        self,
        question: str,
        passages: Sequence[str],
        on_progress: Progress = ignore_progress,
        keep: int | None = None,  # noqa: ARG002
        similarities: Sequence[float] | None = None,  # noqa: ARG002
    ) -> PairScores:
        """One logit a passage."""
        wanted = set(tokenize(question))
        logits = np.asarray([len(wanted & set(tokenize(passage))) - 2.0 for passage in passages])
        on_progress(len(passages), len(passages))
        return PairScores(logits, np.zeros(len(passages), dtype=np.bool_))


@dataclass(frozen=True)
class Load:
    """How many sessions ask how many questions each, and how many files are indexed meanwhile."""

    sessions: int
    questions: int
    files: int
    cheap: bool


def run_core(load: Load, settings: Settings) -> LoadReport:
    """Every session in a thread of its own, as the pages do it."""
    names = companies(load.sessions)
    source = EncoderSource(settings.encoder)
    encoder = source.load(settings)
    scorer: Scorer = CheapScorer() if load.cheap else load_scorer(settings.reranker, settings)
    trail, line = open_trail(settings), WaitingLine(settings.max_waiting)
    tools = Tools.of(settings, lambda: encoder, source.token_counter())
    with open_library(settings, "the load") as library:
        door = Intake.of(settings, library.originals, library.jobs, partial(trail.offered, "the load"))
        door.add(library_pdf(names), "library.pdf")
        work_off(library, tools, trail=trail)
        searcher = open_searcher(settings, lambda: encoder, lambda: scorer, library.snapshot, line)
        longest = [0]

        def session(name: str) -> list[Outcome]:
            answerer = RecordedAnswerer(choose_answerer(settings, scorer), trail, f"session {name}")
            return [ask(name, number, answerer) for number in range(load.questions)]

        def ask(name: str, number: int, answerer: RecordedAnswerer) -> Outcome:
            inquiry = Inquiry(question(name, number), (), settings.candidates, settings.keep, 0.0)
            begin = time.perf_counter()
            try:
                work = Search(lambda report: find_on_record(searcher, trail, answerer.actor, inquiry, report))
                work.start()
                while work.wait(LOOK_SECONDS) is not None:
                    longest[0] = max(longest[0], line.waiting)
                finding = work.result()
                given = answer(finding.evidence, answerer)
            except Exception as error:
                return Outcome(
                    name, number, time.perf_counter() - begin, f"{type(error).__name__}: {error}"[:200]
                )
            kept = [judged.candidate.chunk.text for judged in finding.ranking.kept]
            own = finding.inquiry == inquiry and any(name in text for text in kept) and name in given.text
            return Outcome(name, number, time.perf_counter() - begin, own=own)

        ask(names[0], -1, RecordedAnswerer(choose_answerer(settings, scorer), trail, "warm-up"))
        before = resident_mb(os.getpid())
        worker = Worker(library, tools, trail)
        worker.start()
        feeder = threading.Thread(
            target=lambda: [door.add(other_pdf(one), f"other {one}.pdf") for one in range(load.files)]
        )
        feeder.start()
        begin = time.perf_counter()
        with ThreadPoolExecutor(load.sessions) as pool:
            outcomes = [outcome for several in pool.map(session, names) for outcome in several]
        wall = time.perf_counter() - begin
        feeder.join()
        after = resident_mb(os.getpid())
        alone = RecordedAnswerer(choose_answerer(settings, scorer), trail, "alone")
        foreign = crossed_and_missed(outcomes, lambda name, number: ask(name, number, alone))
        worker.stop()
        indexed = len(library.catalogue.contracts()) - 1
    chain = verify(audit_log(settings))
    return summarise(
        outcomes,
        foreign,
        load.sessions,
        wall,
        (before, after),
        longest[0],
        indexed,
        (chain.entries, not chain.faults),
    )
