"""How soon Proviso can be used: ``proviso ask`` from nothing, the app's first paint, reruns and clicks.

The app is used as a browser uses it, over its websocket; where a Chromium is on this machine, the first paint is also
measured in it.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.load import free_port
from benchmarks.load_http import healthy
from benchmarks.machine import ROOT
from benchmarks.process_cost import descendants, measure_command
from benchmarks.records import Figure, Material, Section, Value
from benchmarks.streamlit_session import StreamlitSession

QUESTION = "What is the cap on liability?"
TIMES, QUICK_TIMES = 7, 3
START_SECONDS = 300
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
HEAVY = ("torch", "transformers", "sentence_transformers", "streamlit", "pandas", "qdrant_client")


def sections(material: Material) -> tuple[Section, ...]:
    """The command line, then the app."""
    times = QUICK_TIMES if material.quick else TIMES
    return command_line(material.settings.directory, times), application(material.settings.directory, times)


def command_line(directory: Path, times: int) -> Section:
    """Commands in a process of their own each time, from the start of Python to the end."""
    commands: dict[str, list[str]] = {
        "proviso list": ["list"],
        "proviso ask, 100 candidates": ["ask", QUESTION],
        "proviso ask, 20 candidates": ["ask", QUESTION, "--candidates", "20"],
    }
    rows: list[tuple[Value, ...]] = []
    figures: list[Figure] = []
    for name, arguments in commands.items():
        command = [sys.executable, "-m", "cli", *arguments, "--data-dir", str(directory)]
        costs = [measure_command(command) for _ in range(times)]
        seconds, processor = median(one.seconds for one in costs), median(one.processor for one in costs)
        rows.append((name, seconds, min(one.seconds for one in costs), processor, costs[0].peak_mb))
        figures += [
            Figure(f"startup/{name}", seconds, "s"),
            Figure(f"startup/{name}/processor", processor, "s"),
        ]
    return Section(
        "Commands, cold",
        ("command", "seconds, median", "fastest", "processor s", "peak MB"),
        tuple(rows),
        tuple(figures),
        (f"Imported by ask: {', '.join(imported(directory)) or 'none of ' + ', '.join(HEAVY)}.",),
    )


def imported(directory: Path) -> list[str]:
    """Which of the packages that take long to import ``proviso ask`` has imported at its end."""
    program = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('HEAVY', *[name for name in {HEAVY!r} if name in sys.modules]))\n"
        f"sys.argv = ['proviso', 'ask', {QUESTION!r}, '--candidates', '20', '--data-dir', {str(directory)!r}]\n"
        "from cli.main import main\nmain()\n"
    )
    output = measure_command([sys.executable, "-c", program]).output
    return output.splitlines()[-1].split()[1:]


def application(directory: Path, times: int) -> Section:
    """The app started anew for its first paint; then one session's question, reruns and clicks."""
    first, healthy_after, used = [], [], []
    seen: list[float] = []
    opened: list[float] = []
    for _ in range(QUICK_TIMES):
        begin = time.perf_counter()
        with app(directory) as (address, process):
            healthy_after.append(time.perf_counter() - begin)
            with StreamlitSession(address) as session:
                session.open()
                first.append(time.perf_counter() - begin)
                session.ask(QUESTION)
                used.append(time.perf_counter() - begin)
                steps = clicks(session, times)
            memory = sum(_resident_mb(one) for one in descendants(process))
    for _ in range(QUICK_TIMES if chromium() else 0):
        from_start, from_opening = first_paint_in_chromium(directory)
        seen.append(from_start)
        opened.append(from_opening)
    rows: list[tuple[Value, ...]] = [
        ("start to healthy", median(healthy_after), min(healthy_after)),
        ("start to first page, whole script", median(first), min(first)),
        ("start to first answer of 100 candidates", median(used), min(used)),
    ]
    if seen:
        rows.insert(2, ("start to first page seen in Chromium", median(seen), min(seen)))
        rows.insert(3, ("address opened in Chromium to first page seen", median(opened), min(opened)))
    rows += [(name, median(values), min(values)) for name, values in steps.items()]
    figures = tuple(Figure(f"startup/{row[0]}", float(row[1] or 0), "s") for row in rows)
    note = f"Resident memory of the app at the end: {memory:.0f} MB."
    return Section(
        "The app, cold, and with 100 candidates on screen",
        ("what", "seconds, median", "fastest"),
        tuple(rows),
        figures,
        (note,),
    )


def clicks(session: StreamlitSession, times: int) -> dict[str, list[float]]:
    """Seconds of what a user does with a ranking on the screen."""
    acts: dict[str, Callable[[], None]] = {
        "rerun of the whole page": session.rerun,
        "discarded passages sorted anew": lambda: session.choose("discarded_order", "BM25 rank"),
        "a page opened": lambda: session.press("Open page"),
    }
    return {name: [_seconds(act) for _ in range(times)] for name, act in acts.items()}


def first_paint_in_chromium(directory: Path) -> tuple[float, float]:
    """Seconds to the heading of the first page on the screen: from the start of the server, and from the opening of
    its address as soon as it answers.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        begin = time.perf_counter()
        with app(directory) as (address, _):
            opened = time.perf_counter()
            page.goto(address)
            page.wait_for_selector("h1", timeout=START_SECONDS * 1000)
            seen = time.perf_counter()
        browser.close()
    return seen - begin, seen - opened


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


@contextmanager
def app(directory: Path) -> Iterator[tuple[str, int]]:
    """``proviso serve`` of a library; gives its address and its process id once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "cli", "serve", "--port", str(port), "--data-dir", str(directory)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    try:
        while not healthy(address):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("The app did not start.")
            time.sleep(0.02)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(60)


def _seconds(act: Callable[[], None]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def _resident_mb(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
