"""The load on the real app: a server of its own, real Streamlit sessions over websockets, files in its queue."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.request import urlopen

from benchmarks.load_core import Load
from benchmarks.load_material import companies, library_pdf, other_pdf, question
from benchmarks.load_report import LoadReport, Outcome, crossed_and_missed, resident_mb, summarise
from benchmarks.streamlit_session import StreamlitSession
from core.audit.chain import verify
from core.models import EncoderSource
from core.settings import Settings
from core.storage.database import CATALOGUE
from core.storage.jobs import FileStatus, Jobs
from core.storage.originals import Originals
from core.storage.sqlite_file import Database
from ingest.index_contract import Tools
from ingest.intake import Intake
from ingest.open_library import open_library, read_catalogue
from ingest.open_trail import audit_log, open_trail
from ingest.worker import work_off

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 300
HEADING = re.compile(r'<h1 class="question">(.*?)</h1>', re.S)
KEPT = re.compile(r'<article class="passage kept".*?</article>', re.S)
ANSWER = re.compile(r'<section class="answer".*?</section>', re.S)


def run_http(load: Load, settings: Settings, port: int) -> LoadReport:
    """Every session is a websocket of its own; latency is from the click to the end of the page's script."""
    names = companies(load.sessions)
    fill_library(names, settings)
    with app(settings, port) as (address, process_id):
        with StreamlitSession(address) as first:
            first.open()
            outcome(first, names[0], -1)
        before = resident_mb(process_id)
        feeder = threading.Thread(target=feed, args=(load.files, settings))
        feeder.start()
        begin = time.perf_counter()
        with ThreadPoolExecutor(load.sessions) as pool:
            results = list(pool.map(lambda name: session(address, name, load.questions), names))
        wall = time.perf_counter() - begin
        feeder.join()
        after = resident_mb(process_id)
        outcomes = [one for several, _ in results for one in several]
        foreign = crossed_and_missed(outcomes, lambda name, number: alone(address, name, number))
    indexed = len(read_catalogue(settings).contracts()) - 1
    chain = verify(audit_log(settings))
    return summarise(
        outcomes,
        foreign,
        load.sessions,
        wall,
        (before, after),
        max(ahead for _, ahead in results),
        indexed,
        (chain.entries, not chain.faults),
    )


def session(address: str, name: str, questions: int) -> tuple[list[Outcome], int]:
    """The outcomes of one session's questions, and the most questions it saw ahead of its own."""
    try:
        with StreamlitSession(address) as one:
            one.open()
            return [outcome(one, name, number) for number in range(questions)], one.most_ahead
    except Exception as error:
        message = f"{type(error).__name__}: {error}"[:200]
        return [Outcome(name, number, 0.0, message) for number in range(questions)], 0


def alone(address: str, name: str, number: int) -> Outcome:
    """The same question in a session that nobody else disturbs."""
    with StreamlitSession(address) as one:
        one.open()
        return outcome(one, name, number)


def outcome(one: StreamlitSession, name: str, number: int) -> Outcome:
    """Ask one question and look whether the page shows this question with this company's passage and answer."""
    asked = question(name, number)
    begin = time.perf_counter()
    page = one.ask(asked)
    seconds = time.perf_counter() - begin
    answers, kept = ANSWER.findall(page), KEPT.findall(page)
    if not answers:
        panels = re.findall(r'<section class="panel error".*?</section>', page, re.S)
        return Outcome(name, number, seconds, (panels or ["no answer on the page"])[0][:200])
    # Words of the question are marked in a passage.
    plain = [re.sub(r"<.*?>", "", part) for part in kept]
    own = HEADING.findall(page) == [asked] and any(name in part for part in plain) and name in answers[0]
    return Outcome(name, number, seconds, own=own)


def fill_library(names: tuple[str, ...], settings: Settings) -> None:
    """The contract that is asked about, indexed before the app starts."""
    source = EncoderSource(settings.encoder)
    with open_library(settings, "the load") as library:
        trail = open_trail(settings)
        announce = partial(trail.offered, "the load")
        Intake.of(settings, library.originals, library.jobs, announce).add(library_pdf(names), "library.pdf")
        tools = Tools.of(settings, lambda: source.load(settings), source.token_counter())
        work_off(library, tools, trail=trail)


def feed(files: int, settings: Settings) -> None:
    """Put files into the app's queue from outside, as ``proviso ingest`` does, and wait until they are in."""
    jobs = Jobs(Database(settings.directory / "catalogue.sqlite3", CATALOGUE))
    originals = Originals(settings.directory / "originals")
    door = Intake.of(settings, originals, jobs, partial(open_trail(settings).offered, "the load"))
    numbers = [door.add(other_pdf(number), f"other {number}.pdf") for number in range(files)]
    while any((job := jobs.get(number)) is not None and not job.ended for number in numbers):
        time.sleep(1)
    reports = [job.report for number in numbers if (job := jobs.get(number)) is not None]
    if any(report is None or report.status is not FileStatus.READY for report in reports):
        raise RuntimeError(f"Not every file was indexed: {reports}.")


@contextmanager
def app(settings: Settings, port: int) -> Iterator[tuple[str, int]]:
    """The app with these settings; gives its address and its process id."""
    environment = {
        **os.environ,
        "PROVISO_DATA_DIR": str(settings.directory),
        "PROVISO_CANDIDATES": str(settings.candidates),
        "PROVISO_MINIMUM_RELEVANCE": "0",
        "PROVISO_MAX_WAITING": str(settings.max_waiting),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", str(port)]
    log = settings.directory / "app.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + START_SECONDS
        while not healthy(address):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"The app did not start: {log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(60)


def healthy(address: str) -> bool:
    """True when the server answers."""
    with suppress(OSError), urlopen(f"{address}/_stcore/health", timeout=2) as reply:  # noqa: S310
        return bool(reply.status == 200)
    return False
