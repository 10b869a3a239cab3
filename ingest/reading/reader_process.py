"""The program of the reader process: one task on its input, messages on its output.

``python -m ingest.reading.reader_process`` reads a line with the task in JSON and then the bytes of a PDF until the
end of its input. It writes one message in JSON a line. It may open no connection, start no program and write
no file, and the system ends it when it takes too much memory or time.
"""

import json
import math
import os
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import BinaryIO, Final

from ingest.reading.records import Message, ReadTask, Rejected, Rejection, Started

_DENIED: Final = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen")
_DENIED_STARTS: Final = ("os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.system", "pty.", "urllib.")


def main() -> None:
    """Do the one task that stands on the input."""
    output = _claim_output()
    task = task_from_json(sys.stdin.buffer.readline())
    _confine(task)
    content = sys.stdin.buffer.read()
    try:
        for message in _messages(content, task):
            output.write(message_to_json(message))
            output.flush()
    except MemoryError:
        output.write(message_to_json(Rejected(Rejection.TOO_MUCH_MEMORY)))
    except RecursionError:
        output.write(message_to_json(Rejected(Rejection.DAMAGED)))
    output.flush()
    # pdfium's own clean-up may fail on a document that it could not read.
    os._exit(0)


def _messages(content: bytes, task: ReadTask) -> Iterator[Message]:
    if task.ocr_pages:
        from ingest.reading.ocr import load_recogniser, read_by_ocr

        recognise = load_recogniser()
        yield Started()
        yield from read_by_ocr(content, task, recognise)
    else:
        from ingest.reading.read_pdf import read_document

        yield Started()
        yield from read_document(content, task)


def message_to_json(message: Message) -> bytes:
    """One line of JSON."""
    return json.dumps(asdict(message), ensure_ascii=True).encode() + b"\n"


def task_to_json(task: ReadTask) -> bytes:
    """One line of JSON."""
    return json.dumps(asdict(task), ensure_ascii=True).encode() + b"\n"


def task_from_json(line: bytes) -> ReadTask:
    """The inverse of ``task_to_json``."""
    fields = json.loads(line)
    return ReadTask(**{**fields, "ocr_pages": tuple(fields["ocr_pages"])})


def _claim_output() -> BinaryIO:
    """The output for messages alone: whatever a library prints goes to the error output instead."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(kept, "wb")


def _confine(task: ReadTask) -> None:
    seconds = math.ceil(task.wall_seconds)
    processors = os.cpu_count() or 1
    for limit, amount in (
        (resource.RLIMIT_AS, task.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    # At the soft limit the process is told that its time is up; at the hard one it would be killed without a
    # word, which looks like a lack of memory.
    processor_seconds = seconds * (processors if task.ocr_pages else 1)
    resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds + 1))
    # Should the application die, nobody is left to stop this process.
    signal.alarm(seconds + 1)
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: object) -> None:
    if event in _DENIED or event.startswith(_DENIED_STARTS):
        raise PermissionError(f"The reader process may not do this: {event}.")


if __name__ == "__main__":
    main()
