"""What a command costs: seconds, processor time and memory of it and of every process that it starts."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import ROOT

SAMPLE_SECONDS = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall-clock and processor seconds, the most resident memory of all processes together at one moment (pages
    that two of them share count twice), and what the command printed.
    """

    seconds: float
    processor: float
    peak_mb: float
    output: str


def measure_command(
    command: Sequence[str], environment: Mapping[str, str] | None = None, stdin: str = ""
) -> Cost:
    """Run ``command`` in the repository's folder to its end.

    Args:
        command: program and arguments.
        environment: added to this process's own.
        stdin: what it reads.

    Raises:
        RuntimeError: it failed; the message ends with its last words.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watch = MemoryWatch(process.pid)
        output, errors = process.communicate(stdin)
        peak = watch.end()
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command[:4]} ended with {process.returncode}: {errors[-1500:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, used, peak, output)


class MemoryWatch:
    """Samples the memory of a process and its descendants, on Linux, until it is told to end."""

    def __init__(self, process_id: int) -> None:
        self._root = process_id
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> float:
        """The highest sample in megabytes; 0 where the system does not tell."""
        self._stop.set()
        self._thread.join()
        return self._peak / 2**20

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(map(_resident, descendants(self._root))))


def descendants(root: int) -> list[int]:
    """``root`` and every process below it."""
    found = [root]
    for process_id in found:
        for path in Path(f"/proc/{process_id}/task").glob("*/children"):
            try:
                found.extend(int(child) for child in path.read_text().split())
            except OSError:
                continue
    return found


def _resident(process_id: int) -> int:
    try:
        return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0
