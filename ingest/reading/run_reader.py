"""Runs a reader process and passes on its messages; whatever becomes of the process, the caller is safe."""

import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from core.confinement import PACKAGE_ROOT, child_environment
from ingest.reading.reader_process import task_to_json
from ingest.reading.records import Finished, Message, ReadTask, Rejected, Rejection, Started

_LONGEST_MESSAGE: Final = 256 * 1024 * 1024
_GRACE_SECONDS: Final = 2.0
_MESSAGES: Final[TypeAdapter[Message]] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])
_TIME_SIGNALS: Final = (-signal.SIGALRM, -signal.SIGXCPU)
_MEMORY_SIGNALS: Final = (-signal.SIGABRT, -signal.SIGKILL)


def run_reader(content: bytes, task: ReadTask) -> Generator[Message, None, None]:
    """Read ``content`` in a process of its own.

    Yields:
        What the process says; the last message is ``Finished`` or ``Rejected``, whatever happens to it.
        Closing the iterator ends the process.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "ingest.reading.reader_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=PACKAGE_ROOT,
        env=child_environment(),
    )
    watch = _Watch(process, task.wall_seconds + _GRACE_SECONDS)
    feeder = threading.Thread(target=_feed, args=(process, task_to_json(task), content), daemon=True)
    feeder.start()
    try:
        yield from _pass_on(process, watch)
    finally:
        watch.end()
        feeder.join()


class _Watch:
    """Kills the process at its deadline, and remembers that it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self.expired = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        self.expired = True
        self._process.kill()

    def end(self) -> None:
        """End the process, whether or not it is done, and release what it held."""
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _pass_on(process: subprocess.Popen[bytes], watch: _Watch) -> Generator[Message, None, None]:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    started = False
    while line := process.stdout.readline(_LONGEST_MESSAGE):
        try:
            message = _MESSAGES.validate_json(line)
        except ValidationError:
            # Only a process that a hostile file has taken over, or that was cut off, speaks like this.
            break
        started = started or isinstance(message, Started)
        yield message
        if isinstance(message, Finished | Rejected):
            return
    if watch.expired:
        yield Rejected(Rejection.TOO_SLOW)
    else:
        yield _reason(process, started)


def _reason(process: subprocess.Popen[bytes], started: bool) -> Rejected:
    try:
        code = process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        return Rejected(Rejection.DAMAGED)
    if code in _TIME_SIGNALS:
        return Rejected(Rejection.TOO_SLOW)
    if not started:
        return Rejected(Rejection.READER_BROKEN)
    # pdfium has no other answer than to abort when it gets no more memory.
    return Rejected(Rejection.TOO_MUCH_MEMORY if code in _MEMORY_SIGNALS else Rejection.CRASHED)


def _feed(process: subprocess.Popen[bytes], task: bytes, content: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    try:
        with process.stdin as pipe:
            pipe.write(task)
            pipe.write(content)
    except (BrokenPipeError, OSError):
        # The process ended before it had read everything; what it said, or failed to say, tells why.
        return
