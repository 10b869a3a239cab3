"""python -m benchmarks.history DATA_DIR [--decisions 10000]: how large a history becomes, and how fast it is searched.

Asks the questions of the sample corpus of a library, then stores what was found as often as needed under new ids in a
workbench of its own.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from cli.ask import open_desk
from core.records import Inquiry
from core.settings import load_settings
from core.workbench.decision import Decision, new_decision_id
from core.workbench.decision_store import DecisionFilter, DecisionStore
from core.workbench.recorder import Context, Recorder
from core.workbench.workbench import WORKBENCH_FILE, open_workbench

QUESTIONS = Path(__file__).resolve().parent.parent / "sample_corpus" / "questions.jsonl"
ASKED = 20
REPEATS = 20


def main() -> None:
    """Print sizes and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--decisions", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        store = DecisionStore(open_workbench(Path(directory)))
        decisions = list(_decided(given.data_dir, store))
        begin = time.perf_counter()
        for number in range(given.decisions - len(decisions)):
            like = decisions[number % len(decisions)]
            day = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T00:00:00Z"
            store.put(replace(like, decision_id=new_decision_id(), at=day, actor=f"reader {number % 10}"))
        stored = time.perf_counter() - begin
        size = (Path(directory) / WORKBENCH_FILE).stat().st_size
        sys.stdout.write(
            f"{given.decisions} decisions: {size / 1e6:.0f} MB, {size / given.decisions / 1e3:.1f} kB each\n"
        )
        sys.stdout.write(f"to store one: {1000 * stored / max(1, given.decisions - len(decisions)):.1f} ms\n")
        some = decisions[0].decision_id
        for name, work in (
            ("first page of one reader", lambda: store.find(DecisionFilter("reader 3", limit=25))),
            ("words, over everybody", lambda: store.find(DecisionFilter(words="liability cap", limit=25))),
            ("count of one reader", lambda: store.count(DecisionFilter("reader 3"))),
            ("one decision, whole", lambda: store.get(some)),
        ):
            sys.stdout.write(f"{name}: {_milliseconds(work):.1f} ms\n")


def _decided(data_dir: Path, store: DecisionStore) -> Iterator[Decision]:
    with open_desk(load_settings(data_dir), answering=True) as desk:
        recorder = Recorder(store, desk.trail.models)
        for line in QUESTIONS.read_text(encoding="utf-8").splitlines()[:ASKED]:
            finding = desk.searcher.find(Inquiry(json.loads(line)["question"]))
            context = Context("benchmark")
            decision_id = recorder.found(finding, context, desk.library.catalogue.ready_titles())
            assert desk.answerer is not None  # noqa: S101 - asked for above
            recorder.answer(decision_id, finding.evidence, desk.answerer)
            yield store.get(decision_id)


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1000 * median(times)


if __name__ == "__main__":
    main()
